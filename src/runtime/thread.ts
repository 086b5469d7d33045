/**
 * The life of a Worker's thread (protocol/thread.ts): a spare until "load", then one Worker until
 * the host ends the thread. Owns everything else in the thread; driven by the control port.
 */
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import { hrtime } from "node:process";
import type { MessagePort } from "node:worker_threads";
import type { DurableObjects } from "../durable-objects/objects.ts";
import { setLateTasksListener } from "../isolate/after-work.ts";
import { describeError } from "../isolate/errors/error-text.ts";
import { registerSourceMap } from "../isolate/errors/source-maps.ts";
import { installStackTraces } from "../isolate/errors/stack-traces.ts";
import { watchUncaught } from "../isolate/errors/uncaught.ts";
import { HangDetector } from "../isolate/hang-detector.ts";
import {
  currentInvocation,
  invocationOf,
  liveInvocations,
  setTaskFailureListener,
  stopKeepingSockets,
  whenQuiet,
} from "../isolate/invocation.ts";
import { logConsole, logException, logRuntime, setLogPort } from "../isolate/log.ts";
import { measureMemory } from "../isolate/memory.ts";
import { leaveHost } from "../isolate/own-world.ts";
import { setSpanPort } from "../isolate/request-spans.ts";
import { shareRunning } from "../isolate/running.ts";
import type { TraceData } from "../protocol/tail.ts";
import type { HostToThread, LogEntry, ThreadCounts, ThreadToHost } from "../protocol/thread.ts";
import { hidden } from "../util/hidden.ts";
import { setLargeBuffersListener } from "../util/large-buffers.ts";
import { moduleUrl } from "../util/module-url.ts";
import type { AssetClient } from "./bindings/assets.ts";
import type { DynamicWorkers } from "./bindings/loader/dynamic-workers.ts";
import { createConsole } from "./console.ts";
import { DebuggerConsole } from "./debugger-console.ts";
import { HttpEndpoint } from "./http/endpoint.ts";
import { loadWorker } from "./load-worker.ts";
import { installNetwork } from "./outbound/open-network.ts";
import type { Links } from "./rpc/links.ts";

type EndInvocation = Extract<HostToThread, { readonly type: "end-invocation" }>;
type LoadMessage = Extract<HostToThread, { readonly type: "load" }>;

/** Production's own words about the cap; here the work is not cancelled. */
const LATE_TASKS =
  "waitUntil() tasks did not complete within the allowed time after invocation end; in production they would have been cancelled. See: https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil";

export class Thread {
  readonly #control: MessagePort;
  readonly #debuggers: DebuggerConsole = new DebuggerConsole();
  #links: Links | undefined;
  #dynamicWorkers: DynamicWorkers | undefined;
  #assets: AssetClient | undefined;
  #http: HttpEndpoint | undefined;
  #objects: DurableObjects | undefined;
  #count: (() => ThreadCounts) | undefined;
  #tellOrphans: ((traces: readonly TraceData[]) => void) | undefined;
  /** Messages that came while the Worker was evaluated; null before and after. */
  #early: HostToThread[] | null = null;

