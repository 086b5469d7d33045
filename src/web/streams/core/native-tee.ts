/** `tee` of a byte stream of the runtime: each branch gets bytes of its own. */
import { NativeReadable } from "./native-readable.ts";
import { react } from "./promises.ts";
import { type ReadableCore, Reader, type ReadRequest } from "./readable.ts";

/** Locks `source`, which must not be locked. */
export function teeNative(source: ReadableCore): [NativeReadable, NativeReadable] {
  const { one, other } = new NativeTee(source);
  return [one, other];
}

class NativeTee implements ReadRequest {
  readonly one: NativeReadable;
  readonly other: NativeReadable;
  readonly #source: ReadableCore;
  readonly #cancelled: Set<NativeReadable> = new Set();
  #isReading = false;

  constructor(source: ReadableCore) {
    this.#source = source;
    // A body of which there are branches counts as used.
    source.disturbed = true;
    const reader = new Reader(source, false);
    this.one = this.#branch(() => this.one);
    this.other = this.#branch(() => this.other);
    react(reader.closed.promise, undefined, (error) => this.#fail(error));
  }

  #branch(self: () => NativeReadable): NativeReadable {
    const branch = new NativeReadable({
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancel(self(), reason),
    });
    branch.owner = this.#source.owner;
    branch.length = this.#source.length;
    return branch;
  }

  #pull(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#source.read(this);
  }

  /** The source hears the second reason alone. */
  #cancel(branch: NativeReadable, reason: unknown): Promise<unknown> | undefined {
    this.#cancelled.add(branch);
    return this.#cancelled.size === 2 ? this.#source.cancel(reason) : undefined;
  }

  chunk(value: unknown): void {
    this.#isReading = false;
    const bytes = value as Uint8Array;
    const both = this.one.isOpen && this.other.isOpen;
    const copy = both ? bytes.slice() : bytes;
    this.one.push(bytes);
    this.other.push(copy);
  }

  close(): void {
    this.#isReading = false;
    this.one.end();
    this.other.end();
  }

  error(reason: unknown): void {
    this.#isReading = false;
    this.#fail(reason);
  }

  /** What a branch has not read yet comes first. */
  #fail(error: unknown): void {
    this.one.errorAfterwards(error);
    this.other.errorAfterwards(error);
  }
}
