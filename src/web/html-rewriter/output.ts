/**
 * What comes out of the parser, until it goes on as one chunk. Pieces are a few bytes each (`<a`, ` href`, `=`)
 * and many: they are copied out of the parser's memory one behind the other. Owned by transform.ts.
 */

const FIRST_BYTES: number = 16 * 1024;
/** From here on a copy as a whole is faster than one byte by byte. */
const LONG = 24;

export class Output {
  #bytes: Uint8Array = new Uint8Array(0);
  #size = 0;

  add(memory: Uint8Array, at: number, length: number): void {
    const start = this.#size;
    const size = start + length;
    if (size > this.#bytes.byteLength) this.#grow(size);
    const bytes = this.#bytes;
    if (length < LONG) {
      for (let i = 0; i < length; i += 1) bytes[start + i] = memory[at + i] as number;
    } else {
      bytes.set(memory.subarray(at, at + length), start);
    }
    this.#size = size;
  }

  /** All of it, once; undefined: nothing. */
  take(): Uint8Array | undefined {
    if (this.#size === 0) return undefined;
    const bytes = this.#bytes.slice(0, this.#size);
    this.#size = 0;
    return bytes;
  }

  #grow(size: number): void {
    const bytes = new Uint8Array(Math.max(FIRST_BYTES, 2 * this.#bytes.byteLength, size));
    bytes.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = bytes;
  }
}
