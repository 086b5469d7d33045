/**
 * The switches of a Worker that loader, entrypoints and RPC ask for, from its compatibility date
 * and flags (compat/ knows the dates). Pure; asked once when a Worker is loaded.
 */
import { resolveCompat } from "../compat/resolve.ts";
import type { RpcFlags } from "../rpc/contract.ts";

export interface WorkerCompat {
  /** Every flag by its enabling name, as `Cloudflare.compatibilityFlags` shows them. */
  readonly flags: Readonly<Record<string, boolean>>;
  /** spec/rpc.md 9. */
  readonly rpc: RpcFlags;
}

/** Flags win over the date. */
export function workerCompat(date: string, listed: readonly string[]): WorkerCompat {
  const flags = resolveCompat(date, listed);
  const isOn = (name: string): boolean => flags[name] === true;
  return {
    flags,
    rpc: {
      rpc: isOn("rpc") || isOn("experimental"),
      rpcParamsDupStubs: isOn("rpc_params_dup_stubs"),
      enhancedErrorSerialization: isOn("enhanced_error_serialization"),
      abortSignalRpc: isOn("enable_abortsignal_rpc"),
      fetcherHasGetPutDelete: !isOn("fetcher_no_get_put_delete"),
      serviceBindingExtraHandlers: isOn("service_binding_extra_handlers"),
    },
  };
}
