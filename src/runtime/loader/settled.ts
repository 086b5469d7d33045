/**
 * The end of top-level code that waits for what cannot come: at module scope nothing is to be waited
 * for but what the runtime itself computes, and production looks no later than after the microtasks.
 */

/**
 * Time enough for what Node computes on other threads, on a machine with much to do. Counted in steps
 * of a thread that has nothing else to do: neither a debugger that stops it nor code that runs for long
 * uses up more than one.
 */
const STEP_MS = 100;
const STEPS = 20;

/** Rejects with `error()` if the evaluation goes on for too long. */
export async function settled<T>(evaluation: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let steps = 0;
    const step = (): void => {
      steps++;
      if (steps <= STEPS) {
        timer = setTimeout(step, STEP_MS);
        return;
      }
      const failure = error();
      // The place where it was found says nothing.
      failure.stack = `${failure.name}: ${failure.message}`;
      // What was done while this thread was busy is told first.
      setImmediate(reject, failure);
    };
    step();
  });
  try {
    return await Promise.race([evaluation, late]);
  } finally {
    clearTimeout(timer);
  }
}
