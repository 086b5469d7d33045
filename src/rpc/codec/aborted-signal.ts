/**
 * An AbortSignal that has fired already travels by value: nothing more can happen to it, and its
 * reason is part of the message (spec/rpc.md 2.6). One that can still fire is a capability, see
 * streams/signals.ts.
 */
import type { ValueType } from "../contract.ts";

export const abortedSignal: ValueType<AbortSignal> = {
  tag: "aborted-signal",
  prototype: AbortSignal.prototype,
  encode: (signal) => [signal.reason],
  decode: (data) => AbortSignal.abort((data as readonly unknown[])[0]),
};
