/**
 * Who used how much CPU time. At each look of the watchdog, what a thread has computed since the
 * look before is charged to the invocation that it says goes on (protocol/running.ts): samples, like
 * a profiler's, that cost the Worker nothing. Of a thread's invocations at any time one can be
 * wrong, of many looks few; the one that computes for seconds is seen in nearly all of them.
 * Main thread of the host.
 */
import { ThreadClock } from "./thread-clock.ts";
import type { WorkerThread } from "./worker-thread.ts";

interface Charge {
  ms: number;
  /** Look of the thread at which something was added last. */
  look: number;
}

interface Account {
  readonly clock: ThreadClock;
  readonly charges: Map<number, Charge>;
  total: number;
  looks: number;
}

/** Invocations that are remembered of a thread before the finished ones are dropped. */
const KEPT = 1000;
/** Not seen for so many looks: over, as good as certain. */
const FORGET_AFTER_LOOKS = 1200;
const SHORT_MS = 100;

export class CpuAccounts {
  readonly #accounts: WeakMap<WorkerThread, Account> = new WeakMap();

  /** ms that the invocation that goes on has used so far; `invocation` is its number. */
  look(thread: WorkerThread): { readonly invocation: number; readonly ms: number } {
    const account = this.#of(thread);
    const now = account.clock.read();
    const spent = now - account.total;
    account.total = now;
    account.looks += 1;
    const { invocation } = thread.running();
    if (invocation === 0) return { invocation, ms: 0 };
    let charge = account.charges.get(invocation);
    if (charge === undefined) {
      if (account.charges.size >= KEPT) forgetOld(account);
      charge = { ms: 0, look: 0 };
      account.charges.set(invocation, charge);
    }
    charge.ms += spent;
    charge.look = account.looks;
    return { invocation, ms: charge.ms };
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
      account = { clock, charges: new Map(), total: clock.read(), looks: 0 };
      this.#accounts.set(thread, account);
    }
    return account;
  }
}

/** Short ones first: what has computed for long is what all this is about. */
function forgetOld({ charges, looks }: Account): void {
  for (const [invocation, { look, ms }] of charges) {
    if (ms < SHORT_MS || looks - look > FORGET_AFTER_LOOKS) charges.delete(invocation);
  }
  for (const invocation of charges.keys()) {
    if (charges.size < KEPT) return;
    charges.delete(invocation);
  }
}
