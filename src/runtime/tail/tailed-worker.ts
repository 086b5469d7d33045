/**
 * A Worker with consumers (`tail_consumers`, `streaming_tail_consumers`): passes its events on to the Worker
 * and records what becomes of them. What an event was goes to each consumer when it is over, over a link
 * like a call's; streaming consumers get a stream when it begins. Made by load-worker.ts for such a Worker
 * only: nobody else records anything.
 */
import { threadId } from "node:worker_threads";
import {
  type EventCause,
  type EventObserver,
  type ObjectEvent,
  type ObjectIdentity,
  setEventObserver,
} from "../../durable-objects/event-observer.ts";
import { currentInvocation, Invocation, runInvocation } from "../../isolate/invocation.ts";
import { setExceptionListener } from "../../isolate/log.ts";
import type { Origin } from "../../isolate/running.ts";
import { type SpanOpening, setTailTracer } from "../../isolate/spans.ts";
import { setPublishListener } from "../../node/diagnostics-channel.ts";
import type { StreamIds, TailStreamOpening, TraceData, TraceOutcome } from "../../protocol/tail.ts";
import type {
  AcceptedSession,
  AnswerSpan,
  ServiceChannel,
  SessionOpen,
  SpanRef,
  TraceInfo,
} from "../../rpc/contract.ts";
import { isRequest, type Request } from "../../web/http/request.ts";
import { isResponse } from "../../web/http/response.ts";
import { setAnswerListener } from "../../web/websocket/tell.ts";
import type { EventSurroundings } from "../events/open-event.ts";
import type { OpenedEvent } from "../events/opened-event.ts";
import { aroundSession } from "../rpc/around-session.ts";
import type { WorkerTarget } from "../worker.ts";
import { fetchEvent, traceEventOf } from "./event-of.ts";
import { retold } from "./retold.ts";
import { bindRecord, currentSpan } from "./span.ts";
import { type EventEncoder, StreamSender } from "./streams.ts";
import { Trace } from "./trace.ts";
import { TraceJournal } from "./trace-journal.ts";

export interface TailOptions {
  readonly name: string;
  /** What consumers are shown; a dynamic Worker has no name. */
  readonly scriptName: string | null;
  readonly consumers: readonly ServiceChannel[];
  readonly streamingConsumers: readonly ServiceChannel[];
  /** Calls a handler of another Worker; resolves when it is done. */
  readonly deliver: (
    consumer: ServiceChannel,
    handler: "tail" | "tailStream",
    args: readonly unknown[],
  ) => Promise<unknown>;
  /** A structured clone. */
  readonly clone: (value: unknown) => unknown;
  readonly encode: EventEncoder;
  /** Where Workers of other processes reach this thread, if they do. */
  readonly socket: () => string | undefined;
}

/** What is known of an event before its handler runs. */
interface Beginning {
  readonly entrypoint?: string | undefined;
  readonly object?: ObjectIdentity | undefined;
  /** What led to it, if somebody records that. */
  readonly parent?: SpanRef | undefined;
  readonly via?: readonly string[];
  readonly request: Pick<TraceInfo, "requestId" | "traceId">;
  /** Of its invocation. */
  readonly number: number;
}

/** Those that production records. */
const RECORDED: ReadonlySet<string> = new Set(["log", "info", "warn", "error", "debug"]);
const CALL_SPAN = "jsRpcCall";

/** The Worker says something: told by its console. */
export function recordLog(method: string, args: readonly unknown[]): void {
  if (!RECORDED.has(method)) return;
  const span = currentSpan();
  span?.trace.log(method, args, span);
}

export class TailedWorker implements WorkerTarget {
  readonly #worker: WorkerTarget;
  readonly #options: TailOptions;
  readonly #journal: TraceJournal = new TraceJournal();

