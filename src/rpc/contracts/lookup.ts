/** Between the lookup of members (calls/lookup.ts) and whoever looks something up; no code. */

/** What a path starts from. */
export interface LookupRoot {
  readonly target: unknown;
  /** True: own properties only. False: everything but own properties. */
  readonly allowInstanceProps: boolean;
  /** Names that cannot be reached over RPC in any step. */
  readonly reserved: ReadonlySet<string>;
  /** Set for handler objects: (arg, env, ctx) calls, with these as env and ctx. */
  readonly handlerArgs?: readonly unknown[] | undefined;
}

export interface LookupHooks {
  isTarget(value: object): boolean;
  kindOf(value: object): "stub" | "property" | "promise" | undefined;
  /** `isEntrypoint`: `target` is what the binding points to, not something reached from there. */
  onMissing?(name: string, target: unknown, isEntrypoint: boolean): void;
  /** `connect` without arguments on an entrypoint that has such a method (design.md). */
  allowReserved?(name: string, target: unknown, args: readonly unknown[] | undefined): boolean;
}
