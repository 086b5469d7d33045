/**
 * Delivers one queue to the Worker of this session that consumes it: when a batch goes, and what
 * becomes of it (spec/resources.md 8.4, 8.5). One batch at a time. Timers are its own, so a reload of
 * the Worker changes nothing. Storage thread; made by broker.ts.
 */
import type {
  BatchEnd,
  QueueBatch,
  QueueConsumer,
  QueueLogEntry,
  QueueMetrics,
} from "../../protocol/queues.ts";
import { messageOf } from "../../util/errors.ts";
import type { Clock, Timer } from "./clock.ts";
import { type Delivered, decide, type Fate } from "./decide.ts";
import type { Messages } from "./messages.ts";

export interface ConsumerContext {
  readonly messages: Messages;
  readonly clock: Clock;
  /** Whether this session delivers the queue, or another one on the same state folder. */
  readonly hasTurn: (queue: string) => boolean;
  /** Gives the batch to the host; `onBatchEnd` follows. */
  readonly deliver: (consumer: Consumer, batch: QueueBatch) => void;
  readonly handled: (entry: QueueLogEntry) => void;
  readonly remark: (worker: string, level: "warn" | "debug", text: string) => void;
  /** What the store said of its file; undefined: it takes messages again. */
  readonly trouble: (queue: string, text: string | undefined) => void;
  /** Messages were put into another queue. */
  readonly moved: (queue: string) => void;
}

/** What the store could not do, because the disk is full or somebody has it locked, is tried again. */
const AGAIN_MS = 1_000;

export class Consumer {
  readonly #context: ConsumerContext;
  #settings: QueueConsumer;
  /** With the handler now. */
  #running: { readonly messages: readonly Delivered[]; readonly startedAt: number } | undefined;
  /** What became of the last batch, while the store cannot take it: it must not be delivered again. */
  #unsettled: readonly Fate[] = [];
  /** No thread takes a batch until the Worker is loaded again. */
  #isPaused = false;
  #isClosed = false;
  #flush: Timer | undefined;
  #wake: Timer | undefined;
  #again: Timer | undefined;

  constructor(settings: QueueConsumer, context: ConsumerContext) {
    this.#settings = settings;
    this.#context = context;
  }

  get queue(): string {
    return this.#settings.queue;
  }

  get worker(): string {
    return this.#settings.worker;
  }

  /** A batch is with the handler. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** A changed config holds from the next batch on. */
  configure(settings: QueueConsumer): void {
    const isOther = settings.worker !== this.#settings.worker;
    this.#settings = settings;
    if (isOther) this.resume();
    this.look();
  }

  /** What waits: neither delayed nor with the handler. */
  metrics(): QueueMetrics {
    const { messages, clock } = this.#context;
    const running = this.#running?.messages.map(({ id }) => id);
    return messages.metrics(this.queue, clock.now(), running);
  }

  /** Something may have become deliverable. */
  look(): void {
    this.#attempt(() => this.#look());
  }