  constructor(worker: WorkerTarget, options: TailOptions) {
    this.#worker = worker;
    this.#options = options;
    setExceptionListener((error) => currentSpan()?.trace.exception(error));
    setPublishListener((channel, message) => this.#onPublish(channel, message));
    setEventObserver(this.#onObjectEvent);
    setAnswerListener((end) => currentSpan()?.trace.answerEnded(end));
    if (options.streamingConsumers.length > 0) setTailTracer(liveTracer);
  }

  /** For the host. */
  get journal(): SharedArrayBuffer {
    return this.#journal.memory;
  }

  /** Tells of what a thread before this one left open. */
  tellOrphans(traces: readonly TraceData[]): void {
    for (const data of traces) {
      this.#send(data, { requestId: "", depth: 0 });
      if (data.stream !== undefined) this.#retell(data, data.stream);
    }
  }

  get surroundings(): EventSurroundings {
    return this.#worker.surroundings;
  }

  fetch(request: Request, invocation: Invocation): unknown {
    const trace = this.#follow(invocation, {});
    trace.begin(fetchEvent(request));
    return watch(trace, () => this.#worker.fetch(request, invocation));
  }

  handle(opened: OpenedEvent, invocation: Invocation): unknown {
    // Its waitUntil work counts, as for whoever waits for it.
    const trace = this.#follow(invocation, { countsTasks: true });
    trace.begin(traceEventOf(opened));
    return watch(trace, () => this.#worker.handle(opened, invocation));
  }

  accept(open: SessionOpen, origin: Origin | undefined): AcceptedSession {
    const session = this.#worker.accept(open, origin);
    const { target } = open;
    const parent = parentOf(open.trace);
    if (target.assets === true) return session;
    const { entrypoint, durableObject } = target;
    if (durableObject === undefined) {
      const trace = this.#follow(session.context as Invocation, { entrypoint, parent });
      return this.#record(session, trace, (run) => run(), {
        finished: (reason, isCallers = false) => {
          (session.context as Invocation).callerLeft ||= isCallers;
          session.finished(reason);
        },
      });
    }
    // All events of an object share one invocation: each is over when its session is.
    const object = { className: entrypoint ?? "", hex: durableObject.id };
    const { number } = session.context as Invocation;
    const trace = this.#begin({ object, parent, request: open.trace, number });
    const inside = <T>(run: () => T): T => trace.root.run(run);
    let broken: unknown;
    const stop = session.context.onEnd((reason) => {
      broken = reason;
    });
    return this.#record(session, trace, inside, {
      target: () => inside(() => session.target()),
      finished: (reason) => {
        session.finished(reason);
        stop();
        if (broken !== undefined) trace.exception(broken, false);
        this.#end(trace, trace.outcome(broken !== undefined), open.trace);
      },
    });
  }

