/**
 * What gzip puts around deflated data (RFC 1952): the head is skipped, the tail is checked. node:zlib
 * would go on with a second member, where production says that there are trailing bytes.
 */
import { nodeZlib } from "../../util/late-modules.ts";

const TAIL_BYTES = 8;
const FIXED_HEAD = 10;
const HAS_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

export class GzipFrame {
  #head: number[] | undefined = [];
  readonly #tail: number[] = [];
  #crc = 0;
  #size = 0;

  /** Both were whole. */
  get isComplete(): boolean {
    return this.#head === undefined && this.#tail.length === TAIL_BYTES;
  }

  addOutput(bytes: Uint8Array): void {
    this.#crc = nodeZlib().crc32(bytes, this.#crc);
    this.#size = (this.#size + bytes.byteLength) >>> 0;
  }

  /** What comes after the head: nothing while it is not whole, undefined if it is none. */
  skipHead(bytes: Uint8Array): Uint8Array | undefined {
    const head = this.#head;
    if (head === undefined) return bytes;
    const before = head.length;
    head.push(...bytes.subarray(0, 65_536));
    if (!startsWell(head)) return undefined;
    const end = headEnd(head);
    if (end === undefined) return bytes.subarray(bytes.byteLength);
    this.#head = undefined;
    return bytes.subarray(end - before);
  }

  /** What comes after the tail; undefined if the tail does not fit the data. */
  takeTail(bytes: Uint8Array): Uint8Array | undefined {
    const missing = TAIL_BYTES - this.#tail.length;
    if (missing === 0) return bytes;
    this.#tail.push(...bytes.subarray(0, missing));
    if (!this.isComplete) return bytes.subarray(bytes.byteLength);
    const view = new DataView(Uint8Array.from(this.#tail).buffer);
    const fits = view.getUint32(0, true) === this.#crc && view.getUint32(4, true) === this.#size;
    return fits ? bytes.subarray(missing) : undefined;
  }
}

/** Magic number and method, as far as they are there. */
function startsWell(head: readonly number[]): boolean {
  return [0x1f, 0x8b, 8].every((byte, at) => at >= head.length || head[at] === byte);
}

/** Where the head ends; undefined while it is not whole. */
function headEnd(head: readonly number[]): number | undefined {
  if (head.length < FIXED_HEAD) return undefined;
  const flags = head[3] as number;
  let at = FIXED_HEAD;
  if ((flags & HAS_EXTRA) !== 0) {
    if (head.length < at + 2) return undefined;
    at += 2 + (head[at] as number) + 256 * (head[at + 1] as number);
  }
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const zero = head.indexOf(0, at);
    if (zero < 0) return undefined;
    at = zero + 1;
  }
  if ((flags & HAS_CRC) !== 0) at += 2;
  return at <= head.length ? at : undefined;
}
