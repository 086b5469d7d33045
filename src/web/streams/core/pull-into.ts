/**
 * A read of a byte stream that is being filled: the buffer that the reader brought (or that was
 * allocated for it), and the queue of bytes that such reads are filled from. Data of
 * byte-readable.ts.
 */
import { Deque } from "./deque.ts";
import { copyInto, copyOf, transfer, type ViewConstructor } from "./views.ts";

/** Of a released reader nobody waits: what arrives goes to the queue. */
export type Waiter = "default" | "byob" | "none";

export interface PullInto {
  buffer: ArrayBuffer;
  readonly bufferLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  filled: number;
  /** Bytes that it waits for. */
  readonly minimum: number;
  readonly elementSize: number;
  readonly make: ViewConstructor;
  waiter: Waiter;
}

interface Entry {
  readonly buffer: ArrayBuffer;
  offset: number;
  length: number;
}

/** Its buffer as a view of what was filled, taken away from everybody else. */
export function viewOf(pull: PullInto): ArrayBufferView {
  return new pull.make(transfer(pull.buffer), pull.byteOffset, pull.filled / pull.elementSize);
}

export class ByteQueue {
  readonly #entries: Deque<Entry> = new Deque();
  total = 0;

  push(buffer: ArrayBuffer, offset: number, length: number): void {
    this.#entries.push({ buffer, offset, length });
    this.total += length;
  }

  pushCopy(buffer: ArrayBuffer, offset: number, length: number): void {
    this.push(copyOf(buffer, offset, length), 0, length);
  }

  /** The next chunk as it was queued, which must be there. */
  shift(): Uint8Array {
    const entry = this.#entries.shift();
    if (entry === undefined) return new Uint8Array(0);
    this.total -= entry.length;
    return new Uint8Array(entry.buffer, entry.offset, entry.length);
  }

  /** Fills as much as there is in whole elements; true once it has its minimum. */
  fill(pull: PullInto): boolean {
    const most = Math.min(this.total, pull.byteLength - pull.filled);
    const reach = pull.filled + most;
    const aligned = reach - (reach % pull.elementSize);
    const isReady = aligned >= pull.minimum;
    let rest = isReady ? aligned - pull.filled : most;
    while (rest > 0) {
      const head = this.#entries.peek();
      if (head === undefined) break;
      const length = Math.min(rest, head.length);
      copyInto(pull.buffer, pull.byteOffset + pull.filled, head.buffer, head.offset, length);
      if (head.length === length) this.#entries.shift();
      else {
        head.offset += length;
        head.length -= length;
      }
      this.total -= length;
      pull.filled += length;
      rest -= length;
    }
    return isReady;
  }

  clear(): void {
    this.#entries.clear();
    this.total = 0;
  }
}