  #look(): void {
    if (this.#isClosed) return;
    for (const queue of this.#settle()) this.#context.moved(queue);
    this.#armWake();
    if (!this.#mayDeliver()) return;
    const size = Math.max(1, this.#settings.maxBatchSize);
    const ready = this.#context.messages.ready(this.queue, this.#context.clock.now(), size);
    if (ready.length === 0) this.#cancelFlush();
    else if (ready.length >= size) this.#deliver(ready);
    else {
      this.#flush ??= this.#context.clock.after(this.#settings.maxBatchTimeout * 1000, () => {
        this.#flush = undefined;
        this.#attempt(() => this.#deliverReady());
      });
    }
  }

  /** The Worker serves. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#attempt(() => this.#deliverReady());
  }

  onBatchEnd(end: BatchEnd): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    if (end.type === "lost") {
      this.#isPaused = end.retry === "when-loaded";
      if (!this.#isPaused) this.#attempt(() => this.#deliverReady());
      return;
    }
    const fates = decide(running.messages, end.ok, end.decision, this.#settings);
    this.#unsettled = fates;
    let moves: readonly string[] = [];
    this.#attempt(() => {
      moves = this.#settle();
    });
    const acknowledged = fates.filter(({ type }) => type === "acknowledged").length;
    this.#context.handled({
      worker: this.worker,
      queue: this.queue,
      acknowledged,
      total: fates.length,
      durationMs: this.#context.clock.now() - running.startedAt,
    });
    if (this.#unsettled.length > 0) return;
    this.#attempt(() => {
      for (const queue of moves) this.#context.moved(queue);
      this.#look();
    });
  }

  /** Delivers nothing more; what is with the handler may still end. */
  close(): void {
    this.#isClosed = true;
    this.#cancelFlush();
    this.#wake?.cancel();
    this.#again?.cancel();
  }

  #mayDeliver(): boolean {
    if (this.#isClosed || this.#running !== undefined || this.#isPaused) return false;
    return this.#context.hasTurn(this.queue);
  }

  #deliverReady(): void {
    if (!this.#mayDeliver()) return;
    const size = Math.max(1, this.#settings.maxBatchSize);
    const ready = this.#context.messages.ready(this.queue, this.#context.clock.now(), size);
    if (ready.length > 0) this.#deliver(ready);
  }

  #deliver(ids: readonly string[]): void {
    this.#cancelFlush();
    const { messages, clock, deliver } = this.#context;
    const metrics = messages.metrics(this.queue, clock.now(), ids);
    const found = ids.map((id) => messages.get(id)).filter((message) => message !== undefined);
    const batch = found.map(({ id, timestamp, attempts, type, body }) => ({
      id,
      timestamp,
      attempts: attempts + 1,
      type,
      body,
    }));
    // Not the bodies: they go to the handler.
    const delivered = batch.map(({ id, attempts }) => ({ id, attempts }));
    this.#running = { messages: delivered, startedAt: clock.now() };
    deliver(this, { queue: this.queue, messages: batch, metrics });
  }

  /**
   * Writes down what became of the last batch, and returns the queues that messages were moved to: they
   * hear of it after the batch has its line. Throws what the store throws.
   */
  #settle(): readonly string[] {
    const fates = this.#unsettled;
    if (fates.length === 0) return [];
    const { messages, clock } = this.#context;
    const now = clock.now();
    const moves = fates.filter((fate) => fate.type === "dead-letter");
    messages.settle({
      done: fates.filter(({ type }) => type === "acknowledged" || type === "dropped").map(idOf),
      retries: fates.flatMap((fate) =>
        fate.type === "retry" ? [{ id: fate.id, due: now + fate.delay * 1000 }] : [],
      ),
      moves,
    });
    this.#unsettled = [];
    this.#context.trouble(this.queue, undefined);
    for (const fate of fates) this.#say(fate);
    return [...new Set(moves.map(({ queue }) => queue))];
  }

  /** wrangler's words. */
  #say(fate: Fate): void {
    const { remark } = this.#context;
    const which = `message "${fate.id}" on queue "${this.queue}"`;
    const attempts = this.#settings.maxRetries + 1;
    const failed = `after ${attempts} failed attempt${attempts === 1 ? "" : "s"}`;
    if (fate.type === "retry") remark(this.worker, "debug", `Retrying ${which}...`);
    else if (fate.type === "dropped") remark(this.worker, "warn", `Dropped ${which} ${failed}!`);
    else if (fate.type === "dead-letter") {
      remark(
        this.worker,
        "warn",
        `Moving ${which} to dead letter queue "${fate.queue}" ${failed}...`,
      );
    }
  }

  /**
   * What the store says of its file is told, and the queue is looked at again in a while: perhaps
   * nobody sends anything more, and what is there must not wait for that.
   */
  #attempt(run: () => void): void {
    const { clock, trouble } = this.#context;
    try {
      run();
    } catch (error) {
      trouble(this.queue, messageOf(error));
      if (this.#isClosed) return;
      this.#again?.cancel();
      this.#again = clock.after(AGAIN_MS, () => this.look());
      return;
    }
    if (this.#again === undefined) return;
    this.#again.cancel();
    this.#again = undefined;
    trouble(this.queue, undefined);
  }

  #cancelFlush(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
  }

  #armWake(): void {
    const { messages, clock } = this.#context;
    this.#wake?.cancel();
    const due = messages.nextDue(this.queue, clock.now());
    this.#wake =
      due === undefined
        ? undefined
        : clock.after(Math.max(0, due - clock.now()), () => this.look());
  }
}

function idOf({ id }: Fate): string {
  return id;
}
