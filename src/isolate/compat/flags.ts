/**
 * Compatibility flags of a Worker from its date and flag list. Pure; the result is also what
 * `Cloudflare.compatibilityFlags` shows.
 */
import { DEFAULT_SINCE, WITH_NODEJS_COMPAT } from "./dates.ts";

/** Off-switches whose names do not follow from the flag's own. */
const DISABLED_BY: Readonly<Record<string, string>> = {
  fetcher_has_get_put_delete: "fetcher_no_get_put_delete",
  fetch_legacy_url: "fetch_standard_url",
  rpc_params_transfer_stubs: "rpc_params_dup_stubs",
  legacy_error_serialization: "enhanced_error_serialization",
  legacy_module_registry: "new_module_registry",
};

/** All flags with their state; unknown names in `flags` are ignored here (config/ warns). */
export function resolveCompat(
  date: string,
  flags: readonly string[],
): Readonly<Record<string, boolean>> {
  const on = new Set(flags);
  const off = new Set(flags.map(disabledFlag));
  const isOn = (name: string, since: string | null): boolean => {
    if (on.has(name)) return true;
    if (off.has(name)) return false;
    return since !== null && date >= since;
  };
  const node = isOn("nodejs_compat", DEFAULT_SINCE.nodejs_compat ?? null);
  const result: Record<string, boolean> = {};
  for (const [name, since] of Object.entries(DEFAULT_SINCE)) {
    const withNode = WITH_NODEJS_COMPAT[name];
    result[name] = isOn(name, node && withNode !== undefined ? withNode : since);
  }
  return result;
}

/** The flag that `name` switches off, if it is an off-switch. */
function disabledFlag(name: string): string | undefined {
  const known = DISABLED_BY[name];
  if (known !== undefined) return known;
  const [, kind, rest] = /^(no|disable|disallow|dont)_(.+)$/.exec(name) ?? [];
  if (kind === undefined || rest === undefined) return undefined;
  return [rest, `enable_${rest}`, `allow_${rest}`].find((flag) => flag in DEFAULT_SINCE);
}
