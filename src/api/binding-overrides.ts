/**
 * `bindings` of `startDev`: what the program puts in place of bindings. Data are variables; objects are
 * played by the program's process, as fakes are, with everything that the Worker calls on the binding. Pure.
 */
import { resolve } from "node:path";
import { parseConfigArgument } from "../config/flags.ts";
import type { BindingOverride } from "../session/worker-spec.ts";
import type { StartDevOptions } from "./options.ts";

/** Name of the Worker that plays them: no config can have it. */
const PLAYER = "drover:bindings";

export type BindingValues = Readonly<Record<string, unknown>>;

/** `configs` as startDev got them: `cwd` is where their paths start. */
export function overridesOf(
  bindings: BindingValues,
  configs: StartDevOptions["configs"],
  cwd: string,
): BindingOverride[] {
  return Object.entries(bindings).map(([key, value]) => {
    // Binding names have no colon, paths of Windows do.
    const at = key.lastIndexOf(":");
    const name = key.slice(at + 1);
    const owner = key.slice(0, at);
    const isConfig = configs === owner || (Array.isArray(configs) && configs.includes(owner));
    const { path } = isConfig ? parseConfigArgument(owner, cwd) : {};
    return {
      ...(at === -1
        ? {}
        : path === undefined
          ? { worker: owner }
          : { configPath: resolve(cwd, path) }),
      binding: isData(value)
        ? { type: "var", name, value }
        : { type: "service", name, target: { service: PLAYER, entrypoint: key } },
    };
  });
}

/** As fakes, by Worker and entrypoint. */
export function playedBindings(bindings: BindingValues): Record<string, Record<string, object>> {
  const played = Object.entries(bindings).filter(([, value]) => !isData(value));
  if (played.length === 0) return {};
  return { [PLAYER]: Object.fromEntries(played) as Record<string, object> };
}

/** What JSON can say. */
function isData(value: unknown): boolean {
  if (typeof value === "function") return false;
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isData);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isData);
}
