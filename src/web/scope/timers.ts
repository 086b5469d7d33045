/**
 * setTimeout and its kin, bound to the invocation that set them: refused at module scope, counted
 * as work of the invocation while they are pending, cleared when it ends. Callbacks run in the
 * invocation's async context (Node's timers carry it). One `createTimers` per thread.
 */

import { admission, deliver, ioOwner, requireInvocation } from "../../isolate/invocation.ts";
import { type AbortSignal, isAbortSignal } from "../events/abort-signal.ts";
import { defineInterface } from "../interfaces/define-interface.ts";

type Callback = (...args: unknown[]) => void;

export interface TimerFunctions {
  setTimeout(callback: Callback, delay?: number, ...args: unknown[]): number | Timeout;
  setInterval(callback: Callback, delay?: number, ...args: unknown[]): number | Timeout;
  setImmediate(callback: Callback, ...args: unknown[]): Immediate;
  clearTimeout(timer?: unknown): void;
  clearInterval(timer?: unknown): void;
  clearImmediate(timer?: unknown): void;
}

interface Pending {
  cancel(): void;
  restart(): void;
}

/** `this` of callbacks. */
const scope = globalThis;
const MAX_DELAY = 2 ** 31 - 1;
const MAX_TIMERS = 10_000;

/** What the timers return with `enable_nodejs_global_timers`: Node's shape. */
export class Timeout {
  readonly #id: number;
  readonly #pending: Map<number, Pending>;
  #referenced = true;

  constructor(id: number, pending: Map<number, Pending>) {
    this.#id = id;
    this.#pending = pending;
  }

