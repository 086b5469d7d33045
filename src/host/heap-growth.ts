/**
 * Lets the heaps of the process grow further between two collections while large buffers travel.
 *
 * V8 counts a heap's buffers in. At the factor that it chooses for a small heap (1.1 to 4) two
 * bodies of 10 MB reach the limit, and nearly every call pays for a collection of the whole heap:
 * 1,300 instead of 4,200 MB/s over RPC. As a flag of the process from its start it would make what
 * Node.js has compiled of its own modules invalid, and each thread boot twice as long; so it is set
 * while threads ask for it (util/large-buffers.ts) and some moments longer.
 */
import { setFlagsFromString } from "node:v8";

const LASTING_MS = 2000;

let reset: NodeJS.Timeout | undefined;

export function growHeapsForNow(): void {
  if (reset !== undefined) {
    reset.refresh();
    return;
  }
  setFlagsFromString("--heap-growing-percent=400");
  reset = setTimeout(() => {
    reset = undefined;
    setFlagsFromString("--heap-growing-percent=0");
  }, LASTING_MS).unref();
}
