/**
 * What a Worker's invocation was, from the thread that ran it to the Workers that hear of it
 * (`tail_consumers`, spec/platform.md 16.1): travels as the argument of a `tail` event over a link.
 */

/** Of an invocation, in the words of production. */
export type TraceOutcome =
  | "ok"
  | "exception"
  | "canceled"
  | "exceededCpu"
  | "exceededMemory"
  | "responseStreamDisconnected"
  | "unknown";

export type ExecutionModel = "stateless" | "durableObject";

export interface FetchTrace {
  readonly type: "fetch";
  /** As they came; what may be a secret is hidden by whoever shows them. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cf: unknown;
  /** Absent if the handler threw. */
  readonly status: number | undefined;
}

export type TraceEvent =
  | FetchTrace
  | { readonly type: "rpc"; readonly rpcMethod: string }
  | { readonly type: "scheduled"; readonly cron: string; readonly scheduledTime: number }
  | { readonly type: "queue"; readonly queue: string; readonly batchSize: number }
  | {
      readonly type: "email";
      readonly mailFrom: string;
      readonly rcptTo: string;
      readonly rawSize: number;
    }
  | { readonly type: "tail"; readonly consumed: readonly (string | null)[] }
  /** `scheduledTime`: ms since 1970. */
  | { readonly type: "alarm"; readonly scheduledTime: number }
  | HibernatableTrace
  /** The events of a streaming tail. */
  | { readonly type: "tailStream" }
  | { readonly type: "connect" }
  | { readonly type: "other" };

/** What a hibernating WebSocket of a Durable Object was told. */
export interface HibernatableTrace {
  readonly type: "webSocket";
  readonly event: "message" | "close" | "error";
  /** Of `close`. */
  readonly code?: number;
  readonly wasClean?: boolean;
}

export interface TraceLogData {
  readonly level: string;
  /** JSON of the arguments. */
  readonly message: string;
  readonly timestamp: number;
  /** By position; absent if no argument is an error. */
  readonly errors?: readonly (TraceErrorData | null)[];
}

export interface TraceErrorData {
  readonly name: string;
  readonly message: string;
  /** Without its first line. */
  readonly stack?: string;
}

export interface TraceExceptionData extends TraceErrorData {
  readonly timestamp: number;
}

export interface TraceChannelData {
  readonly channel: string;
  /** A structured clone. */
  readonly message: unknown;
  readonly timestamp: number;
}

/** How streaming consumers know an event. */
export interface StreamIds {
  readonly traceId: string;
  readonly invocationId: string;
  /** Of the whole of it. */
  readonly spanId: string;
  /** The span that it follows from, if one is known. */
  readonly parent: string | undefined;
}

export interface TraceData {
  readonly event: TraceEvent;
  /** Milliseconds since the epoch. */
  readonly eventTimestamp: number;
  /** Null: of a dynamic Worker. */
  readonly scriptName: string | null;
  readonly entrypoint: string | undefined;
  readonly executionModel: ExecutionModel;
  readonly durableObjectId: string | undefined;
  readonly logs: readonly TraceLogData[];
  readonly exceptions: readonly TraceExceptionData[];
  readonly channels: readonly TraceChannelData[];
  readonly outcome: TraceOutcome;
  readonly truncated: boolean;
  /** Milliseconds. */
  readonly wallTime: number;
  /** Workers whose own tail handlers led to this: none hears of what it caused itself. */
  readonly via: readonly string[];
  /** Of an event that ended with its thread: streaming consumers are told by the next one. */
  readonly stream?: StreamIds | undefined;
}

/** What is known of an event when it begins; `invocation`: its number in the thread (running.ts). */
export interface JournalHead
  extends Pick<
    TraceData,
    | "event"
    | "eventTimestamp"
    | "scriptName"
    | "entrypoint"
    | "executionModel"
    | "durableObjectId"
    | "via"
    | "stream"
  > {
  readonly invocation: number;
}

/** JSON in a journal (util/journal.ts) that a thread shares with the host: what it records, as it records it. */
export type JournalLine = { readonly trace: number } & (
  | { readonly head: JournalHead }
  | { readonly log: TraceLogData }
  | { readonly exception: TraceExceptionData }
  | { readonly isOver: true }
);

/* ------------------------------ streaming (spec/platform.md 16.2) ------------------------------ */

/** What a `tailStream` handler is given, as it is given; travels as bytes of a stream, one after the other. */
export interface TailStreamEvent {
  readonly spanContext: { readonly traceId: string; readonly spanId?: string };
  readonly invocationId: string;
  readonly timestamp: Date;
  /** From 0. */
  readonly sequence: number;
  readonly event: { readonly type: string } & Readonly<Record<string, unknown>>;
}

/** The argument of the event `tailStream`; the stream follows it. */
export interface TailStreamOpening {
  readonly scriptName: string | null;
  readonly via: readonly string[];
  /** Its number in the thread (protocol/running.ts). */
  readonly invocation: number;
  /** The socket beside which the thread's last words will be (last-words.ts); absent without. */
  readonly socket?: string;
  /** The thread's number in its process. */
  readonly thread: number;
}
