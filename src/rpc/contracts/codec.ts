/** What the codec (codec/) knows of the engine that it works for; no code. */
import type { RpcHost, ValueType } from "../contract.ts";
import type { StreamKinds, TargetKinds } from "./kinds.ts";
import type { SignalPlatform } from "./platform-signals.ts";

export interface CodecCore {
  readonly host: RpcHost;
  /** By prototype, for the encoder. */
  readonly valueTypes: ReadonlyMap<object, ValueType>;
  /** By name on the wire, for the decoder. */
  readonly valueTypesByTag: ReadonlyMap<string, ValueType>;
  readonly targetKinds: TargetKinds;
  readonly streams: StreamKinds;
  readonly signals: SignalPlatform;
  /** How one that has fired travels. */
  readonly abortedSignal: ValueType;
  globalScopeError(): Error;
}
