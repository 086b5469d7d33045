/**
 * Between the registry and the host: tells the registry about this session's own Workers, their
 * names at once and their addresses as soon as the threads listen, and answers the host's questions
 * about others. Owned and driven by DevSession.
 *
 * Every generation listens on a path of its own: the old thread goes on with what it has begun
 * while new callers find the new one.
 */
import type { HostToSession, SessionToHost } from "../protocol/host.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import { firstLine } from "../util/text.ts";
import { workerNotFound } from "../util/worker-not-found.ts";
import type { SessionEvent } from "./events.ts";
import type { PeerDirectory } from "./peers.ts";
import type { SessionQueues } from "./queues.ts";
import { isRemoved } from "./socket-path.ts";
import type { WorkerSession } from "./worker-session.ts";

export interface AnnouncerContext {
  readonly peers: PeerDirectory;
  readonly send: (message: SessionToHost) => void;
  readonly workers: () => readonly WorkerSession[];
  /** Where people reach a Worker, once the port is open. */
  readonly urlOf: (worker: string) => string | undefined;
  readonly dispatch: (event: SessionEvent) => void;
  readonly queues: SessionQueues;
  /** Folder of local state. */
  readonly stateRoot: () => string;
}

/** Longest reason that is announced, in characters. */
const MAX_FAILURE = 500;

interface Exposure {
  /** Where the newest thread was asked to listen. */
  asked: string;
  /** Where a thread listens. */
  path: string | undefined;
  generation: number;
  /** The path, once the newest thread listens there. */
  listening: Deferred<string>;
}

export class Announcer {
  readonly #context: AnnouncerContext;
  readonly #exposures: Map<string, Exposure> = new Map();

  constructor(context: AnnouncerContext) {
    this.#context = context;
  }

  /** A thread serves: it shall listen. Its predecessor's address holds until it does. */
  onLoaded(worker: string): void {
    const { peers, send } = this.#context;
    const path = peers.createSocketPath();
    if (path === undefined) return;
    const before = this.#exposures.get(worker);
    const { path: old, generation = 0 } = before ?? {};
    const listening = newListening();
    this.#exposures.set(worker, { asked: path, path: old, generation, listening });
    send({ type: "expose", worker, path });
  }

  /** Threads whose sockets somebody has removed listen anew: nobody finds them there any more. */
  restore(): void {
    for (const [worker, { path }] of [...this.#exposures]) {
      if (path !== undefined && isRemoved(path)) this.onLoaded(worker);
    }
  }

  /** Answers of threads that were replaced meanwhile are passed over. */
  onExposed(worker: string, path: string, generation: number): void {
    const exposure = this.#exposures.get(worker);
    if (exposure?.asked !== path) return;
    exposure.path = path;
    exposure.generation = generation;
    exposure.listening.resolve(path);
    this.update();
  }

  /** No other session can call the Worker: nothing is announced, and the user hears of it. */
  onExposeFailed(worker: string, path: string, reason: string): void {
    const exposure = this.#exposures.get(worker);
    if (exposure?.asked !== path) return;
    exposure.listening.reject(new Error(`Worker "${worker}" cannot be called: ${reason}`));
    const text = `Workers of other sessions cannot call ${worker}: ${reason}`;
    this.#context.dispatch({ type: "registry-trouble", text });
  }

  /** Its thread ended; another one is on the way. Undefined: all threads. */
  onGone(worker: string | undefined): void {
    if (worker === undefined) this.#exposures.clear();
    const exposure = worker === undefined ? undefined : this.#exposures.get(worker);
    // The host asks the next thread to listen there again.
    if (exposure !== undefined) {
      exposure.path = undefined;
      exposure.listening = newListening();
    }
    this.update();
  }

  /** Where the newest thread of a Worker listens; waits for it to begin. */
  addressOf(worker: string): string | Promise<string> {
    const exposure = this.#exposures.get(worker);
    if (exposure === undefined) return Promise.reject(new Error(workerNotFound(worker)));
    return exposure.path === exposure.asked ? exposure.asked : exposure.listening.promise;
  }

  /** The host asks for a Worker of another session, on behalf of one of ours. */
  async onQuestion(message: Extract<HostToSession, { type: "resolve-service" }>): Promise<void> {
    const { peers, send } = this.#context;
    const { request, service, from, unreachable } = message;
    const found = await peers.resolve(service, from, unreachable);
    if ("path" in found) {
      const { path, generation } = found;
      send({ type: "service-found", request, path, generation });
    } else {
      send({ type: "service-missing", request, ...found });
    }
  }

  /** Tells the registry what has changed. */
  update(): void {
    const { peers, workers, urlOf, queues, stateRoot } = this.#context;
    if (!peers.enabled) return;
    peers.announce(
      workers().map(({ name, config, state, entrypoints, failure }) => {
        const { path, generation = 0 } = this.#exposures.get(name) ?? {};
        const { configPath, environment, root } = config;
        const hasFailed = state === "failed";
        return {
          name,
          configPath,
          environment,
          root,
          entrypoints,
          path: hasFailed ? undefined : path,
          generation,
          failure: hasFailed ? firstLine(failure ?? "").slice(0, MAX_FAILURE) : undefined,
          url: urlOf(name),
          queues: config.queueConsumers.map(({ queue }) => queue),
          queueAddress: queues.address,
          localData: { root: stateRoot(), configFolder: config.userRoot },
        };
      }),
    );
  }
}

/** Its rejection is for those who wait. */
function newListening(): Deferred<string> {
  const listening = createDeferred<string>();
  listening.promise.catch(() => {});
  return listening;
}
