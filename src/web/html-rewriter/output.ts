/**
 * What comes out of the parser, until it goes on as one chunk. Owned by transform.ts; parser.ts adds what it has
 * collected.
 */

export class Output {
  #pieces: Uint8Array[] = [];
  #isClosed = false;

  add(memory: Uint8Array, at: number, length: number): void {
    if (!this.#isClosed) this.#pieces.push(memory.slice(at, at + length));
  }

  /** All of it, once; undefined: nothing. */
  take(): Uint8Array | undefined {
    const pieces = this.#pieces;
    const [first] = pieces;
    if (first === undefined) return undefined;
    this.#pieces = [];
    if (pieces.length === 1) return first;
    const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    return whole;
  }

  /** Nothing is added any more. */
  close(): void {
    this.#isClosed = true;
  }
}
