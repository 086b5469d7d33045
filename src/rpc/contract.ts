/**
 * The seams of the RPC engine. The engine (src/rpc) knows capabilities, messages and links; it does
 * not know Workers, HTTP, threads or processes. Whoever hosts it (runtime/ in a Worker's thread,
 * a test) implements `RpcHost`; a carrier of messages implements `Transport`.
 *
 * Types only: no behaviour lives here.
 */

import type { ServiceTarget } from "../protocol/worker-spec.ts";
import type { SignalPlatform } from "./contracts/platform-signals.ts";
import type { StreamPlatform } from "./contracts/platform-streams.ts";
import type { EncodeRules } from "./contracts/rules.ts";

/* ---------------------------------------------------------------- transport ---------------- */

/** One message: a flat array that starts with its opcode (docs/protocol.md). */
export type Frame = readonly unknown[];

/**
 * An ordered, reliable, bidirectional carrier of frames. Implementations: memory, message-port,
 * socket; all pass test/contract/transport.ts.
 */
export interface Transport {
  /** "clone": frames go through structured clone as they are; "bytes": the transport serializes. */
  readonly kind: "memory" | "message-port" | "socket";
  /**
   * Queue `frames`; the engine calls this once per turn, and at once for frames that hold memory of
   * the application: it is copied before this returns. Never throws for a closed transport (`onClose`
   * tells); throws, with nothing sent, if a frame cannot be copied. Ownership of the arrays passes
   * to the transport, that of the buffers in `moves` (parts of the frames) too.
   */
  send(frames: readonly Frame[], moves?: readonly ArrayBuffer[]): void;
  /** Set once by the engine before the first frame is delivered; frames arrive in order sent. */
  receive(
    onFrames: (frames: readonly Frame[]) => void,
    onClose: (error: Error | undefined) => void,
  ): void;
  /** Orderly close after what was queued; safe to call twice. `onClose` is called at both ends. */
  close(error?: Error): void;
  /** Bytes queued here and not yet handed to the operating system (sockets), else 0. */
  readonly bufferedBytes: number;
}

/* ---------------------------------------------------------------- contexts ----------------- */

/** Follows a request through every Worker that it reaches. */
export interface TraceInfo {
  /** Of the external request, "" when there is none; logs of all hops share it. */
  readonly requestId: string;
  /** Workers between the external request and this invocation. */
  readonly depth: number;
  /** 32 hexadecimal digits, where requests are given one: the same in every Worker. */
  readonly traceId?: string | undefined;
  /**
   * 16 hexadecimal digits: the caller's span that this invocation follows from, where somebody records that;
   * of the root of a recorded tree its own.
   */
  readonly spanId?: string | undefined;
  /** `spanId` is nobody else's. */
  readonly isRoot?: boolean | undefined;
  /**
   * W3C's flag: true, calls are recorded (`--trace`) as children of `spanId`; false, the request was passed
   * over, and nobody begins a tree in the middle of it; undefined, nobody has decided.
   */
  readonly sampled?: boolean | undefined;
  /**
   * Worker invocations of the whole request as far as they are known here; shared by all contexts
   * of the request in this thread, and updated by the replies of callees. Optional: absent counts
   * this invocation and what it calls.
   */
  readonly budget?: InvocationBudget;
}

/** Mutable on purpose: one object per request and thread. */
export interface InvocationBudget {
  invocations: number;
  /** A limit was reported already (one line per request). */
  warned: boolean;
}

/**
 * One invocation as the engine sees it: owner of sessions, stubs, streams and signals. The host
 * makes one per invocation (class RpcContext in context.ts), keeps it in AsyncLocalStorage and
 * calls `end` when the invocation is over, which cancels every session that it opened and releases
 * every stub that it holds. See spec/rpc.md 4.3, 4.4, 5.
 */
