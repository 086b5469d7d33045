/**
 * An AbortSignal that has fired already travels by value: nothing more can happen to it, and its
 * reason is part of the message (spec/rpc.md 2.6). One that can still fire is a capability, see
 * streams/signals.ts.
 */
import type { ValueType } from "../contract.ts";
import type { Signal, SignalPlatform } from "../contracts/platform-signals.ts";

/** Of the process, where the host of the engine has none of its own. */
export const processSignals: SignalPlatform = {
  prototype: AbortSignal.prototype,
  isSignal: (value): value is Signal => value instanceof AbortSignal,
  aborted: (reason) => AbortSignal.abort(reason),
  create: () => new AbortController(),
};

export function abortedSignal(signals: SignalPlatform): ValueType {
  return {
    tag: "aborted-signal",
    prototype: signals.prototype,
    encode: (signal: Signal) => [signal.reason],
    decode: (data: unknown) => signals.aborted((data as readonly unknown[])[0]),
  } as ValueType<Signal> as ValueType;
}
