/**
 * Binary data that its maker will not look at again: what was read from a file for one answer. It is
 * handed over to another thread as it is, where everything else has to be copied first
 * (rpc/codec/buffers.ts). In any thread.
 */
/** Smaller ones are copied in any case. */
const MIN_BYTES = 4096;

const given: WeakSet<ArrayBufferLike> = new WeakSet();

/** Nobody may use `bytes`, or another view of its buffer, after it was sent. */
export function giveAway<T extends ArrayBufferView>(bytes: T): T {
  if (bytes.byteLength >= MIN_BYTES) given.add(bytes.buffer);
  return bytes;
}

export function isGivenAway(buffer: ArrayBufferLike): boolean {
  return given.has(buffer);
}
