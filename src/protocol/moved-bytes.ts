/**
 * Bytes that are handed over with a message between threads instead of being copied twice. For the
 * sender alone: whoever receives them sees no difference. Only for memory that nobody else holds.
 */

/** Less is copied faster than handed over. */
const MOVED_BYTES = 4096;

/** Puts the memory of `bytes` on the transfer list of their message, if that is worth it. */
export function moveBytes(bytes: unknown, moves: ArrayBuffer[]): void {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < MOVED_BYTES) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) moves.push(buffer);
}
