/** `node:timers` and `node:timers/promises` on the runtime's own timers (spec/node.md 4.4). */
import { Immediate, Timeout, type TimerFunctions } from "../web/scope/timers.ts";
import { nodeError } from "./errors.ts";

interface Options {
  readonly signal?: AbortSignal;
}

export function timersModule(timers: TimerFunctions): Record<string, unknown> {
  return {
    ...timers,
    Immediate,
    Timeout,
    active: () => {},
    unenroll: () => {},
    enroll: () => {
      throw new Error("Not implemented. Please use setTimeout() instead.");
    },
    promises: timersPromises(timers),
  };
}

export function timersPromises(timers: TimerFunctions): Record<string, unknown> {
  function wait<T>(value: T, options: Options | undefined, start: (done: () => void) => unknown) {
    return new Promise<T>((resolve, reject) => {
      const { signal } = options ?? {};
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const onAbort = (): void => {
        timers.clearTimeout(timer);
        reject(abortError(signal as AbortSignal));
      };
      const timer = start(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value);
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  const setTimeout = async <T>(delay?: number, value?: T, options?: Options): Promise<unknown> =>
    wait(value, options, (done) => timers.setTimeout(done, delay));

  const setImmediate = async <T>(value?: T, options?: Options): Promise<unknown> =>
    wait(value, options, (done) => timers.setImmediate(done));

  async function* setInterval<T>(delay?: number, value?: T, options?: Options) {
    for (;;) yield await setTimeout(delay, value, options);
  }

  return {
    scheduler: {
      wait: (delay: number, options?: Options) => setTimeout(delay, undefined, options),
      yield: () => setImmediate(),
    },
    setImmediate,
    setInterval,
    setTimeout,
  };
}

function abortError(signal: AbortSignal): Error {
  const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
  error.name = "AbortError";
  error.cause = signal.reason;
  return error;
}
