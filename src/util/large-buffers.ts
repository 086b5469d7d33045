/**
 * Counts the bytes of the large buffers that go through this thread, and tells one listener of
 * every 32 MB: host/heap-growth.ts says what for.
 */
const MANY_BYTES = 32 * 1024 * 1024;

let counted = 0;
let listener: (() => void) | undefined;

export function setLargeBuffersListener(onManyBytes: () => void): void {
  listener = onManyBytes;
}

export function countLargeBuffer(bytes: number): void {
  counted += bytes;
  if (counted < MANY_BYTES) return;
  counted = 0;
  listener?.();
}