  #record(
    session: AcceptedSession,
    trace: Trace,
    inside: <T>(run: () => T) => T,
    changes: Partial<AcceptedSession>,
  ): AcceptedSession {
    return aroundSession(session, {
      called: (path, kind, isMain) => {
        const method = path === "" ? "(this)" : path;
        trace.begin({ type: "rpc", rpcMethod: method });
        return new CallRecord(trace, method, kind, isMain, inside);
      },
      event: (name, args) => {
        const [first] = args;
        if (isRequest(first)) trace.begin(fetchEvent(first));
        else if (name === "connect") trace.begin({ type: "connect" });
        else if (name === "tail" || name === "tailStream") {
          const { scriptName, via } = first as TailStreamOpening;
          trace.via = [...via, this.#options.name];
          if (name === "tail") trace.begin({ type: "tail", consumed: [scriptName] });
          else trace.begin({ type: "tailStream" });
        }
        return inside(() =>
          watch(
            trace,
            () => session.event(name, args),
            (error) => trace.exception(error),
          ),
        );
      },
      ...changes,
    });
  }

  /** A record that ends with its invocation. */
  #follow(
    invocation: Invocation,
    options: Omit<Beginning, "request" | "number"> & { readonly countsTasks?: boolean },
  ): Trace {
    const { number, trace: request } = invocation;
    const trace = this.#begin({ ...options, request, number });
    bindRecord(invocation, trace);
    invocation.onEnd((reason) => {
      // What it was ended for was told, if it is the answer of a request.
      const isUntold = reason !== undefined && !invocation.callerLeft && !trace.hasException;
      if (isUntold) trace.exception(reason);
      this.#end(trace, outcomeOf(trace, invocation, reason, options.countsTasks), invocation.trace);
    });
    return trace;
  }

  #begin({ entrypoint, object, parent, request, number }: Beginning): Trace {
    const { scriptName: script, streamingConsumers, encode } = this.#options;
    const sender = streamingConsumers.length === 0 ? undefined : new StreamSender(encode);
    let isOpen = false;
    const trace: Trace = new Trace({
      script,
      entrypoint: object?.className ?? entrypoint,
      executionModel: object === undefined ? "stateless" : "durableObject",
      durableObjectId: object?.hex,
      journal: this.#journal,
      invocation: number,
      parent,
      traceId: request.traceId,
      stream:
        sender &&
        ((event) => {
          // With the onset: what it is, and whose hearing led to it, is known then.
          if (!isOpen)
            this.#openStreams(sender, { via: trace.via, invocation: number }, request.requestId);
          isOpen = true;
          sender.send(event);
          if (event.event.type === "outcome") sender.end();
        }),
    });
    return trace;
  }

  /** What a thread before this one has told before it ended, its consumers know. */
  #retell(data: TraceData, ids: StreamIds): void {
    const sender = new StreamSender(this.#options.encode);
    this.#openStreams(sender, { via: data.via, invocation: 0 }, "");
    for (const event of retold(data, ids)) sender.send(event);
    sender.end();
  }

  #openStreams(
    sender: StreamSender,
    { via, invocation }: Pick<TailStreamOpening, "via" | "invocation">,
    requestId: string,
  ): void {
    const { scriptName, streamingConsumers, socket: socketOf } = this.#options;
    const socket = socketOf();
    const place = { thread: threadId, ...(socket !== undefined && { socket }) };
    const opening: TailStreamOpening = { scriptName, via, invocation, ...place };
    for (const consumer of streamingConsumers) {
      if (via.includes(consumer.token.service)) continue;
      this.#carry(requestId, () =>
        this.#options.deliver(consumer, "tailStream", [opening, sender.add()]),
      );
    }
  }

  #end(trace: Trace, outcome: TraceOutcome, { requestId }: TraceInfo): void {
    if (trace.isOver) return;
    this.#send(trace.close(outcome), { requestId, depth: 0 });
  }

  #send(data: TraceData, { requestId }: TraceInfo): void {
    for (const consumer of this.#options.consumers) {
      if (data.via.includes(consumer.token.service)) continue;
      this.#carry(requestId, () => this.#options.deliver(consumer, "tail", [data]));
    }
  }

  /** In an invocation of its own: those of consumers are of this thread until they have heard. */
  #carry(requestId: string, deliver: () => Promise<unknown>): void {
    const carrier = new Invocation({ requestId, depth: 0 });
    carrier.isListener = true;
    const over = (): void => carrier.end();
    // Who is not there, or fails, is no concern of this Worker.
    runInvocation(carrier, deliver).then(over, over);
    // What goes on here is charged to the event, not to whoever carries its tail.
    currentInvocation()?.resume();
  }

  readonly #onObjectEvent: EventObserver = async <T>(
    object: ObjectIdentity,
    event: ObjectEvent,
    cause: EventCause,
    handler: () => T | Promise<T>,
  ): Promise<T> => {
    const number = currentInvocation()?.number ?? 0;
    const trace = this.#begin({ object, parent: cause, request: { requestId: "" }, number });
    trace.begin(event);
    let hasReturned = false;
    try {
      const result = await trace.root.run(() => {
        const pending = handler();
        hasReturned = true;
        return pending;
      });
      trace.settle("ok");
      return result;
    } catch (error) {
      trace.exception(error);
      // An alarm has returned, in production's words, also where it is run again.
      if (event.type === "alarm") trace.returned();
      // What a WebSocket's handler rejects with is told, but is not its outcome.
      trace.settle(hasReturned && event.type === "webSocket" ? "ok" : "exception");
      throw error;
    } finally {
      this.#end(trace, trace.outcome(false), { requestId: "", depth: 0 });
    }
  };

  #onPublish(channel: string, message: unknown): void {
    const span = currentSpan();
    if (span === undefined) return;
    try {
      span.trace.publish(channel, this.#options.clone(message), span);
    } catch {
      // What cannot be cloned is not shown.
    }
  }
}

