/**
 * The broker of a session's queues: takes what producers send, keeps it on disk, and delivers it to the
 * consumer in this session, or hands it to the broker of the session that has one. What nobody
 * consumes waits. Storage thread; owned by resources.ts, driven by the host's messages
 * (protocol/queues.ts) and by producers through queue.ts.
 */
import { randomBytes } from "node:crypto";
import {
  type BrokerToHost,
  type HostToBroker,
  MAX_WAITING,
  type QueueConsumer,
  type QueueMetrics,
  type RelayedMessage,
  type SentMessage,
} from "../../protocol/queues.ts";
import { messageOf } from "../../util/errors.ts";
import { Advance } from "./advance.ts";
import { type Clock, MovableClock, systemClock } from "./clock.ts";
import { Consumer, type ConsumerContext } from "./consumer.ts";
import { Messages } from "./messages.ts";
import type { Relay } from "./relay.ts";
import { Turns } from "./turns.ts";

export interface BrokerOptions {
  /** Folder of the state. */
  readonly root: string;
  readonly send: (message: BrokerToHost, moves: ArrayBuffer[]) => void;
  readonly relay: Relay;
  readonly clock?: Clock;
}

export class Broker {
  readonly messages: Messages;
  readonly #options: BrokerOptions;
  readonly #machine: Clock;
  readonly #clock: MovableClock;
  readonly #advance: Advance;
  readonly #turns: Turns;
  readonly #consumers: Map<string, Consumer> = new Map();
  readonly #batches: Map<number, Consumer> = new Map();
  #lastBatch = 0;
  #routes: Readonly<Record<string, string>> = {};
  /** Queues that are being handed over. */
  readonly #relaying: Set<string> = new Set();
  /** What was last said of the store, while it is so. */
  #problem: string | undefined;
  /** What the host was last told, as text. */
  #toldWaiting = "{}";

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#machine = options.clock ?? systemClock;
    this.#clock = new MovableClock(this.#machine);
    this.#advance = new Advance(this.#clock, () =>
      [...this.#batches.values()].some(({ isBusy }) => isBusy),
    );
    this.messages = new Messages(options.root);
    this.#turns = new Turns({
      root: options.root,
      clock: this.#machine,
      onTurn: (queue) => this.#look(queue),
      onWait: (queue) => this.#sayWaits(queue),
    });
  }

  /** Returns what waited before. Throws what the store throws: then nothing was taken. */
  send(queue: string, sent: readonly SentMessage[]): QueueMetrics {
    const before = this.metrics(queue);
    const now = this.#clock.now();
    // Workers compare it with their own `Date`, which nobody sets forward.
    const timestamp = this.#machine.now();
    this.messages.add(
      queue,
      sent.map(({ type, body, delay = 0 }) => ({
        id: randomBytes(16).toString("hex"),
        timestamp,
        attempts: 0,
        type,
        body,
        due: delay > 0 ? now + delay * 1000 : 0,
      })),
    );
    this.#trouble(undefined);
    this.#arrived(queue);
    return before;
  }

  metrics(queue: string): QueueMetrics {
    return this.#consumers.get(queue)?.metrics() ?? this.messages.metrics(queue, this.#clock.now());
  }

  /**
   * Messages of another session's broker, whose file is `path`. The sender deletes what is "taken"; one
   * that shares the file has nothing to delete.
   */
  take(queue: string, messages: readonly RelayedMessage[], path: string): "taken" | "shared" {
    const isShared = path === this.messages.path;
    if (!isShared) this.messages.add(queue, messages);
    this.#arrived(queue);
    return isShared ? "shared" : "taken";
  }

  onMessage(message: HostToBroker): void {
    switch (message.type) {
      case "queue-consumers":
        this.#configure(message.consumers);
        break;
      case "queue-routes":
        this.#routes = message.routes;
        for (const queue of Object.keys(message.routes)) this.#arrived(queue);
        // Also the first word of a thread that starts.
        this.#tellWaiting();
        break;
      case "queue-batch-end": {
        const consumer = this.#batches.get(message.batch);
        this.#batches.delete(message.batch);
        consumer?.onBatchEnd(message.end);
        if (consumer !== undefined) this.#releaseUnused(consumer);
        this.#tellWaiting();
        this.#advance.onBatchEnd();
        break;
      }
      case "queue-worker-loaded":
        for (const consumer of this.#consumers.values()) {
          if (consumer.worker === message.worker) consumer.resume();
        }
        break;
      case "queue-advance":
        void this.#advance
          .run(message.ms)
          .then(({ next, handled }) =>
            this.#send({ type: "queue-advanced", request: message.request, next, handled }),
          );
        break;
      case "queue-listen":
        this.#options.relay.listen(message.path, (text) =>
          this.#send(
            text === undefined
              ? { type: "queue-listening", path: message.path }
              : { type: "queue-listen-failed", path: message.path, message: text },
          ),
        );
        break;
    }
  }

  close(): void {
    for (const consumer of this.#consumers.values()) consumer.close();
    this.#consumers.clear();
    this.#turns.close();
    this.#options.relay.close();
    this.messages.close();
  }

  #configure(all: readonly QueueConsumer[]): void {
    const wanted = new Map(all.map((settings) => [settings.queue, settings]));
    for (const [queue, consumer] of this.#consumers) {
      if (wanted.has(queue)) continue;
      consumer.close();
      this.#consumers.delete(queue);
      this.#releaseUnused(consumer);
    }
    for (const [queue, settings] of wanted) {
      let consumer = this.#consumers.get(queue);
      if (consumer === undefined) {
        consumer = new Consumer(settings, this.#context());
        this.#consumers.set(queue, consumer);
      }
      const found = consumer;
      this.#attempt(() => found.configure(settings));
    }
    this.#tellWaiting();
  }

  #context(): ConsumerContext {
    return {
      messages: this.messages,
      clock: this.#clock,
      hasTurn: (queue) => this.#turns.has(queue),
      deliver: (consumer, content) => {
        const batch = ++this.#lastBatch;
        this.#batches.set(batch, consumer);
        const moves = content.messages.map(({ body }) => body.buffer as ArrayBuffer);
        this.#send({ type: "queue-batch", batch, worker: consumer.worker, content }, moves);
      },
      handled: (entry) => {
        this.#advance.onHandled(entry);
        this.#send({ type: "queue-handled", entry });
      },
      remark: (worker, level, text) => this.#send({ type: "queue-remark", worker, level, text }),
      trouble: (queue, text) => this.#trouble(text, queue),
      moved: (queue) => this.#arrived(queue),
    };
  }

  /** What was taken stays taken, whatever comes of it now: failures are told, not thrown. */
  #arrived(queue: string): void {
    this.#attempt(() => {
      this.#dropSurplus(queue);
      const consumer = this.#consumers.get(queue);
      if (consumer !== undefined) consumer.look();
      else if (this.#routes[queue] !== undefined) void this.#hand(queue);
      if (consumer === undefined || !this.#turns.has(queue)) this.#turns.ring();
    });
    this.#tellWaiting();
  }

  /** Undefined: at all queues. */
  #look(queue: string | undefined): void {
    for (const [name, consumer] of this.#consumers) {
      if (queue === undefined || queue === name) this.#attempt(() => consumer.look());
    }
  }

  /** Another session may deliver what nobody consumes here any more, once no handler has it. */
  #releaseUnused(consumer: Consumer): void {
    if (!consumer.isBusy && !this.#consumers.has(consumer.queue)) {
      this.#turns.release(consumer.queue);
    }
  }

  #sayWaits(queue: string): void {
    const worker = this.#consumers.get(queue)?.worker;
    const text = `Queue "${queue}" is delivered by another session with the same state folder. This one takes over when that ends.`;
    this.#send({ type: "queue-remark", worker, level: "warn", text });
  }

  #dropSurplus(queue: string): void {
    const surplus = this.messages.count(queue) - MAX_WAITING;
    if (surplus <= 0) return;
    this.messages.settle({ done: this.messages.oldest(queue, surplus), retries: [], moves: [] });
    const text = `Dropped ${surplus} of the oldest messages on queue "${queue}": more than ${MAX_WAITING} wait.`;
    this.#send({ type: "queue-remark", worker: undefined, level: "warn", text });
  }

  /** To the session that consumes the queue, until none is left. Never rejects. */
  async #hand(queue: string): Promise<void> {
    if (this.#relaying.has(queue)) return;
    this.#relaying.add(queue);
    try {
      for (;;) {
        const path = this.#routes[queue];
        if (path === undefined || this.#consumers.has(queue)) return;
        const ids = this.messages.oldest(queue, HANDED_AT_ONCE);
        if (ids.length === 0) return;
        const messages = ids
          .map((id) => this.messages.get(id))
          .filter((message) => message !== undefined);
        const answer = await this.#options.relay.hand(path, {
          queue,
          messages,
          path: this.messages.path,
        });
        if (answer !== "taken") return;
        this.messages.settle({ done: ids, retries: [], moves: [] });
        this.#tellWaiting();
      }
    } catch (error) {
      // The other session is gone or going: the registry tells, and whoever comes next gets them.
      const text = `Queue "${queue}" was not handed over: ${messageOf(error)}`;
      this.#send({ type: "queue-remark", worker: undefined, level: "debug", text });
    } finally {
      this.#relaying.delete(queue);
    }
  }

  #tellWaiting(): void {
    this.#attempt(() => {
      const waiting: Record<string, number> = {};
      for (const [queue, count] of this.messages.queues()) {
        if (!this.#consumers.has(queue)) waiting[queue] = count;
      }
      const text = JSON.stringify(waiting);
      if (text === this.#toldWaiting) return;
      this.#toldWaiting = text;
      this.#send({ type: "queue-waiting", waiting });
    });
  }

  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#trouble(messageOf(error));
    }
  }

  /** Said once, until it is something else or the store takes messages again. */
  #trouble(problem: string | undefined, queue?: string): void {
    const isKnown = problem === this.#problem;
    this.#problem = problem;
    if (problem === undefined || isKnown) return;
    const worker = queue === undefined ? undefined : this.#consumers.get(queue)?.worker;
    const text = queue === undefined ? problem : `Queue "${queue}": ${problem}`;
    this.#send({ type: "queue-remark", worker, level: "error", text });
  }

  #send(message: BrokerToHost, moves: ArrayBuffer[] = []): void {
    this.#options.send(message, moves);
  }
}

const HANDED_AT_ONCE = 100;
