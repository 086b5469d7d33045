/**
 * Ends invocations whose handler will never settle (spec/rpc.md 5 and 12.5), without ever taking
 * work for a hang: only when the thread has done nothing at all for a while and nothing that could
 * wake it is known, in any of its invocations. One per thread, made by thread.ts; fed by
 * invocation.ts (there is one), http/endpoint.ts and the RPC engine (who waits).
 */
import { hung } from "../rpc/error-texts.ts";
import { liveInvocations, pendingOverall, runOutside, setFirstListener } from "./invocation.ts";
import { logRuntime } from "./log.ts";

/** A handler that has not settled. */
export interface Unsettled {
  cancelAsHung(error: Error): void;
}

export interface HangDetectorOptions {
  readonly exchanges: () => readonly Unsettled[];
  /** Each holds its invocation once. Undefined: some session waits for its other end. */
  readonly sessions: () => readonly Unsettled[] | undefined;
  /** The Worker uses Node modules that wait without telling: say it only. */
  readonly hasHiddenWaits: () => boolean;
}

/** Length of a look in ms, and how many looks without any event make a quiet period. */
const LOOK_MS = 1000;
const QUIET_LOOKS = 2;

/** Handles and requests that a socket or look-up in use has; idle ones are not referenced. */
const NETWORK = /^(TCP|TLS|UDP|Pipe.*Connect|GetAddrInfo|GetNameInfo|QueryReq|FSReq)/;

const MAYBE_HUNG =
  "A request has been waiting for nothing that drover can see. If its code hangs, production cancels it; because this Worker uses modules of Node that wait on their own, drover leaves it.";

let wakesUntil = 0;

/** Something outside of any invocation will wake this thread in `ms`: no hang before. */
export function expectWake(ms: number): void {
  if (Number.isFinite(ms)) wakesUntil = Math.max(wakesUntil, performance.now() + ms);
}

export class HangDetector {
  readonly #options: HangDetectorOptions;
  #isLooking = false;
  #events = -1;
  #quietLooks = 0;

  constructor(options: HangDetectorOptions) {
    this.#options = options;
    setFirstListener(() => this.#begin());
  }

  /** From the first invocation on, until none is left. */
  #begin(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#quietLooks = 0;
    runOutside(() => this.#arm());
  }

  #arm(): void {
    setTimeout(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    if (liveInvocations() === 0) {
      this.#isLooking = false;
      return;
    }
    const events = countEvents();
    // A version of Node that does not count them: no second look.
    if (events === undefined) return;
    this.#arm();
    if (!this.#isQuiet(events)) return;
    this.#quietLooks += 1;
    if (this.#quietLooks < QUIET_LOOKS || this.#suspects().length === 0) return;
    // What has arrived while the thread was held up (a debugger, a busy machine) comes first.
    setImmediate(() => setImmediate(() => this.#cancel()));
  }

  #isQuiet(events: number | undefined): boolean {
    if (events === undefined) return false;
    if (events === this.#events) return true;
    this.#events = events;
    this.#quietLooks = 0;
    return false;
  }

  #suspects(): readonly Unsettled[] {
    if (performance.now() < wakesUntil) return [];
    const { exchanges, sessions } = this.#options;
    const stalled = sessions();
    if (stalled === undefined || pendingOverall() !== stalled.length) return [];
    const all = [...exchanges(), ...stalled];
    const isNetworkUsed = (): boolean =>
      process.getActiveResourcesInfo().some((name) => NETWORK.test(name));
    return all.length === 0 || isNetworkUsed() ? [] : all;
  }

  #cancel(): void {
    if (!this.#isQuiet(countEvents())) return;
    const suspects = this.#suspects();
    if (suspects.length === 0) return;
    this.#quietLooks = 0;
    if (this.#options.hasHiddenWaits()) {
      logRuntime("warn", MAYBE_HUNG, MAYBE_HUNG);
      return;
    }
    for (const suspect of suspects) {
      const error = new Error(hung);
      // The place where it was found says nothing.
      error.stack = `${error.name}: ${error.message}`;
      suspect.cancelAsHung(error);
    }
  }
}

/** Things that happened to the thread from outside of JavaScript: messages, sockets, jobs done. */
function countEvents(): number | undefined {
  return performance.nodeTiming.uvMetricsInfo?.events;
}
