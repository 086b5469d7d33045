/**
 * How many bytes a stream promises to bring: a FixedLengthStream, a body with Content-Length. Known
 * at the other end too when it travels, so that what is made of it there has a Content-Length.
 */
const lengths: WeakMap<ReadableStream, number> = new WeakMap();

export function promiseStreamLength(stream: ReadableStream, length: number): void {
  lengths.set(stream, length);
}

/** In bytes, from its beginning; -1 if unknown. */
export function streamLength(stream: ReadableStream): number {
  return lengths.get(stream) ?? -1;
}
