/**
 * Who used how much CPU time. At each look of the watchdog, what a thread has computed since the
 * look before is charged to the invocation that it says goes on (protocol/running.ts), which costs
 * the Worker nothing. If no other one went on meanwhile, that is exact. Else it is a sample, like a
 * profiler's: one says nothing, so that a short invocation that happened to be seen is not charged
 * for others; of many, few are wrong. Main thread of the host.
 */
import { ThreadClock } from "./thread-clock.ts";
import type { WorkerThread } from "./worker-thread.ts";

interface Charge {
  /** While nothing else went on. */
  exactMs: number;
  /** Of looks between which others went on, too. */
  sampledMs: number;
  samples: number;
  /** Look of the thread at which something was added last. */
  look: number;
}

interface Account {
  readonly clock: ThreadClock;
  readonly charges: Map<number, Charge>;
  total: number;
  /** Before the first invocation: its top-level code. */
  startMs: number;
  looks: number;
  changes: number;
}

/** Invocations that are remembered of a thread before the finished ones are dropped. */
const KEPT = 1000;
/** Not seen for so many looks: over, as good as certain. */
const FORGET_AFTER_LOOKS = 1200;
const SHORT_MS = 100;
/** So many samples count. */
const ENOUGH_SAMPLES = 10;

export class CpuAccounts {
  readonly #accounts: WeakMap<WorkerThread, Account> = new WeakMap();

  /**
   * ms that the invocation that goes on has used so far; `invocation` is its number, 0 before the first
   * one, while the thread starts; `limit`: of its own, or 0. `isTrickle`: the
   * thread has done next to nothing since the look before, which is charged to nobody: the last
   * invocation may be over for long.
   */
  look(
    thread: WorkerThread,
    isTrickle: boolean,
  ): { readonly invocation: number; readonly ms: number; readonly limit: number } {
    const account = this.#of(thread);
    const now = account.clock.read();
    const spent = now - account.total;
    account.total = now;
    account.looks += 1;
    const { invocation, changes, limit } = thread.running();
    const isExact = changes === account.changes;
    account.changes = changes;
    if (invocation === 0) {
      account.startMs += spent;
      return { invocation, ms: account.startMs, limit };
    }
    let charge = account.charges.get(invocation);
    if (charge === undefined) {
      if (account.charges.size >= KEPT) forgetOld(account);
      charge = { exactMs: 0, sampledMs: 0, samples: 0, look: 0 };
      account.charges.set(invocation, charge);
    }
    if (isTrickle) return { invocation, ms: msOf(charge), limit };
    if (isExact) charge.exactMs += spent;
    else {
      charge.sampledMs += spent;
      charge.samples += 1;
    }
    charge.look = account.looks;
    return { invocation, ms: msOf(charge), limit };
  }

  /** ms that the thread has used since it began. */
  totalOf(thread: WorkerThread): number {
    return this.#of(thread).clock.read();
  }

  #of(thread: WorkerThread): Account {
    let account = this.#accounts.get(thread);
    if (account === undefined) {
      const clock = new ThreadClock(thread);
      // What it took to boot and to evaluate the modules is nobody's.
      account = {
        clock,
        charges: new Map(),
        total: clock.read(),
        startMs: 0,
        looks: 0,
        changes: 0,
      };
      this.#accounts.set(thread, account);
    }
    return account;
  }
}

function msOf({ exactMs, sampledMs, samples }: Charge): number {
  return exactMs + (samples >= ENOUGH_SAMPLES ? sampledMs : 0);
}

/** Short ones first: what has computed for long is what all this is about. */
function forgetOld({ charges, looks }: Account): void {
  for (const [invocation, charge] of charges) {
    const { exactMs, sampledMs, look } = charge;
    if (exactMs + sampledMs < SHORT_MS || looks - look > FORGET_AFTER_LOOKS)
      charges.delete(invocation);
  }
  for (const invocation of charges.keys()) {
    if (charges.size < KEPT) return;
    charges.delete(invocation);
  }
}
