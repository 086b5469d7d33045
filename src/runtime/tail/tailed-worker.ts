/**
 * A Worker with `tail_consumers`: passes its events on to the Worker and records what becomes of them;
 * what an invocation was goes to each consumer when it is over, over a link like a call's. Made by
 * load-worker.ts for such a Worker only: nobody else records anything.
 */

import { currentInvocation, Invocation, runInvocation } from "../../isolate/invocation.ts";
import { setExceptionListener } from "../../isolate/log.ts";
import type { Origin } from "../../isolate/running.ts";
import { setPublishListener } from "../../node/diagnostics-channel.ts";
import type { TraceData, TraceEvent } from "../../protocol/tail.ts";
import type { AcceptedSession, SessionOpen } from "../../rpc/contract.ts";
import { isRequest, type Request } from "../../web/http/request.ts";
import { isResponse } from "../../web/http/response.ts";
import type { EventSurroundings } from "../events/open-event.ts";
import type { OpenedEvent } from "../events/opened-event.ts";
import type { WorkerTarget } from "../worker.ts";
import { Trace } from "./trace.ts";

export interface TailOptions {
  readonly name: string;
  readonly consumers: readonly string[];
  /** Calls the `tail` handler of another Worker; resolves when it is done. */
  readonly deliver: (consumer: string, data: TraceData) => Promise<unknown>;
  /** A structured clone. */
  readonly clone: (value: unknown) => unknown;
}

/** Those that production records. */
const RECORDED: ReadonlySet<string> = new Set(["log", "info", "warn", "error", "debug"]);

const traces: WeakMap<Invocation, Trace> = new WeakMap();

/** The Worker says something: told by its console. */
export function recordLog(method: string, args: readonly unknown[]): void {
  if (RECORDED.has(method)) current()?.log(method, args);
}

export class TailedWorker implements WorkerTarget {
  readonly #worker: WorkerTarget;
  readonly #options: TailOptions;

  constructor(worker: WorkerTarget, options: TailOptions) {
    this.#worker = worker;
    this.#options = options;
    setExceptionListener((error) => current()?.exception(error));
    setPublishListener((channel, message) => this.#onPublish(channel, message));
  }

  get surroundings(): EventSurroundings {
    return this.#worker.surroundings;
  }

  fetch(request: Request, invocation: Invocation): unknown {
    const trace = this.#begin(invocation, undefined);
    trace.event = fetchEvent(request);
    return watch(trace, () => this.#worker.fetch(request, invocation));
  }

  handle(opened: OpenedEvent, invocation: Invocation): unknown {
    // Its waitUntil work counts, as for whoever waits for it.
    const trace = this.#begin(invocation, undefined, true);
    trace.event = eventOf(opened);
    return watch(trace, () => this.#worker.handle(opened, invocation));
  }

  accept(open: SessionOpen, origin: Origin | undefined): AcceptedSession {
    const session = this.#worker.accept(open, origin);
    const { assets, durableObject, entrypoint } = open.target;
    if (assets === true || durableObject !== undefined) return session;
    const trace = this.#begin(session.context as Invocation, entrypoint);
    return {
      ...session,
      called: (method) => {
        trace.event ??= { type: "rpc", rpcMethod: method };
        // What its methods throw is their callers'.
        trace.settle("ok");
      },
      event: (name, args) => {
        const [first] = args;
        if (isRequest(first)) trace.event = fetchEvent(first);
        if (name === "connect") trace.event = { type: "connect" };
        if (name === "tail") {
          const { scriptName, via } = first as TraceData;
          trace.event = { type: "tail", consumed: [scriptName] };
          trace.via = [...via, this.#options.name];
        }
        return watch(
          trace,
          () => session.event(name, args),
          (error) => trace.exception(error),
        );
      },
    };
  }

  #begin(invocation: Invocation, entrypoint: string | undefined, countsTasks = false): Trace {
    const trace = new Trace(this.#options.name, entrypoint);
    traces.set(invocation, trace);
    invocation.onEnd((reason) => {
      const hasFailed = countsTasks && invocation.hasFailedTasks;
      this.#send(trace.read(reason !== undefined, hasFailed), invocation);
    });
    return trace;
  }

  /** The invocation is over: its consumers' are others, of this thread until they have heard. */
  #send(data: TraceData, { trace }: Invocation): void {
    for (const consumer of this.#options.consumers) {
      if (data.via.includes(consumer)) continue;
      const carrier = new Invocation({ requestId: trace.requestId, depth: 0 });
      const over = (): void => carrier.end();
      // Who is not there, or fails, is no concern of this Worker.
      runInvocation(carrier, () => this.#options.deliver(consumer, data)).then(over, over);
    }
  }

  #onPublish(channel: string, message: unknown): void {
    const trace = current();
    if (trace === undefined) return;
    try {
      trace.publish(channel, this.#options.clone(message));
    } catch {
      // What cannot be cloned is not shown.
    }
  }
}

function current(): Trace | undefined {
  const invocation = currentInvocation();
  return invocation === undefined ? undefined : traces.get(invocation);
}

/** Runs a handler, and notes how it came out. */
function watch(trace: Trace, run: () => unknown, onThrow?: (error: unknown) => void): unknown {
  const fail = (error: unknown): never => {
    onThrow?.(error);
    trace.settle("exception");
    throw error;
  };
  const pass = (value: unknown): unknown => {
    if (isResponse(value)) trace.status = (value as { readonly status: number }).status;
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

function fetchEvent(request: Request): TraceEvent {
  const { url, method, headers } = request;
  const { cf } = request as { readonly cf?: unknown };
  return {
    type: "fetch",
    url,
    method,
    headers: Object.fromEntries(headers),
    cf,
    status: undefined,
  };
}

function eventOf({ handler, argument }: OpenedEvent): TraceEvent {
  switch (handler) {
    case "scheduled": {
      const { cron, scheduledTime } = argument as { cron: string; scheduledTime: number };
      return { type: "scheduled", cron, scheduledTime };
    }
    case "queue": {
      const { queue, messages } = argument as { queue: string; messages: readonly unknown[] };
      return { type: "queue", queue, batchSize: messages.length };
    }
    case "email": {
      const { from, to, rawSize } = argument as { from: string; to: string; rawSize: number };
      return { type: "email", mailFrom: from, rcptTo: to, rawSize };
    }
    case "connect":
      return { type: "connect" };
  }
}
