/**
 * Control messages between the host's main thread and a Worker's thread, over the thread's
 * parentPort. HTTP has a port of its own (protocol/http.ts), every link between two Workers too
 * (rpc/transports/message-port.ts).
 *
 * Life of a thread: booted as a spare (no Worker) -> "booted" -> "load" -> "loaded" or
 * "load-failed" (the thread is then discarded) -> serves -> "drain" -> "drained" -> terminated.
 */
import type { MessagePort } from "node:worker_threads";
import type { Bundle } from "./bundle.ts";
import type { SerializedError } from "./errors.ts";
import type { BreachOutcome } from "./events.ts";
import type { SpansMessage, TracingSpec } from "./spans.ts";
import type { ObjectClassStatus } from "./status-page.ts";
import type { TraceData } from "./tail.ts";
import type { EntrypointInfo, WorkerSpec } from "./worker-spec.ts";

/** `workerData` of a thread. */
export interface ThreadData {
  /** The runtime bundle's source, shared by all threads, and its V8 code cache if there is one. */
  readonly runtimeSource: SharedArrayBuffer;
  readonly runtimeCodeCache: SharedArrayBuffer | null;
}

/** Why a thread is ended. */
export interface ThreadEnding {
  /** The one that went over a limit (protocol/running.ts). */
  readonly invocation: number;
  readonly outcome: BreachOutcome;
  /** What is said of it. */
  readonly message: string;
}

/** What a thread hears with its Durable Objects, which it runs from then on. */
export interface ObjectsGrant {
  /** It takes them over from another generation. */
  readonly isReload: boolean;
  /** A thread that was ended still has them open, in a native call. */
  readonly isHeld: boolean;
  /** Another session ran them when the generation before gave them up. */
  readonly isElsewhere: boolean;
}

export type HostToThread =
  | {
      readonly type: "load";
      readonly spec: WorkerSpec;
      /** `sourceMap`s are Uint8Arrays over SharedArrayBuffers: one copy for all threads. */
      readonly bundle: Bundle;
      readonly generation: number;
      /** The front door's end of protocol/http.ts is the other side of this port. */
      readonly http: MessagePort;
      /** A debugger is attached: as "watched". Default false. */
      readonly isWatched?: boolean;
      /** The debugger is to stop at the first line. Default false. */
      readonly breaksAtStart?: boolean;
      /** Console output is inspected with colours. Default false. */
      readonly colors?: boolean;
      /** Requests are given ids of traces; absent: they are not. */
      readonly tracing?: TracingSpec;
      /** Of RUNNING_BYTES: where the thread says what runs (protocol/running.ts). */
      readonly running?: SharedArrayBuffer;
    }
  /** Answer to "link-request", and on the callee's side the unasked arrival of a caller. */
  | {
      readonly type: "link";
      /** Number of the "link-request" that this answers; undefined on the callee's side. */
      readonly request?: number;
      readonly peer: LinkPeer;
      readonly port: MessagePort;
      /** The host's number for it, the same at both ends; from 1. */
      readonly link?: number;
    }
  /** The link cannot be made, with the text that the caller's RPC calls and fetches get. */
  | {
      readonly type: "link-refused";
      readonly request: number;
      readonly message: string;
      /** Extra lines for the log: which Workers are there, how to start the missing one. */
      readonly detail?: string;
    }
  /** A socket to connect to instead of a port: the target lives in another process. */
  | {
      readonly type: "link-socket";
      readonly request: number;
      readonly peer: LinkPeer;
      readonly path: string;
    }
  /**
   * The named Worker now runs as another generation (or is gone): new sessions must ask for a new
   * link; sessions already open finish on the old one. Answered with "link-stale-seen".
   */
  | { readonly type: "link-stale"; readonly service: string; readonly notice: number }
  /**
   * The other end of a link is about to be ended for what the session of this number did: calls of
   * that session fail with `message`. Answered with "link-stale-seen" of the same notice.
   */
  | {
      readonly type: "link-broken";
      readonly link: number;
      readonly session: number;
      readonly message: string;
      readonly notice: number;
    }
  /**
   * The thread that opened this link is about to be ended for one of its invocations: whoever hears of those
   * (streaming tails) learns how they came out. Answered with "link-stale-seen" of the same notice.
   */
  | {
      readonly type: "link-ending";
      readonly link: number;
      readonly ending: ThreadEnding;
      readonly notice: number;
    }
  /**
   * This invocation (protocol/running.ts) is over: nothing of it goes on, its callers get an Error
   * with this text. Its request, if it is one, has been answered. Answered with "invocation-ended".
   */
  | {
      readonly type: "end-invocation";
      readonly invocation: number;
      readonly message: string;
      readonly outcome: BreachOutcome;
    }
  /** Listen on this socket path for Workers in other processes (registry/). */
  | { readonly type: "listen"; readonly path: string }
  /** What is open, for the status page; answered with "counts". */
  | { readonly type: "count"; readonly request: number }
  /** Answer to "asset-request"; null: the user Worker's. */
  | {
      readonly type: "asset-answer";
      readonly request: number;
      readonly reply: AssetReply | null;
    }
  /**
   * No other thread of the session has the files of its Durable Objects open: it may run them from now on,
   * unless another session does.
   */
  | ({ readonly type: "own-objects" } & ObjectsGrant)
  /**
   * Another generation is to run the Durable Objects: end them, within `limitMs` for what runs;
   * then answer "objects-released": `isElsewhere` as in `ObjectsGrant`.
   */
  | { readonly type: "release-objects"; readonly limitMs: number }
  /**
   * How much memory is used; answered with "measured". `collect`: without garbage, which is thrown
   * away first.
   */
  | { readonly type: "measure"; readonly request: number; readonly collect: boolean }
  /** What a thread of this Worker left open when it ended; for the consumers of its tail. */
  | { readonly type: "orphan-traces"; readonly traces: readonly TraceData[] }
  /** A debugger has come, or the last one has gone. */
  | { readonly type: "watched"; readonly isWatched: boolean }
  /** Take no new work; finish what runs, with waitUntil; then answer "drained". */
  | { readonly type: "drain" }
  /** Asked of a thread that seems stuck; a thread that reaches its event loop answers "pong". */
  | { readonly type: "ping" }
  /** The dynamic Worker of this name serves; `entrypoints`: what can be called there. */
  | {
      readonly type: "dynamic-loaded";
      readonly service: string;
      readonly entrypoints: readonly string[];
    }
  /** `error`: what it threw when it was evaluated, or why it could not be. */
  | {
      readonly type: "dynamic-failed";
      readonly service: string;
      readonly error: SerializedError;
    };

