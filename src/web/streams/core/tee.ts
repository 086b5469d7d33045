/** `tee` of a stream made in JavaScript that is no byte stream: both branches get the same chunks. */
import { DefaultReadable } from "./default-readable.ts";
import { Deferred, react, soon } from "./promises.ts";
import { type ReadableCore, Reader, type ReadRequest } from "./readable.ts";

/** Locks `source`, which must not be locked. */
export function teeDefault(source: ReadableCore): [DefaultReadable, DefaultReadable] {
  const tee = new Tee(source);
  return [tee.branches[0].begin(), tee.branches[1].begin()];
}

class Tee implements ReadRequest {
  readonly branches: readonly [DefaultReadable, DefaultReadable];
  readonly #source: ReadableCore;
  #isReading = false;
  #readAgain = false;
  readonly #cancelled: [boolean, boolean] = [false, false];
  readonly #cancelDone: Deferred<unknown> = new Deferred();

  constructor(source: ReadableCore) {
    this.#source = source;
    const reader = new Reader(source, false);
    this.branches = [this.#branch(0), this.#branch(1)];
    react(reader.closed.promise, undefined, (error) => {
      for (const branch of this.branches) branch.error(error);
      if (!this.#cancelled[0] || !this.#cancelled[1]) this.#cancelDone.resolve(undefined);
    });
  }

  #branch(index: 0 | 1): DefaultReadable {
    return new DefaultReadable(
      {
        start: undefined,
        pull: () => this.#pull(),
        cancel: (reason) => this.#cancel(index, reason),
      },
      1,
    );
  }

  #pull(): void {
    if (this.#isReading) {
      this.#readAgain = true;
      return;
    }
    this.#isReading = true;
    this.#source.read(this);
  }

  #cancel(index: 0 | 1, reason: unknown): Promise<unknown> {
    this.#cancelled[index] = true;
    // Production tells the source the second reason alone.
    if (this.#cancelled[0] && this.#cancelled[1]) {
      this.#cancelDone.resolve(this.#source.cancel(reason));
    }
    return this.#cancelDone.promise;
  }

  chunk(value: unknown): void {
    // Errors of the source that come with it are to arrive first.
    soon(() => {
      this.#readAgain = false;
      for (const index of [0, 1] as const) {
        if (!this.#cancelled[index] && this.branches[index].isOpen) {
          this.branches[index].enqueue(value);
        }
      }
      this.#isReading = false;
      if (this.#readAgain) this.#pull();
    });
  }

  close(): void {
    this.#isReading = false;
    for (const index of [0, 1] as const) {
      if (!this.#cancelled[index] && this.branches[index].isOpen) this.branches[index].close();
    }
    if (!this.#cancelled[0] || !this.#cancelled[1]) this.#cancelDone.resolve(undefined);
  }

  error(): void {
    this.#isReading = false;
  }
}
