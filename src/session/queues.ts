/**
 * The queues of a session: who consumes which, in this session or another, and what waits. Tells the
 * host where brokers of other sessions listen, and the registry where this one does. Owned by
 * DevSession.
 */
import { existsSync } from "node:fs";
import type { HostToSession, SessionToHost } from "../protocol/host.ts";
import type { QueueConsumer, QueuesAdvanced } from "../protocol/queues.ts";
import { queueStore } from "../storage/state-folder.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";
import type { SessionEvent } from "./events.ts";
import type { PeerDirectory } from "./peers.ts";
import { isRemoved } from "./socket-path.ts";
import type { WorkerView } from "./status.ts";

export interface SessionQueuesContext {
  readonly peers: PeerDirectory;
  readonly workers: () => readonly Pick<WorkerView, "name" | "config">[];
  readonly send: (message: SessionToHost) => void;
  readonly dispatch: (event: SessionEvent) => void;
  /** Something that the status or the registry shows has changed. */
  readonly onChange: () => void;
}

type QueueMessage = Extract<
  HostToSession,
  {
    readonly type: "queue-waiting" | "queue-listening" | "queue-listen-failed" | "queue-advanced";
  }
>;

export class SessionQueues {
  readonly #context: SessionQueuesContext;
  #waiting: Readonly<Record<string, number>> = {};
  /** What the host was last told of other sessions, as text. */
  #toldRoutes = "{}";
  /** Where the broker was asked to listen, and whether it does. */
  #asked: string | undefined;
  #address: string | undefined;
  #isKnown = false;
  /** Queues of which it was said that nobody consumes them. */
  readonly #said: Set<string> = new Set();
  #lastAdvance = 0;
  readonly #advances: Map<number, Deferred<QueuesAdvanced>> = new Map();

  constructor(context: SessionQueuesContext) {
    this.#context = context;
  }

  /** Socket of this session's broker, once it listens. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Of this session. */
  consumers(): QueueConsumer[] {
    return this.#context
      .workers()
      .flatMap(({ name, config }) =>
        config.queueConsumers.map((consumer) => ({ ...consumer, worker: name })),
      );
  }

  /** Messages of earlier sessions may lie in the state folder. */
  hasBacklog(stateRoot: string): boolean {
    return this.#produced().size > 0 && existsSync(queueStore(stateRoot).database);
  }

  /** Messages that wait in a queue that nobody consumes here. */
  waiting(queue: string): number {
    return this.#waiting[queue] ?? 0;
  }

  /** Its consumer; undefined if there is none now. "": of another session. */
  consumerOf(queue: string): string | undefined {
    const own = this.consumers().find((consumer) => consumer.queue === queue);
    if (own !== undefined) return own.worker;
    return this.#routeOf(queue) === undefined ? undefined : "";
  }

  /** Configs or other sessions changed. */
  update(): void {
    const { peers, send } = this.#context;
    const routes: Record<string, string> = {};
    for (const queue of this.#produced()) {
      const path = this.#routeOf(queue);
      if (path !== undefined) routes[queue] = path;
    }
    const text = JSON.stringify(routes);
    if (text !== this.#toldRoutes) {
      this.#toldRoutes = text;
      send({ type: "queue-routes", routes });
    }
    if (this.#asked === undefined && peers.enabled && this.consumers().length > 0) {
      this.#asked = peers.createSocketPath();
      if (this.#asked !== undefined) send({ type: "queue-listen", path: this.#asked });
    }
    this.#remark();
  }

  /** Who consumes what is a fact from now on. */
  follow(): void {
    this.#isKnown = true;
    this.#remark();
  }

  /** Lets time go by for the broker's delays and batches; 0 waits for what is due. One after the other. */
  advance(ms: number): Promise<QueuesAdvanced> {
    const done = createDeferred<QueuesAdvanced>();
    this.#lastAdvance += 1;
    this.#advances.set(this.#lastAdvance, done);
    this.#context.send({ type: "queue-advance", request: this.#lastAdvance, ms });
    return done.promise;
  }

  /** Nobody answers any more. */
  close(): void {
    for (const done of this.#advances.values()) {
      done.reject(new Error("The process that delivers queues has ended."));
    }
    this.#advances.clear();
  }

  /** If somebody has removed the broker's socket it listens anew. */
  restoreSocket(): void {
    if (this.#address === undefined || !isRemoved(this.#address)) return;
    this.#asked = undefined;
    this.#address = undefined;
    this.update();
  }

  /** A new host knows nothing. */
  restore(): void {
    this.close();
    this.#toldRoutes = "{}";
    this.#asked = undefined;
    this.#address = undefined;
    this.#waiting = {};
    this.update();
  }

  onMessage(message: QueueMessage): void {
    switch (message.type) {
      case "queue-advanced":
        this.#advances.get(message.request)?.resolve(message);
        this.#advances.delete(message.request);
        return;
      case "queue-waiting":
        this.#waiting = message.waiting;
        this.#remark();
        break;
      case "queue-listening":
        if (message.path === this.#asked) this.#address = message.path;
        break;
      case "queue-listen-failed": {
        const text = `Other sessions cannot send to the queues of this one: ${message.message}`;
        this.#context.dispatch({ type: "registry-trouble", text });
        break;
      }
    }
    this.#context.onChange();
  }

  /** Queues that this session may put messages into. */
  #produced(): Set<string> {
    const names = new Set(Object.keys(this.#waiting));
    for (const { config } of this.#context.workers()) {
      for (const binding of config.bindings) {
        if (binding.type === "resource" && binding.kind === "queue") names.add(binding.id);
      }
      for (const { deadLetterQueue } of config.queueConsumers) {
        if (deadLetterQueue !== undefined) names.add(deadLetterQueue);
      }
    }
    for (const { queue } of this.consumers()) names.delete(queue);
    return names;
  }

  #routeOf(queue: string): string | undefined {
    const [primary] = this.#context.workers();
    return primary === undefined ? undefined : this.#context.peers.queueBroker(queue, primary.name);
  }

  /** Said once for each time that a queue is left alone. */
  #remark(): void {
    if (!this.#isKnown) return;
    for (const queue of [...this.#said]) {
      if (this.waiting(queue) === 0 || this.consumerOf(queue) !== undefined)
        this.#said.delete(queue);
    }
    for (const [queue, count] of Object.entries(this.#waiting)) {
      if (count === 0 || this.#said.has(queue) || this.consumerOf(queue) !== undefined) continue;
      this.#said.add(queue);
      this.#context.dispatch({ type: "queue-alone", queue, count });
    }
  }
}
