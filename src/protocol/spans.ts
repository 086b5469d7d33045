/**
 * What a traced request did (`--trace`): one record per call that a Worker made on its behalf, told by
 * the caller's thread when the answer is there, and one for the request or event itself when its
 * invocation is over. Records of a request make a tree by `parent`.
 */

/** Query `trace`: a trace id. What this session's Workers did for it lately, as JSON: SpanRecord[]. */
export const SPANS_PATH = "/cdn-cgi/drover/spans";

/** How a thread names what it traces. */
export interface TracingSpec {
  /** 24 hexadecimal digits: with the number of a request behind it they are its trace id. */
  readonly seed: string;
  /** Calls are recorded; else requests are only given their ids. */
  readonly records: boolean;
}

/**
 * "request" and "event" are roots, of an invocation that no traced caller made. "network": an HTTP
 * request to the outside. "resource": KV, R2, D1, ..., `service` is then its kind. "storage": an operation
 * of an object's `ctx.storage`. "span": of the Worker's own code (`tracing`).
 */
export type SpanKind =
  | "request"
  | "event"
  | "rpc"
  | "fetch"
  | "object"
  | "resource"
  | "network"
  | "storage"
  | "span";

export interface SpanRecord {
  /** 32 hexadecimal digits, the same for everything that a request led to; W3C trace context's. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** "" for a root. */
  readonly parent: string;
  readonly kind: SpanKind;
  /** The Worker that made the call; of a root, the one that ran it. */
  readonly worker: string;
  /** What was called: a Worker, or the kind of a resource; of a root, the Worker. */
  readonly service: string;
  /** For people: `GET /path`, `Admin.method`, `put "key"`. */
  readonly name: string;
  /** As in LogEntry; of roots only. */
  readonly requestId?: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Of a root: how long its invocation went on after the answer, with its waitUntil work. */
  readonly afterMs?: number;
  /** HTTP's status, where there is one. */
  readonly status?: number;
  readonly outcome: "ok" | "exception" | "canceled";
  /** What it threw, one line. */
  readonly error?: string;
}

export interface SpansMessage {
  readonly type: "spans";
  readonly spans: readonly SpanRecord[];
  /** Requests and calls that were not traced since this was last told: there were too many. */
  readonly passedOver: number;
}