  /** A pending timer keeps its invocation, not the process: ref and unref only remember. */
  ref(): this {
    this.#referenced = true;
    return this;
  }
  unref(): this {
    this.#referenced = false;
    return this;
  }
  hasRef(): boolean {
    return this.#referenced;
  }
  refresh(): this {
    this.#pending.get(this.#id)?.restart();
    return this;
  }
  close(): this {
    this.#pending.get(this.#id)?.cancel();
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}
Object.defineProperty(Timeout, "name", { value: "Timeout" });

export class Immediate extends Timeout {}
Object.defineProperty(Immediate, "name", { value: "Immediate" });

/** `objects`: return Node-style objects (`enable_nodejs_global_timers`) instead of numbers. */
export function createTimers(options: { readonly objects: boolean }): TimerFunctions {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  const counts = new WeakMap<object, { active: number; finished: number }>();

  /** Of an invocation, which may have so many pending timers and no more. */
  function count(invocation: object, change: 1 | -1): void {
    const known = counts.get(invocation) ?? { active: 0, finished: 0 };
    counts.set(invocation, known);
    if (change === 1 && known.active >= MAX_TIMERS) {
      throw new DOMException(
        `You have exceeded the number of active timeouts you may set. max active timeouts: ${MAX_TIMERS}, current active timeouts: ${known.active}, finished timeouts: ${known.finished}`,
        "QuotaExceededError",
      );
    }
    known.active += change;
    if (change === -1) known.finished += 1;
  }

  function start(callback: Callback, delay: unknown, repeat: boolean): number {
    const invocation = requireInvocation();
    lastId += 1;
    const id = lastId;
    // An invocation that is over takes no new work: its timers never fire.
    if (invocation.ended) return id;
    const wait = cleanDelay(delay);
    const section = invocation.gates?.section?.();
    count(invocation, 1);
    const release = invocation.hold();
    const forget = invocation.onEnd(cancel);
    let disarm = arm();

    /** A delay of 0 is over before one of 1, which it is to Node. */
    function arm(): () => void {
      if (!repeat && wait < 1) {
        const immediate = setImmediate(fire);
        return () => clearImmediate(immediate);
      }
      const handle = repeat ? setInterval(beat, wait) : setTimeout(fire, wait);
      return () => clearTimeout(handle);
    }
    function cancel(): void {
      if (!pending.delete(id)) return;
      disarm();
      count(invocation, -1);
      forget();
      release();
    }
    function beat(): void {
      deliver(invocation, section, () => {
        if (!pending.has(id)) return;
        invocation.resume();
        callback();
      });
    }
    function fire(): void {
      deliver(invocation, section, run);
    }
    function run(): void {
      if (!pending.has(id)) return;
      invocation.resume();
      // `release` last: the callback may start more work, and the invocation must not end between.
      pending.delete(id);
      count(invocation, -1);
      forget();
      try {
        callback();
      } finally {
        release();
      }
    }
    function restart(): void {
      disarm();
      disarm = arm();
    }
    pending.set(id, { cancel, restart });
    return id;
  }

  function clear(timer: unknown): void {
    if (typeof timer === "object" && timer !== null && !(timer instanceof Timeout)) return;
    // Refused at module scope, as making one is.
    ioOwner();
    if (options.objects && (typeof timer === "symbol" || typeof timer === "bigint")) return;
    const id = Number(timer as number);
    pending.get(id)?.cancel();
  }

  function timer(name: "setTimeout" | "setInterval", repeat: boolean) {
    return (callback: Callback, delay?: number, ...args: unknown[]): number | Timeout => {
      assertCallback(name, callback, options.objects);
      const bound = (): void => callback.apply(scope, args);
      const id = start(bound, delay, repeat);
      return options.objects ? new Timeout(id, pending) : id;
    };
  }

  return {
    setTimeout: timer("setTimeout", false),
    setInterval: timer("setInterval", true),
    setImmediate: (callback, ...args) => {
      assertCallback("setImmediate", callback, true);
      return new Immediate(
        start(() => callback.apply(scope, args), 0, false),
        pending,
      );
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
}

let isScheduler: (value: object) => boolean;

/** The global `scheduler`. */
export class Scheduler {
  readonly #isReal = true;

  static {
    isScheduler = (value) => #isReal in value;
  }

  async wait(delay: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    const ms = Number(delay);
    if (delay === undefined || Number.isNaN(ms)) {
      throw new TypeError(
        "Failed to execute 'wait' on 'Scheduler': parameter 1 is not of type 'number'.",
      );
    }
    const signal = options?.signal;
    if (signal !== undefined && !isAbortSignal(signal)) {
      throw new TypeError(
        "Incorrect type for the 'signal' field on 'WaitOptions': the provided value is not of type 'AbortSignal'.",
      );
    }
    if (signal?.aborted) throw errorOf(signal.reason);
    const invocation = requireInvocation();
    const release = invocation.hold();
    let forget = (): void => {};
    try {
      const section = invocation.gates?.section?.();
      await new Promise<void>((resolve, reject) => {
        const handle = setTimeout(resolve, cleanDelay(ms));
        const onAbort = (): void => {
          clearTimeout(handle);
          reject(errorOf(signal?.reason));
        };
        const forgetEnd = invocation.onEnd(() => clearTimeout(handle));
        signal?.addEventListener("abort", onAbort);
        forget = () => {
          forgetEnd();
          signal?.removeEventListener("abort", onAbort);
        };
      });
      await admission(invocation, section);
    } finally {
      forget();
      release();
    }
  }
}
defineInterface(Scheduler, "Scheduler", { brand: isScheduler });

/** What is no object becomes an Error. */
function errorOf(reason: unknown): unknown {
  const isObject = (typeof reason === "object" && reason !== null) || typeof reason === "function";
  return isObject ? reason : new Error(String(reason));
}

function cleanDelay(delay: unknown): number {
  const ms = Number(delay);
  return ms > 0 ? Math.min(ms, MAX_DELAY) : 0;
}

function assertCallback(name: string, callback: unknown, nodeTexts: boolean): void {
  if (typeof callback === "function") return;
  if (!nodeTexts) {
    throw new TypeError(
      `Failed to execute '${name}' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.`,
    );
  }
  const received =
    callback === undefined || callback === null
      ? `${callback}`
      : typeof callback === "object"
        ? `an instance of ${callback.constructor?.name}`
        : `type ${typeof callback} (${typeof callback === "string" ? `'${callback}'` : String(callback)})`;
  const message = `The "callback" argument must be of type function. Received ${received}`;
  throw Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}
