const encoder = new TextEncoder();

/**
 * The bytes of a chunk, sharing its memory; undefined if it is not bytes (or a string). Never a
 * subclass: `slice` of a Buffer does not copy.
 */
export function bytesOf(chunk: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array && Object.getPrototypeOf(chunk) === Uint8Array.prototype) {
    return chunk;
  }
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : undefined;
}