export interface Context {
  readonly trace: TraceInfo;
  /** "Durable Object" changes the text of the cross-context error. */
  readonly kind: "request" | "durable-object";
  readonly ended: boolean;
  /** It hears of what others do: that it waits says nothing of whether they hang. */
  readonly isListener?: boolean;
  /**
   * Take part in keeping the invocation alive (I/O, timers, RPC in flight); call the result once
   * when done. The hang detector of the host looks at `pending`.
   */
  hold(): () => void;
  readonly pending: number;
  /** The same as `hold`, without a closure: once each, strictly paired. For hot paths. */
  acquire(): void;
  drop(): void;
  /**
   * Call `listener` each time that `pending` falls to zero; returns its removal. The engine ends a
   * session in which nothing is left but stubs of the caller that leaked (spec/rpc.md 4.3).
   */
  onIdle(listener: () => void): () => void;
  /** Register a clean-up to run at `end`; returns its removal. */
  onEnd(cleanup: (reason: unknown) => void): () => void;
  /** The same without closures, for hot paths. */
  addEndListener(listener: EndListener): void;
  removeEndListener(listener: EndListener): void;
  /** End it: `reason` undefined for an orderly end. Safe to call twice; the first reason counts. */
  end(reason?: unknown): void;
  /** It asks somebody else for something; with the error if that is one time too many. */
  countSubrequest?(): Error | undefined;
  /** Durable Object seams (spec/rpc.md 5); absent for stateless invocations. */
  readonly gates?: Gates;
}

/** Told of the end of a context, once. In one list at a time: a Set costs a short call too much. */
export interface EndListener {
  onContextEnd(reason: unknown): void;
  /** Its neighbours in the list of the context, which alone changes them; undefined at first. */
  earlier: EndListener | undefined;
  later: EndListener | undefined;
}

/** What a Durable Object puts between its JavaScript and the outside. */
export interface Gates {
  /**
   * Asked before calls and replies leave: undefined lets them go, a promise holds them back in
   * order; its rejection replaces the outcome.
   */
  output?(): Promise<void> | undefined;
  /** Taken when a stub is made: names the critical section in which it was made, if any. */
  section?(): unknown;
  /** Asked before a call is delivered, with the section of the stub that it is made on. */
  input?(section: unknown): Promise<void> | undefined;
  /** Starts a call that was let in by its section: what it waits for belongs to that, too. */
  inside?(section: unknown, start: () => void): void;
  /**
   * A native job begins whose result belongs to this turn, as it does where production computes it
   * at once: the turn does not end before the returned function is called.
   */
  extend?(): () => void;
  /** An error of the application is on its way to the caller: it may be given properties. */
  failed?(error: unknown): void;
}

/* ---------------------------------------------------------------- spans -------------------- */

