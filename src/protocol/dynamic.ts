/**
 * Dynamic Workers: what a Worker with a loader binding (`worker_loaders`) has the host run in a
 * thread of its own, and by which name it reaches that. The Worker's thread keeps the code and the
 * names; the host keeps the threads, and may end one that nobody needs at any time ("link-stale"):
 * the next use hands the code over again. Messages: thread.ts.
 */

// No Worker can have such a name.
const PREFIX = "drover-dynamic:";

/** More is no limit; it has to fit into a word (running.ts). */
const MAX_CPU_MS: number = 2 ** 31 - 1;

/** A name that is unique in the thread that gives it: only that thread and the dynamic Worker use it. */
export function dynamicService(number: number): string {
  return `${PREFIX}${number}`;
}

/** The name leads to a dynamic Worker. */
export function isDynamicService(service: string): boolean {
  return service.startsWith(PREFIX);
}

/** What one invocation of a dynamic Worker may use; absent: as much as its code may. */
export interface DynamicLimits {
  /** ms of CPU time. */
  readonly cpuMs?: number;
  /** Requests to others: by `fetch`, to bindings, to stores. */
  readonly subRequests?: number;
}

/** The same with what one invocation through this stub may use (`getEntrypoint`'s `limits`). */
export function limitedService(service: string, { cpuMs, subRequests }: DynamicLimits): string {
  const ms = cpuMs === undefined ? "" : Math.min(Math.max(cpuMs, 1), MAX_CPU_MS);
  return `${service}?${ms}&${subRequests ?? ""}`;
}

/** What `limitedService` was given; nothing for any other name. */
export function limitsOf(service: string): DynamicLimits {
  const at = service.indexOf("?", PREFIX.length);
  if (at === -1 || !isDynamicService(service)) return {};
  const [ms = "", subRequests = ""] = service.slice(at + 1).split("&");
  return {
    ...(ms !== "" && { cpuMs: Number(ms) }),
    ...(subRequests !== "" && { subRequests: Number(subRequests) }),
  };
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
  /** How many requests to others an invocation may make; absent: any number. */
  readonly subRequests?: number;
  /** Stubs of those that hear of its invocations; absent without any. */
  readonly tails?: readonly Packed[];
}
