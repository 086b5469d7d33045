/**
 * Bytes that are handed over with a message between threads instead of being copied twice. For the
 * sender alone: whoever receives them sees no difference. Only for memory that nobody else holds.
 */

/** Less is copied faster than handed over. */
export const MOVED_BYTES = 4096;

/** Puts the memory of `bytes` on the transfer list of their message, if that is worth it. */
export function moveBytes(bytes: unknown, moves: ArrayBuffer[]): void {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < MOVED_BYTES) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) moves.push(buffer);
}

const given: WeakSet<ArrayBufferLike> = new WeakSet();

/**
 * Marks what its maker will not look at again, such as what was read from a file for one answer: the
 * RPC engine hands it over as it is, where everything else has to be copied first. Nobody may use
 * `bytes`, or another view of its buffer, after it was sent.
 */
export function giveAway<T extends ArrayBufferView>(bytes: T): T {
  if (bytes.byteLength >= MOVED_BYTES) given.add(bytes.buffer);
  return bytes;
}

export function isGivenAway(buffer: ArrayBufferLike): boolean {
  return given.has(buffer);
}
