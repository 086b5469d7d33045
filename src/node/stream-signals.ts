/**
 * `signal` of the operators of Node's streams (`map`, `filter`, ...): Node combines it with one of its own, for
 * which it takes only signals of its own class, and hands the result to callbacks. Both are exchanged at the border.
 * Runs when a Worker imports `node:stream`.
 */
import { Readable } from "node:stream";
import {
  isAbortSignal,
  AbortController as OurController,
  type AbortSignal as OurSignal,
} from "../web/events/abort-signal.ts";

const OPERATORS =
  "asIndexedPairs drop every filter find flatMap forEach map reduce some take toArray".split(" ");

type Method = (this: unknown, ...args: unknown[]) => unknown;

let isDone = false;

export function exchangeStreamSignals(): void {
  if (isDone) return;
  isDone = true;
  for (const name of OPERATORS) {
    const descriptor = Object.getOwnPropertyDescriptor(Readable.prototype, name);
    const native = descriptor?.value as Method | undefined;
    if (native === undefined) continue;
    const holder: Record<string, Method> = {
      [name](...args) {
        return Reflect.apply(native, this, args.map(exchanged));
      },
    };
    const value = holder[name] as Method;
    Object.defineProperty(value, "length", { value: native.length, configurable: true });
    Object.defineProperty(Readable.prototype, name, { ...descriptor, value });
  }
}

/** An argument of ours, as Node is to get it. */
function exchanged(argument: unknown): unknown {
  if (typeof argument === "function") {
    return (...args: unknown[]): unknown => Reflect.apply(argument, undefined, args.map(shown));
  }
  const signal = signalOf(argument);
  return isAbortSignal(signal) ? { ...(argument as object), signal: nativeOf(signal) } : argument;
}

/** What a callback of the Worker's gets. */
function shown(value: unknown): unknown {
  const signal = signalOf(value);
  return signal instanceof AbortSignal ? { ...(value as object), signal: ourOf(signal) } : value;
}

function signalOf(options: unknown): unknown {
  return typeof options === "object" && options !== null
    ? Reflect.get(options, "signal")
    : undefined;
}

function nativeOf(signal: OurSignal): AbortSignal {
  const controller = new AbortController();
  whenAborted(signal, () => controller.abort(signal.reason));
  return controller.signal;
}

function ourOf(signal: AbortSignal): OurSignal {
  const controller = new OurController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}

function whenAborted(signal: OurSignal, abort: () => void): void {
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
}
