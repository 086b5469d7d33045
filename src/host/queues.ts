/**
 * Between the broker of queues in its storage thread and the Workers of this host: gives batches to the
 * slots and brings back what became of them. Keeps the thread of the broker alive while anybody
 * consumes: what waits on disk is delivered without a call. Main thread of the host; owned by host.ts.
 */
import type { EventAnswer } from "../protocol/events.ts";
import type { HostSettings, HostToSession } from "../protocol/host.ts";
import type { AdvanceQueues, BatchEnd, BrokerToHost, HostToBroker } from "../protocol/queues.ts";
import { EventDelivery } from "./event-delivery.ts";
import type { SessionLink } from "./session-link.ts";
import type { StorageThreads } from "./storage-threads.ts";
import type { WorkerSlot } from "./worker-slot.ts";

export interface QueuesContext {
  readonly session: SessionLink;
  readonly settings: () => HostSettings;
  readonly slots: ReadonlyMap<string, WorkerSlot>;
  readonly storage: () => StorageThreads;
}

/** A broker that dies at once, again and again, is started no faster than that. */
const RESTART_MS = 200;

export class Queues {
  readonly #context: QueuesContext;
  #routes: Readonly<Record<string, string>> = {};
  #path: string | undefined;
  /** What the broker was last told of consumers, as text. */
  #told = "[]";
  /** A request that waits for the broker; one at a time. */
  #advancing: number | undefined;

  constructor(context: QueuesContext) {
    this.#context = context;
  }

  /** The settings have changed. */
  update(): void {
    if (this.#context.settings().hasQueueBacklog === true) {
      this.#context.storage().ensure("queues");
    }
    const text = JSON.stringify(this.#consumers());
    if (text === this.#told) return;
    this.#told = text;
    this.#post({ type: "queue-consumers", consumers: this.#consumers() });
  }

  /** Brokers of other sessions, by queue. */
  setRoutes(routes: Readonly<Record<string, string>>): void {
    this.#routes = routes;
    this.#tellRunning({ type: "queue-routes", routes });
  }

  /** Other sessions may hand their messages over there. */
  listen(path: string): void {
    this.#path = path;
    this.#post({ type: "queue-listen", path });
  }

  /** A test's clock goes on. */
  advance(message: AdvanceQueues): void {
    this.#advancing = message.request;
    // Where no thread is, nothing waits.
    if (!this.#tellRunning(message)) this.#notAdvanced();
  }

  /** There is no broker to say what it has done. */
  #notAdvanced(): void {
    const request = this.#advancing;
    if (request === undefined) return;
    this.#advancing = undefined;
    this.#context.session.send({ type: "queue-advanced", request, next: null, handled: [] });
  }

  onLoaded(worker: string): void {
    if (this.#context.slots.get(worker)?.live === undefined) return;
    if (this.#consumers().some((consumer) => consumer.worker === worker)) {
      this.#tellRunning({ type: "queue-worker-loaded", worker });
    }
  }

  /** A new thread knows nothing. */
  onStart(): void {
    const consumers = this.#consumers();
    this.#told = JSON.stringify(consumers);
    this.#tellRunning({ type: "queue-routes", routes: this.#routes });
    if (consumers.length > 0) this.#tellRunning({ type: "queue-consumers", consumers });
    if (this.#path !== undefined) this.#tellRunning({ type: "queue-listen", path: this.#path });
  }

  /** What it had not deleted is on disk: the next one delivers it. */
  onDeath(): void {
    this.#notAdvanced();
    if (this.#consumers().length === 0) return;
    setTimeout(() => this.#context.storage().ensure("queues"), RESTART_MS).unref();
  }

  onMessage(message: BrokerToHost): void {
    const { session, settings } = this.#context;
    switch (message.type) {
      case "queue-batch":
        this.#deliver(message);
        break;
      case "queue-handled":
        session.queue({ type: "queue-batch", entry: message.entry } satisfies HostToSession);
        break;
      case "queue-remark": {
        const { worker = settings().primary, level, text } = message;
        session.queue({ type: "queue-remark", worker, level, text });
        break;
      }
      case "queue-advanced":
        this.#advancing = undefined;
        session.send(message);
        break;
      case "queue-waiting":
      case "queue-listening":
      case "queue-listen-failed":
        session.send(message);
        break;
    }
  }

  #deliver({ batch, worker, content }: Extract<BrokerToHost, { type: "queue-batch" }>): void {
    const tell = (end: BatchEnd): void => {
      this.#tellRunning({ type: "queue-batch-end", batch, end });
    };
    const slot = this.#context.slots.get(worker);
    if (slot === undefined) {
      tell({ type: "lost", reason: `There is no Worker "${worker}".`, retry: "when-loaded" });
      return;
    }
    const onAnswer = ({ outcome, queue }: EventAnswer): void =>
      tell({ type: "handled", ok: outcome === "ok", decision: queue });
    const onFailure = ({ message }: { readonly message: string }): void => {
      const retry = slot.live === undefined ? "when-loaded" : "now";
      tell({ type: "lost", reason: message, retry });
    };
    slot.dispatch(new EventDelivery({ type: "queue", ...content }, { onAnswer, onFailure }));
  }

  #consumers(): NonNullable<HostSettings["queueConsumers"]> {
    return this.#context.settings().queueConsumers ?? [];
  }

  /** Starts the thread if there is none. */
  #post(message: HostToBroker): void {
    // A thread that starts is told everything.
    if (this.#context.storage().ensure("queues")) return;
    this.#tellRunning(message);
  }

  /** False if there is no thread. */
  #tellRunning(message: HostToBroker): boolean {
    return this.#context.storage().tell("queues", message);
  }
}
