/** Our AbortSignal as the RPC engine uses it (rpc/contracts/platform-signals.ts). */
import type { SignalPlatform } from "../../rpc/contracts/platform-signals.ts";
import { AbortController, AbortSignal, isAbortSignal } from "./abort-signal.ts";

export const signalPlatform: SignalPlatform = {
  prototype: AbortSignal.prototype,
  isSignal: isAbortSignal,
  aborted: (reason) => AbortSignal.abort(reason),
  create: () => new AbortController(),
};
