/** What codec, capabilities and lookup ask to learn what a value is; no code. */

/** What counts as an RpcTarget depends on who asks (spec/rpc.md 1.1, 1.3, 2.2). */
export interface TargetKinds {
  /** RpcTarget in the prototype chain, as Proxies show it: what `new RpcStub()` takes. */
  showsTarget(value: unknown): boolean;
  /** It is one or inherits from one, in a chain without Proxies: what a `dup()` may return. */
  inheritsTarget(value: unknown): boolean;
  /** By the first rule for Proxies, else by the second: what a path of names goes into. */
  isTarget(value: object): boolean;
}

export interface StreamKinds {
  isReadable(value: object): boolean;
  isWritable(value: object): boolean;
}
