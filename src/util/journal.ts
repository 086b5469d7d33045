/**
 * Lines of text in shared memory: whoever reads them needs nothing of the thread that wrote them, which may have
 * ended in the middle of anything. A word says how many bytes hold; it is written after them.
 */

const HEAD_BYTES = 8;
const LENGTH_BYTES = 4;

export class JournalWriter {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  #used = HEAD_BYTES;

  constructor(bytes: number) {
    this.memory = new SharedArrayBuffer(bytes);
    this.#words = new Int32Array(this.memory, 0, 1);
    this.#bytes = Buffer.from(this.memory);
    this.clear();
  }

  /** False: it does not fit. */
  add(line: string): boolean {
    const at = this.#used + LENGTH_BYTES;
    // No character takes more than three bytes for each of its units.
    if (at + line.length * 3 > this.#bytes.byteLength) return false;
    const length = this.#bytes.write(line, at);
    this.#bytes.writeUInt32LE(length, this.#used);
    this.#setUsed(at + length);
    return true;
  }

  clear(): void {
    this.#setUsed(HEAD_BYTES);
  }

  #setUsed(used: number): void {
    this.#used = used;
    Atomics.store(this.#words, 0, used);
  }
}

export function readJournal(memory: SharedArrayBuffer): string[] {
  const used = Atomics.load(new Int32Array(memory, 0, 1), 0);
  const bytes = Buffer.from(memory);
  const lines: string[] = [];
  for (let at = HEAD_BYTES; at < used; ) {
    const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
    lines.push(bytes.toString("utf8", at + LENGTH_BYTES, end));
    at = end;
  }
  return lines;
}
