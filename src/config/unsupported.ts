/**
 * What wrangler knows and drover does not act on yet; announced at start with file and line. Keys
 * that have no meaning on a developer's machine (account_id, placement, observability, ...) are not
 * here: nothing is missing without them.
 */
import type { FoundBinding } from "./bindings.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { isEmpty, isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import { worksHere } from "./small-bindings.ts";
import type { UnsupportedFeature } from "./types.ts";

/** Config keys that are not bindings. A dot steps into a table. */
const UNSUPPORTED_KEYS: Readonly<Record<string, string>> = {
  "triggers.events": "Event triggers are not fired.",
  containers: "Containers are not started.",
  cloudchamber: "Containers are not started.",
  access: "Access authentication is not simulated: ctx.access is absent.",
  "unsafe.metadata": "Unsafe metadata is ignored.",
  "unsafe.capnp": "Custom runtime configuration is ignored.",
};

/** Handlers of a Worker's exports that are never called; looked up once exports are known. */
export const UNSUPPORTED_HANDLERS: Readonly<Record<string, string>> = {
  test: "The test() handler is not called.",
};

/** Everything in `config` that will not work, in file order. */
export function listUnsupported(
  config: EffectiveConfig,
  found: readonly FoundBinding[],
  root: string,
  diagnostics: Diagnostics,
): UnsupportedFeature[] {
  const features: UnsupportedFeature[] = [];
  for (const { kind, name, item, path } of found) {
    const position = diagnostics.positionOf(config.pathOf(path));
    if (kind.effect !== undefined && !worksHere(kind.key, item, root)) {
      features.push({ key: `${kind.key} (${name})`, effect: kind.effect, position });
    } else if (isTable(item) && item.remote === true) {
      const local =
        kind.key === "services" ? "binding looks for a local Worker" : "local store is used";
      const effect = `Remote bindings are not supported: the ${local}.`;
      const at = diagnostics.positionOf(config.pathOf([...path, "remote"]));
      features.push({ key: `${kind.key}.remote (${name})`, effect, position: at });
    }
  }
  for (const [key, effect] of Object.entries(UNSUPPORTED_KEYS)) {
    const path = key.split(".");
    const value = path.reduce<unknown>(
      (at, part) => (isTable(at) ? at[part] : undefined),
      config.raw,
    );
    if (isEmpty(value) || value === null || value === false) continue;
    features.push({ key, effect, position: diagnostics.positionOf(config.pathOf(path)) });
  }
  return features.sort((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0));
}
