/**
 * Ctrl-Z, which a terminal in raw mode only hands on as a key: the session stops like any other job of the
 * shell, with everything that was started with it, and takes the terminal again when it goes on in the foreground.
 * In the session process; made by commands/dev.ts where there are hotkeys.
 */
import type { HeldKeys } from "./hotkeys.ts";

/** A group that no shell watches is not stopped. */
const NOT_STOPPED_MS = 100;
/** A shell tells nobody that it has put a running job into the foreground. */
const LOOK_MS = 500;

export interface Suspension extends Disposable {
  suspend(): void;
}

export interface SuspensionOptions {
  readonly keys: Pick<HeldKeys, "release" | "leave" | "take">;
  readonly isInForeground: () => boolean;
  /** What was to be printed before. */
  readonly flush: () => void;
  /** The terminal is ours again, and shows what others have printed. */
  readonly onBack: () => void;
}

export function watchSuspension(options: SuspensionOptions): Suspension {
  const { keys, isInForeground, flush, onBack } = options;
  let stopping: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  const settle = (): void => {
    clearTimeout(stopping);
    clearInterval(looking);
    stopping = undefined;
    looking = undefined;
  };
  const goOn = (): void => {
    settle();
    if (isInForeground()) {
      keys.take();
      onBack();
      return;
    }
    keys.leave();
    looking = setInterval(() => {
      if (isInForeground()) goOn();
    }, LOOK_MS).unref();
  };
  process.on("SIGCONT", goOn);
  return {
    suspend() {
      keys.release();
      flush();
      process.kill(0, "SIGTSTP");
      // The time runs while it is stopped: SIGCONT, which comes in the same turn then, is first.
      stopping = setTimeout(() => {
        setImmediate(() => {
          if (stopping !== undefined) goOn();
        });
      }, NOT_STOPPED_MS);
    },
    [Symbol.dispose]() {
      settle();
      process.off("SIGCONT", goOn);
    },
  };
}
