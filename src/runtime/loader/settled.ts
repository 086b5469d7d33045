/**
 * The end of top-level code that waits for what cannot come: at module scope nothing is to be waited
 * for but what the runtime itself computes, and production looks no later than after the microtasks.
 */

/** Time enough for what Node computes on other threads, on a machine with much to do. */
const SETTLE_MS = 2000;

/** Rejects with `error()` if the evaluation goes on for too long; the thread is not kept by that. */
export async function settled<T>(evaluation: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const failure = error();
      // The place where it was found says nothing.
      failure.stack = `${failure.name}: ${failure.message}`;
      // What was done while this thread was busy is told first.
      setImmediate(reject, failure);
    }, SETTLE_MS);
  });
  try {
    return await Promise.race([evaluation, late]);
  } finally {
    clearTimeout(timer);
  }
}