/** Spans of this thread's invocations, for those who make them. */
const liveTracer = {
  open: ({ name }: SpanOpening) => {
    const span = currentSpan();
    return span?.trace.isLive === true ? span.trace.openSpan(name, span) : undefined;
  },
  active: () => {
    const span = currentSpan();
    return span?.trace.isLive === true ? span : undefined;
  },
};

/** One call in a session; what its methods throw is their callers'. */
class CallRecord implements AnswerSpan {
  readonly #trace: Trace;
  readonly #isMain: boolean;
  readonly #inside: <T>(run: () => T) => T;
  readonly #span: ReturnType<Trace["openSpan"]> | undefined;

  constructor(
    trace: Trace,
    method: string,
    kind: "call" | "get",
    isMain: boolean,
    inside: <T>(run: () => T) => T,
  ) {
    this.#trace = trace;
    this.#isMain = isMain;
    this.#inside = inside;
    if (!trace.isLive) return;
    const isFirst = isMain && !trace.isCalled;
    trace.isCalled = true;
    const span = trace.openSpan(CALL_SPAN, trace.root);
    this.#span = span;
    if (isFirst) trace.root.set("jsrpc.method", method);
    span.set("jsrpc.method", method);
    span.set("jsrpc.target_kind", isMain ? "entrypoint" : "transient");
    span.set("jsrpc.operation", kind === "call" ? "call" : "getProperty");
    // Of later calls only their callers know it.
    if (isFirst) span.set("jsrpc.caller_span_id", trace.parentSpan);
  }

  run<T>(fn: () => T): T {
    const span = this.#span;
    return span === undefined ? this.#inside(fn) : span.run(fn);
  }

  settled(isOk: boolean): void {
    this.#span?.end();
    if (!this.#isMain) return;
    this.#trace.settleCall(isOk);
  }
}

function parentOf({ traceId, spanId, isRoot }: TraceInfo): SpanRef | undefined {
  if (traceId === undefined || spanId === undefined || isRoot === true) return undefined;
  return { traceId, spanId };
}

function outcomeOf(
  trace: Trace,
  invocation: Invocation,
  reason: unknown,
  countsTasks = false,
): TraceOutcome {
  if (invocation.breach !== undefined) return invocation.breach;
  if (countsTasks && invocation.hasFailedTasks) return "exception";
  const outcome = trace.outcome(
    reason !== undefined && !(invocation.callerLeft && trace.isSettled),
  );
  const isCut = outcome === "ok" && invocation.callerLeft && trace.event?.type === "fetch";
  return isCut ? "responseStreamDisconnected" : outcome;
}

/** Runs a handler, and notes how it came out. */
function watch(trace: Trace, run: () => unknown, onThrow?: (error: unknown) => void): unknown {
  const fail = (error: unknown): never => {
    onThrow?.(error);
    trace.settle("exception");
    throw error;
  };
  const pass = (value: unknown): unknown => {
    if (isResponse(value) && value.webSocket === null) trace.status = value.status;
    trace.settle(trace.event?.type === "fetch" && !isResponse(value) ? "exception" : "ok");
    return value;
  };
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    return fail(error);
  }
  const then = (result as { readonly then?: unknown } | null | undefined)?.then;
  return typeof then === "function" ? Promise.resolve(result).then(pass, fail) : pass(result);
}