/** Where a span is in its trace. */
export interface SpanRef {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** What is asked, for whoever records it. */
export interface SpanCall {
  /** Undefined: something that a Worker was given, reached by a stub. */
  readonly target: ServiceTarget | undefined;
  readonly isResource: boolean;
  readonly kind: "call" | "get" | "event";
  readonly path: readonly string[];
  readonly args: readonly unknown[] | undefined;
  /** Number in its session. */
  readonly id: number;
  /** 0: of the entrypoint; below: pipelined on the question of that number; above: of a stub. */
  readonly on: number;
}

/** One session of a caller of which somebody hears as a whole (spec/platform.md 16.2). */
export interface SessionSpans {
  closed(): void;
}

/** One question of which somebody hears. */
export interface CallRecord {
  /** What the callee's invocation follows from. */
  readonly ref: SpanRef;
  /** The answer is here; what it is, is told when somebody takes it. */
  arrived?(): void;
  /* Once one of them: */
  resolved?(value: unknown): void;
  rejected?(error: unknown): void;
  /** The caller's invocation is over: nobody hears the answer. */
  canceled?(): void;
}

/** Who records spans. */
export interface RpcTracer {
  /** The application opens a session; undefined if nobody hears of it as a whole. */
  opened(target: ServiceTarget, kind: SpanCall["kind"]): SessionSpans | undefined;
  /** A question goes out; called where the request is sampled, or `session` is there. */
  asked(
    context: Context,
    call: SpanCall,
    session: SessionSpans | undefined,
  ): CallRecord | undefined;
}

/** One call or read at its callee. */
export interface AnswerSpan {
  run<T>(fn: () => T): T;
  /** Its result is there; false: it failed. */
  settled(isOk: boolean): void;
}

/* ---------------------------------------------------------------- host --------------------- */

/** What the engine asks of its surroundings. */
export interface RpcHost {
  /** The invocation in which JavaScript runs now; undefined at module scope. */
  currentContext(): Context | undefined;
  /** Run `fn` with `context` current (AsyncLocalStorage.run). */
  runInContext<T>(context: Context, fn: () => T): T;
  /**
   * A peer opened a session. Called synchronously on delivery, before the calls that came in the
   * same frame; must not throw (failures go into `AcceptedSession.target`).
   */
  accept(open: SessionOpen): AcceptedSession;
  /** A ServiceStub arrived as a token: how to reach it from here. */
  channelFor(token: ServiceTarget): ServiceChannel;
  /** Request, Response, Headers, Blob, ...: classes of the host that travel by value. */
  readonly valueTypes: readonly ValueType[];
  /**
   * Instances of the platform's other classes (Event, URL, ExecutionContext, ...), which structured
   * clone refuses; those of the application's are cloned as plain objects.
   */
  isApiObject?(value: object): boolean;
  /** What is said of an object that cannot be sent and has a text of its own; else undefined. */
  cloneRefusal?(value: object): string | undefined;
  /** Default: those of the process. */
  readonly signals?: SignalPlatform;
  /** Absent where no stream can be: they are refused then. */
  readonly streams?: StreamPlatform<Context>;
  readonly flags: RpcFlags;
  /** `--limits` (spec/rpc.md 8): depth and invocations per request. Default "off". */
  readonly limits?: "off" | "warn" | "enforce";
  /** `--strict`: the seed documents' exceptions (design.md) are refused. Default false. */
  readonly strict?: boolean;
  /** Absent where nobody records spans. */
  readonly tracer?: RpcTracer | undefined;
  /** Leaks, use after dispose, unknown methods, limits: said in the log, never in error texts. */
  report(report: RpcReport): void;
}

export interface SessionOpen {
  readonly target: ServiceTarget;
  readonly trace: TraceInfo;
  /** Name of the Worker at the other end, for logs. */
  readonly peer: string;
  /** The link's number, if it has one, and the session's at its opener. */
  readonly link: number | undefined;
  readonly session: number;
}

/**
 * The callee's side of a session: an invocation with the object that its calls are made on.
 * `target` and `event` are called with `context` current.
 */
export interface AcceptedSession {
  readonly context: Context;
  /**
   * The entrypoint instance or handler object. Resolved lazily on the first call (not for events);
   * a throw or rejection fails the session with that error.
   */
  target(): object | Promise<object>;
  /** Callee lookup mode, spec/rpc.md 1.3-1.4. "handler" passes `handlerArgs` (env, ctx) too. */
  readonly lookup: "class" | "handler";
  /** Name of the entrypoint for reports; "default" when absent. */
  readonly entrypoint?: string;
  readonly handlerArgs?: readonly unknown[] | undefined;
  /**
   * A call or read has come, by its path; before it is made. `isMain`: on `target`, not on something
   * that was reached from it. The result, if any, records it.
   */
  called?(path: string, kind: "call" | "get", isMain: boolean): AnswerSpan | undefined;
  /** Events that are not RPC ("fetch", "connect", "scheduled", ...); result is sent as a value. */
  event(name: string, args: readonly unknown[]): unknown;
  /** What is left of the session does not keep the invocation: sockets of a hibernating object. */
  isParked?(): boolean;
  /**
   * The caller of an event left before it had the whole result, or cancelled the stream in it.
   * Before `finished`, perhaps more than once.
   */
  callerLeft?(): void;
  /**
   * Nothing of the session is left in either direction (or it was cancelled or lost: `reason`).
   * The host drains waitUntil and then calls `context.end()`. Called exactly once. `isCallers`: the
   * caller went, or is lost.
   */
  finished(reason?: unknown, isCallers?: boolean): void;
}

/** A way to reach one entrypoint: what a ServiceStub stands on. Data plus `connect`. */
export interface ServiceChannel {
  readonly token: ServiceTarget;
  /** It leads to a local resource: no Worker invocation, so limits do not count its sessions. */
  readonly isResource?: boolean;
  /** A stub of it cannot be sent anywhere: the text of the DataCloneError. */
  readonly cloneRefusal?: string;
  /**
   * The link for a new session: at once when there is one, else a promise. Rejects with the error
   * that calls get ("Worker ... not found"). Asked anew for each session, so restarts are seen.
   */
  connect(): Link | Promise<Link>;
  /** The callee ended the invocation of a session with this error. */
  onRevoked?(error: unknown): void;
}

export interface LinkOptions {
  /** What others call it (`SessionOpen.link`). */
  readonly number?: number | undefined;
  /** The other end is a storage thread: it answers at once, after some work on files. */
  readonly toStore?: boolean;
}

/** A connection to one other Worker (or to oneself), shared by all sessions between the two. */
export interface Link {
  readonly peer: string;
  /** False once closed; sessions opened on a closed link fail with "Network connection lost.". */
  readonly open: boolean;
  /** Sessions that are still open on it, both directions. */
  readonly sessions: number;
  /** Close it as soon as no session is open on it; nobody opens another one. */
  closeWhenIdle(): void;
  /** End the session that this end opened with this number, as if its other end had revoked it. */
  breakSession(session: number, error: (isRemote: boolean) => unknown): void;
  /** Fail everything on it (DISCONNECTED, retryable) and close the transport. */
  close(error?: Error): void;
  readonly closed: Promise<Error | undefined>;
}

/** A class of the host whose instances are sent by value, e.g. Request. */
export interface ValueType<T extends object = object> {
  /** Unique small name on the wire, e.g. "request". */
  readonly tag: string;
  /** Prototype of instances: one map lookup finds the type. Subclasses are sent as this type too. */
  readonly prototype: object;
  /**
   * To plain data that the codec walks in turn: may hold ReadableStream, AbortSignal, Headers and
   * so on. Throws what the call is to be rejected with. Must leave `value` untouched on throw.
   * `rules`: see contracts/rules.ts; default "rpc".
   */
  encode(value: T, rules?: EncodeRules): unknown;
  decode(data: unknown): T;
}

/** Compatibility switches, spec/rpc.md section 9; resolved from date and flags by the host. */
export interface RpcFlags {
  readonly rpc: boolean;
  readonly rpcParamsDupStubs: boolean;
  readonly enhancedErrorSerialization: boolean;
  readonly abortSignalRpc: boolean;
  readonly fetcherHasGetPutDelete: boolean;
  readonly serviceBindingExtraHandlers: boolean;
}

/** Something the developer should know. The host formats, counts and logs it. */
export type RpcReport =
  | {
      readonly type: "leaked-stub";
      readonly what: string;
      readonly createdAt: string;
      readonly binding: string;
    }
  | { readonly type: "used-after-dispose"; readonly what: string; readonly disposedAt: string }
  | {
      readonly type: "unknown-method";
      readonly method: string;
      readonly target: object;
      readonly className: string;
      /** False: something that was reached from the entrypoint. */
      readonly isEntrypoint: boolean;
    }
  | {
      readonly type: "callee-error";
      readonly method: string;
      readonly error: unknown;
      readonly trace: TraceInfo;
      /** Name of the Worker that called, or `env.BINDING` if it is a callback that was called. */
      readonly caller: string;
    }
  | { readonly type: "disposer-error"; readonly error: unknown }
  | { readonly type: "warning"; readonly text: string; readonly once?: string };
