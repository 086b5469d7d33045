/**
 * The way from a binding class to its resource in a storage thread: calls of the RPC engine, whose
 * errors become the binding's own (spec/resources.md 1.10). One per binding of a Worker.
 */
import { resourceTarget } from "../../protocol/storage.ts";
import type { ResourceKind, ServiceTarget } from "../../protocol/worker-spec.ts";
import type { ServiceChannel } from "../../rpc/contract.ts";
import type { RpcEngine } from "../../rpc/engine.ts";

/** Calls a method of the resource; rejects with plain Errors, at module scope too. */
export type ResourceCaller = <T>(method: string, ...args: readonly unknown[]) => Promise<T>;

/** State of the Worker's compatibility flags, by enabling name. */
export type BindingFlags = Readonly<Record<string, boolean>>;

export interface ResourceContext {
  readonly engine: RpcEngine;
  readonly channel: (target: ServiceTarget) => ServiceChannel;
}

export function resourceCaller(
  { engine, channel }: ResourceContext,
  kind: ResourceKind,
  id: string,
): ResourceCaller {
  const way = channel(resourceTarget(kind, id));
  return async <T>(method: string, ...args: readonly unknown[]): Promise<T> => {
    try {
      return (await engine.call(way, [method], args)) as T;
    } catch (error) {
      throw ownError(error);
    }
  };
}

/** As if the binding itself had failed: without `remote`, with the stack of the caller. */
function ownError(error: unknown): unknown {
  if (!(error instanceof Error) || !("remote" in error)) return error;
  return error instanceof TypeError ? new TypeError(error.message) : new Error(error.message);
}