  constructor(control: MessagePort) {
    this.#control = control;
    setLogPort((entry) => this.#post({ type: "log", entry: withRequest(entry) }));
    setTaskFailureListener((error) => logException(error, "Uncaught (in waitUntil)"));
    setLateTasksListener(() => logRuntime("warn", LATE_TASKS));
    leaveHost();
    installStackTraces();
    watchUncaught();
    setLargeBuffersListener(() => this.#post({ type: "large-buffers" }));
    installNetwork((port) => control.postMessage({ type: "outbound", port }, [port]));
    control.on(
      "message",
      hidden((message: HostToThread) => this.#onMessage(message)),
    );
    const tid = threadNumber();
    this.#post({ type: "booted", ...(tid === undefined ? {} : { tid }) });
  }

  #post(message: ThreadToHost): void {
    this.#control.postMessage(message);
  }

  #onMessage(message: HostToThread): void {
    if (this.#early !== null) {
      this.#early.push(message);
      return;
    }
    switch (message.type) {
      case "load":
        void this.#load(message);
        break;
      case "link-stale":
        this.#dynamicWorkers?.onStale(message.service);
        this.#links?.onMessage(message);
        break;
      case "link":
      case "link-refused":
      case "link-socket":
      case "link-broken":
      case "link-ending":
        this.#links?.onMessage(message);
        break;
      case "dynamic-loaded":
      case "dynamic-failed":
        this.#dynamicWorkers?.onMessage(message);
        break;
      case "asset-answer":
        this.#assets?.onAnswer(message.request, message.reply);
        break;
      case "listen":
        this.#links?.listen(message.path);
        break;
      case "end-invocation":
        this.#endInvocation(message);
        break;
      case "own-objects":
        this.#objects?.own(message);
        break;
      case "release-objects":
        void this.#releaseObjects(message.limitMs);
        break;
      case "drain":
        void this.#drain();
        break;
      case "count": {
        const counts = this.#count?.();
        if (counts !== undefined) this.#post({ type: "counts", request: message.request, counts });
        break;
      }
      case "measure": {
        const use = measureMemory(message.collect);
        this.#post({ type: "measured", request: message.request, use });
        break;
      }
      case "orphan-traces":
        this.#tellOrphans?.(message.traces);
        break;
      case "watched":
        this.#debuggers.isWatched = message.isWatched;
        break;
      case "ping":
        this.#post({ type: "pong" });
        break;
    }
  }

  /** Never rejects: what goes wrong is reported. */
  async #load(message: LoadMessage): Promise<void> {
    const { bundle, spec, generation, http } = message;
    const started = hrtime();
    this.#early = [];
    setSpanPort(spec.name, message.tracing, (spans, passedOver) =>
      this.#post({ type: "spans", spans, passedOver }),
    );
    if (message.running !== undefined) shareRunning(message.running);
    const entry = bundle.modules[0]?.name ?? "";
    for (const { name, sourceMap } of bundle.modules) {
      if (sourceMap !== undefined) registerSourceMap(moduleUrl(name, entry), sourceMap);
    }
    try {
      // Nothing is recorded where nobody hears of it.
      const isTailed =
        (spec.tailConsumers ?? spec.streamingTailConsumers ?? spec.dynamic?.tails) !== undefined;
      const onCall = isTailed ? (await import("./tail/tailed-worker.ts")).recordLog : undefined;
      const { isWatched = false, breaksAtStart = false, colors = false } = message;
      this.#debuggers.isWatched = isWatched;
      const inspect = this.#debuggers.call;
      const console = createConsole({ write: logConsole, inspect, onCall, colors });
      const post = (out: ThreadToHost): void => this.#post(out);
      const loaded = await loadWorker({ spec, bundle, console, isWatched, breaksAtStart, post });
      this.#links = loaded.links;
      this.#dynamicWorkers = loaded.dynamicWorkers;
      this.#assets = loaded.assets;
      this.#objects = loaded.objects;
      this.#count = loaded.count;
      this.#tellOrphans = loaded.tellOrphans;
      const { worker } = loaded;
      this.#http = new HttpEndpoint(http, `${spec.name}-${generation}-`, {
        fetch: (request, invocation) => worker.fetch(request, invocation),
        events: worker,
      });
      const endpoint = this.#http;
      new HangDetector({
        exchanges: () => endpoint.unsettled(),
        sessions: loaded.sessions,
        hasHiddenWaits: loaded.hasHiddenWaits,
      });
      this.#post({
        type: "loaded",
        generation,
        entrypoints: loaded.entrypoints,
        evaluateMs: millisecondsSince(started),
      });
    } catch (error) {
      this.#post({ type: "load-failed", generation, error: describeError(error) });
    }
    const early = this.#early;
    this.#early = null;
    for (const waiting of early) this.#onMessage(waiting);
  }

  #endInvocation({ invocation: number, message: text, outcome }: EndInvocation): void {
    const invocation = invocationOf(number);
    if (invocation !== undefined) {
      invocation.breach = outcome;
      this.#http?.breakOff(invocation);
      const error = new Error(text);
      // The place where it was ended says nothing.
      error.stack = `${error.name}: ${error.message}`;
      invocation.end(error);
    }
    this.#post({ type: "invocation-ended", invocation: number });
  }

  async #releaseObjects(limitMs: number): Promise<void> {
    this.#links?.leaveObjects();
    const isElsewhere = (await this.#objects?.release(limitMs)) ?? false;
    this.#post({ type: "objects-released", isElsewhere });
  }

  async #drain(): Promise<void> {
    stopKeepingSockets();
    await this.#links?.stopListening();
    this.#http?.receivePending();
    // Calls that other threads posted before they knew are in the queues of their ports: two turns
    // of the loop take them in.
    setImmediate(() => setImmediate(() => this.#tellWhenDrained()));
  }

  /**
   * The last invocation ends in the middle of a turn, when its answer is made and has not left: links send
   * what a turn made at its end, and callers in other processes may be slow to read. Who hears "drained"
   * ends this thread at once.
   */
  #tellWhenDrained(): void {
    whenQuiet(() =>
      setImmediate(() => {
        if (liveInvocations() > 0) {
          this.#tellWhenDrained();
          return;
        }
        const sent = this.#links?.whenSent();
        if (sent !== undefined) {
          void sent.then(() => this.#tellWhenDrained());
          return;
        }
        this.#http?.flush();
        this.#post({ type: "drained" });
      }),
    );
  }
}

/** Not by `performance`, which is loaded with its first use (isolate/clock.ts): the first answer need not wait for it. */
function millisecondsSince(start: readonly [number, number]): number {
  const [seconds, nanoseconds] = hrtime([...start]);
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** How /proc names this thread; undefined on systems that have none. */
function threadNumber(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const number = Number(basename(readlinkSync("/proc/thread-self")));
    return Number.isInteger(number) ? number : undefined;
  } catch {
    // A sandbox without /proc.
    return undefined;
  }
}

/** Names the request that is being served. */
function withRequest(entry: LogEntry): LogEntry {
  const { requestId = "", traceId } = currentInvocation()?.trace ?? {};
  if (requestId === "") return entry;
  const named = { ...entry, requestId: requestId.split(" ", 1)[0] as string };
  return traceId === undefined ? named : { ...named, traceId };
}
