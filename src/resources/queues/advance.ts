/**
 * A test's clock sets the time of a broker forward: what was due has been handled when it is answered, with what
 * followed from it at once. Storage thread; owned by broker.ts.
 */
import type { QueueLogEntry } from "../../protocol/queues.ts";
import type { MovableClock } from "./clock.ts";

/** Handlers that send to their own queue may go on for ever. */
const MAX_BATCHES = 10_000;

export class Advance {
  readonly #clock: MovableClock;
  readonly #isBusy: () => boolean;
  #handled: QueueLogEntry[] | undefined;
  #ended: (() => void) | undefined;

  /** `isBusy`: a batch is with a handler. */
  constructor(clock: MovableClock, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Not to be called again before it has resolved. */
  async run(ms: number): Promise<{ next: number | null; handled: readonly QueueLogEntry[] }> {
    const handled: QueueLogEntry[] = [];
    this.#handled = handled;
    this.#clock.advance(ms);
    while (this.#isBusy() && handled.length < MAX_BATCHES) {
      await new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
      this.#clock.advance(0);
    }
    this.#handled = undefined;
    return { next: this.#clock.next() ?? null, handled };
  }

  onHandled(entry: QueueLogEntry): void {
    this.#handled?.push(entry);
  }

  onBatchEnd(): void {
    this.#ended?.();
  }
}
