/**
 * When a session must end: Ctrl-C, SIGTERM, SIGHUP, a parent that is gone, a reader that is gone.
 * Installed before anything is started, so that every stage of the start can be interrupted.
 */
import { fstatSync } from "node:fs";
import { hasCode } from "../util/errors.ts";
import { expectNoTerminal } from "./lost-terminal.ts";

export interface Lifetime extends Disposable {
  /** Aborts once; the reason is a word for the log. */
  readonly ended: AbortSignal;
  /** Ends it from inside: the `x` key. A second call while ending leaves at once. */
  end(why: string): void;
}

export const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm and the terminal both deliver Ctrl-C: two signals this close are one. */
const SAME_PRESS_MS = 300;
/** When everything should be gone in two seconds, whatever hangs. */
const DEADLINE_MS = 1500;
const PARENT_CHECK_MS = 500;
/** Of a write to a file that cannot grow now. */
const NO_ROOM = ["ENOSPC", "EDQUOT", "EFBIG"] as const;

/** Resolves when `signal` aborts, at once if it has already. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/**
 * Lets signals end this process at once: a statement of SQLite that does not return would keep any
 * listener from being called.
 */
export function endAtOnce(): void {
  for (const signal of END_SIGNALS) process.removeAllListeners(signal);
}

export function watchLifetime(): Lifetime {
  const controller = new AbortController();
  const undo: (() => void)[] = [];
  let endedAt = 0;

  const end = (why: string): void => {
    const now = Date.now();
    if (!controller.signal.aborted) {
      endedAt = now;
      setTimeout(() => process.exit(0), DEADLINE_MS).unref();
      controller.abort(why);
    } else if (now - endedAt > SAME_PRESS_MS) {
      // Exit handlers still kill the host process.
      process.exit(130);
    }
  };
  const listen = (
    target: NodeJS.EventEmitter,
    event: string,
    listener: (error?: unknown) => void,
  ): void => {
    target.on(event, listener);
    undo.push(() => target.off(event, listener));
  };

  for (const signal of END_SIGNALS) {
    // start.ts listened so far. Without a moment between the two: one that came while the program
    // was loaded has not been delivered yet, and would go to nobody.
    const earlier = process.listeners(signal);
    listen(process, signal, () => {
      if (signal === "SIGHUP") expectNoTerminal();
      end(signal);
    });
    for (const listener of earlier) process.off(signal, listener);
  }
  if (process.connected) listen(process, "disconnect", () => end("the parent closed its channel"));
  for (const stream of [process.stdout, process.stderr]) {
    // Nobody reads any more (`drover dev | head`): EPIPE. There is nothing left to tell. A log that is on
    // a full disk has a gap, and goes on when there is room again.
    listen(stream, "error", (error) => {
      if (NO_ROOM.some((code) => hasCode(error, code))) return;
      if (hasCode(error, "EIO")) expectNoTerminal();
      end("the output was closed");
    });
  }
  undo.push(watchParent(() => end("the parent is gone")));

  return {
    ended: controller.signal,
    end,
    [Symbol.dispose]() {
      for (const step of undo.splice(0)) step();
    },
  };
}

/**
 * A process whose parent died gets another one. Under a program that reads our output (a test
 * runner, turbo, Playwright) that means: nobody is there any more. A session that was sent to the
 * background of a shell on purpose (`nohup drover dev > log &`) writes to a file or a terminal and
 * goes on. There is no event for this, so it is looked up now and then.
 */
function watchParent(onOrphaned: () => void): () => void {
  if (!isPipe(process.stdout.fd)) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onOrphaned();
  }, PARENT_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function isPipe(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // Closed by whoever started us.
    return false;
  }
}
