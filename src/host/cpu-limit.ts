/**
 * `limits.cpu_ms`: ends invocations that compute for longer. In two steps, so that the damage is the
 * least: the thread is asked to end that one invocation, and everything else in it goes on; a
 * thread that does not answer is in a loop, a regular expression or a huge JSON.parse, and is ended
 * as a whole, because nothing less stops it. Main thread of the host; looks with the watchdog.
 */
import { cpuBreach, startBreach } from "./breach.ts";
import { CpuAccounts } from "./cpu-accounts.ts";
import type { Watched } from "./watched.ts";
import type { WorkerThread } from "./worker-thread.ts";

/**
 * ms that a thread may compute between the question and an end for not answering. Not looks, nor time:
 * requests make looks of their own, and a thread that waits for a processor cannot answer.
 */
const PATIENCE_MS = 100;
/** ms that an invocation that was ended may still compute: its turn, and what cleans up. */
const AFTERMATH_MS = 1000;
/** Share of the time below which a thread rests: what the runtime itself does now and then. */
const TRICKLE = 0.05;

export class CpuLimit {
  readonly accounts: CpuAccounts = new CpuAccounts();
  /** What each invocation that was asked to end had used then, in ms. */
  readonly #asked: WeakMap<WorkerThread, Map<number, number>> = new WeakMap();

  /** Called for each thread that has computed since the look before, a share of the time. */
  look(slot: Watched, thread: WorkerThread, utilization: number): void {
    const isTrickle = utilization < TRICKLE;
    const { invocation, ms, limit: own } = this.accounts.look(thread, isTrickle);
    if (invocation === 0) {
      const { startLimitMs = Number.POSITIVE_INFINITY } = thread;
      if (ms > startLimitMs && !isDebugged(thread))
        slot.endStart(thread, startBreach(startLimitMs));
      return;
    }
    const limit = limitOf(thread, own);
    if (isTrickle || limit === undefined || ms <= limit || !slot.owns(thread) || isDebugged(thread))
      return;
    const asked = this.#asked.get(thread)?.get(invocation);
    if (asked === undefined) {
      this.#remember(thread, invocation, ms);
      slot.endInvocation(thread, cpuBreach(thread, limit));
      return;
    }
    const end = (): void => void slot.endForBreach(thread, cpuBreach(thread, limit));
    if (ms > asked + AFTERMATH_MS) end();
    else if (ms >= asked + PATIENCE_MS) {
      // An answer may wait behind this look, on a machine that is busy.
      setImmediate(() => {
        if (!thread.hasEnded(invocation)) end();
      });
    }
  }

  #remember(thread: WorkerThread, invocation: number, ms: number): void {
    let asked = this.#asked.get(thread);
    if (asked === undefined) {
      asked = new Map();
      this.#asked.set(thread, asked);
    }
    asked.set(invocation, ms);
  }
}

/** Undefined: limits are off. `own`: of the invocation, 0 if it has none. */
function limitOf({ cpuLimitMs }: WorkerThread, own: number): number | undefined {
  return cpuLimitMs === undefined || own === 0 ? cpuLimitMs : Math.min(cpuLimitMs, own);
}

/** Whoever steps through a Worker takes his time; a thread that is paused could not be ended either. */
function isDebugged(thread: WorkerThread): boolean {
  if (thread.isDebugged) return true;
  const inspector = process.getBuiltinModule("node:inspector");
  return inspector.url() !== undefined;
}
