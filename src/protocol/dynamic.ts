/**
 * Dynamic Workers: what a Worker with a loader binding (`worker_loaders`) has the host run in a
 * thread of its own, and by which name it reaches that. The Worker's thread keeps the code and the
 * names; the host keeps the threads, and may end one that nobody needs at any time ("link-stale"):
 * the next use hands the code over again. Messages: thread.ts.
 */

// No Worker can have such a name.
const PREFIX = "drover-dynamic:";

/** A name that is unique in the thread that gives it: only that thread and the dynamic Worker use it. */
export function dynamicService(number: number): string {
  return `${PREFIX}${number}`;
}

/** The name leads to a dynamic Worker. */
export function isDynamicService(service: string): boolean {
  return service.startsWith(PREFIX);
}

/** A value with ServiceStubs in it, as the RPC engine packs and unpacks it: plain data. */
export type Packed = readonly unknown[];

/** Where `fetch` and `connect` of a dynamic Worker lead: as its loader's own, nowhere, to a stub. */
export type DynamicOutbound = "inherit" | "none" | { readonly stub: Packed };

/** What a dynamic Worker has that others have not. */
export interface DynamicSpec {
  readonly service: string;
  /** The Worker that loaded it. */
  readonly loader: string;
  /** `env`, an object. */
  readonly env: Packed;
  readonly outbound: DynamicOutbound;
  /** Stubs of those that hear of its invocations; absent without any. */
  readonly tails?: readonly Packed[];
}
