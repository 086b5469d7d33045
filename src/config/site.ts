/** `site` of a config and the flags beside it: Workers Sites (spec/assets.md 19). */
import { extname, join, resolve } from "node:path";
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { SiteFolder } from "../util/site-files.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import type { ConfigFlags } from "./flags.ts";
import { strings } from "./settings.ts";

const TWO_ENTRIES =
  "Don't define both the `main` and `site.entry-point` fields in your configuration.\nThey serve the same purpose: to point to the entry-point of your worker.\nDelete the deprecated `site.entry-point` field from your config.";

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

/**
 * The script of a `site` without `main`, relative to the config: `site.entry-point`, else
 * "workers-site". Warns in wrangler's words; undefined without `site`.
 */
export function siteEntry(config: EffectiveConfig, diagnostics: Diagnostics): string | undefined {
  const { site, main } = config.raw;
  if (!isTable(site)) return undefined;
  const given = site["entry-point"];
  if (main !== undefined) {
    if (given !== undefined) diagnostics.error(TWO_ENTRIES, config.pathOf(["site", "entry-point"]));
    return undefined;
  }
  const entry = typeof given === "string" ? given : "workers-site";
  const script = extname(entry) === "" ? join(entry, "index.js") : entry;
  const move = `add the top level \`main\` field to your configuration file:\n\n\`\`\`\nmain = "${script}"\n\`\`\``;
  const message =
    given === undefined
      ? `Because you've defined a [site] configuration, we're defaulting to "workers-site" for the deprecated \`site.entry-point\` field.\nA${move.slice(1)}`
      : `Deprecation: "site.entry-point":\nDelete the \`site.entry-point\` field, then ${move}`;
  const path = given === undefined ? ["site"] : ["site", "entry-point"];
  diagnostics.warn(message, config.pathOf(path));
  return script;
}

/** The namespace that the Worker reads its files from. */
export function siteBinding(site: SiteFolder): BindingSpec {
  return { type: "resource", name: "__STATIC_CONTENT", kind: "site", id: JSON.stringify(site) };
}