/** The Worker at the other end of a link. */
export interface LinkPeer {
  readonly service: string;
  readonly generation: number;
}

export type ThreadToHost =
  /** `tid`: the operating system's number of the thread, where there is one (Linux). */
  | { readonly type: "booted"; readonly tid?: number }
  | { readonly type: "invocation-ended"; readonly invocation: number }
  | {
      readonly type: "loaded";
      readonly generation: number;
      readonly entrypoints: readonly EntrypointInfo[];
      readonly evaluateMs: number;
    }
  | { readonly type: "load-failed"; readonly generation: number; readonly error: SerializedError }
  /** Make a link to the live generation of this service (may be the own name: still a self link). */
  | {
      readonly type: "link-request";
      readonly request: number;
      readonly service: string;
      /** Path of the "link-socket" that answered this request before: nobody listens there. */
      readonly unreachable?: string;
    }
  /** From here on nothing goes to the old generation that the "link-stale" of this number named. */
  | { readonly type: "link-stale-seen"; readonly notice: number }
  /** The Worker's static assets are asked: for `env.ASSETS`, and for a binding to the Worker. */
  | { readonly type: "asset-request"; readonly request: number; readonly ask: AssetAsk }
  | { readonly type: "listening"; readonly path: string }
  | { readonly type: "listen-failed"; readonly path: string; readonly message: string }
  | { readonly type: "log"; readonly entry: LogEntry }
  /** Of requests that this session or another one traces. */
  | SpansMessage
  /** The Worker makes its first outbound request: the host's end of protocol/outbound.ts. */
  | { readonly type: "outbound"; readonly port: MessagePort }
  /** Where it writes what its events are (util/journal.ts, protocol/tail.ts), for when it has ended. */
  | { readonly type: "trace-journal"; readonly memory: SharedArrayBuffer }
  | { readonly type: "objects-released"; readonly isElsewhere: boolean }
  | { readonly type: "drained" }
  | { readonly type: "counts"; readonly request: number; readonly counts: ThreadCounts }
  | { readonly type: "measured"; readonly request: number; readonly use: MemoryUse }
  | { readonly type: "pong" }
  /** Many bytes travel in large buffers at the moment. */
  | { readonly type: "large-buffers" }
  /** Made by the first spare; the host keeps it for all later threads. */
  | { readonly type: "code-cache"; readonly bytes: Uint8Array }
  /** Run this dynamic Worker (dynamic.ts); answered with "dynamic-loaded" or "dynamic-failed". */
  | { readonly type: "dynamic-load"; readonly spec: WorkerSpec; readonly bundle: Bundle }
  /** Nobody opens another session to the dynamic Worker of this name. */
  | { readonly type: "dynamic-drop"; readonly service: string };

/** What a thread has of memory at this moment. */
export interface MemoryUse {
  /** V8's heap, with the garbage that lies in it. */
  readonly heapBytes: number;
  /** Buffers and WebAssembly memories. */
  readonly externalBytes: number;
}

/** What the router, or the asset server behind it, needs to know of a request (spec/assets.md 1). */
export interface AssetAsk {
  readonly part: "router" | "assets";
  readonly method: string;
  readonly url: string;
  readonly isNavigation: boolean;
  /** "" if absent. */
  readonly ifNoneMatch: string;
  readonly isPrivate: boolean;
}

/** An answer of the asset server. */
export interface AssetReply {
  readonly status: number;
  readonly statusText: string;
  /** As in protocol/http.ts. */
  readonly headers: string;
  /** The bytes of a small file; of a large one where it is: the thread reads it itself. */
  readonly body: Uint8Array | { readonly path: string; readonly size: number } | null;
}

/** What a thread has open at this moment. */
export interface ThreadCounts {
  readonly rpc: RpcCounts;
  /** An invocation goes on for its WebSockets to elsewhere. */
  readonly keepsSockets: boolean;
  /** Absent without Durable Object classes. */
  readonly objects?: readonly ObjectClassStatus[];
}

/** What a Worker's RPC engine holds at this moment, over all its links. */
export interface RpcCounts {
  readonly links: number;
  /** Sessions that are open; both ends of a self binding count. */
  readonly sessions: number;
  /** Calls, stubs, streams and signals in the tables of those sessions. */
  readonly entries: number;
}

/** One piece of output of a Worker. */
export interface LogEntry {
  /** "exception": uncaught, printed with its stack. "runtime": said by drover itself. */
  readonly kind: "console" | "exception" | "runtime";
  readonly level: "debug" | "info" | "log" | "warn" | "error" | "trace";
  /** Formatted by util.inspect in the thread; may have several lines; no ANSI unless `colors`. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Of the request that was served, the same in every Worker that it reached: `web-1-17`. */
  readonly requestId?: string;
  /** 32 hexadecimal digits, the same in every Worker that the request reached, where it has one. */
  readonly traceId?: string;
}
