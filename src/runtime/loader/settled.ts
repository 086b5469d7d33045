/**
 * The end of top-level code that waits for what cannot come: at module scope nothing is to be waited
 * for but what the runtime itself computes, and production looks no later than after the microtasks.
 */
import { cpuUsage } from "node:process";

/**
 * Time enough for what Node computes on other threads, on a machine with much to do. Counted in steps
 * of a thread that has nothing else to do: neither a debugger that stops it nor code that runs for long
 * uses up more than one. A step in which the process computes does not count, for that may be what is
 * waited for, up to the time that a start may take at all.
 */
const STEP_MS = 100;
const STEPS = 20;
const MOST_STEPS = 100;
/** CPU time of the process in a step in which it rests, at most. */
const RESTING_US = 10_000;

/** Rejects with `error()` if the evaluation goes on for too long. */
export async function settled<T>(evaluation: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let steps = 0;
    let resting = 0;
    let before = cpuTime();
    const step = (): void => {
      const now = cpuTime();
      steps += 1;
      if (now - before <= RESTING_US) resting += 1;
      before = now;
      if (resting <= STEPS && steps <= MOST_STEPS) {
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

/** Of all threads of the process, in us. */
function cpuTime(): number {
  const { user, system } = cpuUsage();
  return user + system;
}
