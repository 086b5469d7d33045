/** `site` of a config and the flags beside it: Workers Sites (spec/assets.md 19). */
import { resolve } from "node:path";
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { SiteFolder } from "../util/site-files.ts";
import { isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import type { ConfigFlags } from "./flags.ts";
import { strings } from "./settings.ts";

/** Undefined without. `root`, `cwd`: what paths of the config and of flags are relative to. */
export function resolveSite(
  config: EffectiveConfig,
  flags: Pick<ConfigFlags, "site" | "siteInclude" | "siteExclude">,
  { root, cwd }: { readonly root: string; readonly cwd: string },
): SiteFolder | undefined {
  const { site } = config.raw;
  const configured = isTable(site) ? site : {};
  const { bucket } = configured;
  if (flags.site === undefined && typeof bucket !== "string") return undefined;
  return {
    bucket: flags.site === undefined ? resolve(root, String(bucket)) : resolve(cwd, flags.site),
    include: flags.siteInclude ?? strings(configured.include),
    exclude: flags.siteExclude ?? strings(configured.exclude),
  };
}

/** The namespace that the Worker reads its files from. */
export function siteBinding(site: SiteFolder): BindingSpec {
  return { type: "resource", name: "__STATIC_CONTENT", kind: "site", id: JSON.stringify(site) };
}
