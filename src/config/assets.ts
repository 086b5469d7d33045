/**
 * `assets` of a config and `--assets`: checked, with defaults, with wrangler's words for what cannot
 * be (spec/assets.md 2-4). What is in the folder is read later, by session/.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseBasePath } from "../assets/base-path.ts";
import { findRulesProblem } from "../assets/run-worker-first.ts";
import type { AssetsConfig, HtmlHandling, NotFoundHandling } from "../protocol/assets.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import { createConfigError } from "./errors.ts";
import type { ConfigFlags } from "./flags.ts";
import { check, choice, type Schema, string, warnUnknownKeys } from "./schema.ts";

const FIELDS: Readonly<Record<string, Schema>> = {
  directory: string,
  binding: string,
  html_handling: choice(
    "auto-trailing-slash",
    "force-trailing-slash",
    "drop-trailing-slash",
    "none",
  ),
  not_found_handling: choice("single-page-application", "404-page", "none"),
  base_path: string,
};

const NAVIGATION_DATE = "2025-04-01";
/** What a Worker without a date runs with, for this one purpose. */
const NO_DATE = "2021-11-02";

/** Reports values of the wrong type; called for the top level and for the chosen environment. */
export function checkAssets(value: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (value === undefined) return;
  if (Array.isArray(value)) return;
  if (!isTable(value)) {
    const message = `"assets" should be an object, but got value ${JSON.stringify("assets")} of type ${typeof value}`;
    diagnostics.error(message, path, "value");
    return;
  }
  for (const [key, schema] of Object.entries(FIELDS)) {
    if (value[key] !== undefined) check(schema, value[key], [...path, key], diagnostics);
  }
  const first = value.run_worker_first;
  const isList = Array.isArray(first) && first.every((rule) => typeof rule === "string");
  if (first !== undefined && typeof first !== "boolean" && !isList) {
    diagnostics.error(
      `The field "assets.run_worker_first" should be an array of strings or a boolean, but got ${JSON.stringify(first)}.`,
      [...path, "run_worker_first"],
      "value",
    );
  }
  warnUnknownKeys(value, [...Object.keys(FIELDS), "run_worker_first"], path, diagnostics);
}

export interface AssetsInputs {
  readonly config: EffectiveConfig;
  readonly flags: ConfigFlags;
  readonly root: string;
  readonly cwd: string;
  readonly hasWorker: boolean;
  readonly routes: readonly string[];
}

/** Undefined for a Worker without assets, or where what was reported leaves nothing to go on with. */
export function resolveAssets(
  inputs: AssetsInputs,
  diagnostics: Diagnostics,
): AssetsConfig | undefined {
  const { config, flags, hasWorker } = inputs;
  const { raw } = config;
  if (raw.assets === undefined && flags.assets === undefined) return undefined;
  const section = isTable(raw.assets) ? raw.assets : {};
  const at = (...keys: string[]): ConfigPath => config.pathOf(["assets", ...keys]);
  const directory = findDirectory(section, inputs, diagnostics);
  if (raw.site !== undefined) {
    diagnostics.error(
      "Cannot use assets and Workers Sites in the same Worker.\nPlease remove either the `site` or `assets` field from your configuration file.",
      config.pathOf(["site"]),
    );
  }
  const binding = typeof section.binding === "string" ? section.binding : undefined;
  if (binding !== undefined && !hasWorker) {
    diagnostics.error(
      "Cannot use assets with a binding in an assets-only Worker.\nPlease remove the asset binding from your configuration file, or provide a Worker script in your configuration file (`main`).",
      at("binding"),
    );
  }
  const runWorkerFirst = findRules(section.run_worker_first, inputs, binding, diagnostics);
  const base = parseBasePath(section.base_path ?? "/");
  if ("problem" in base) {
    diagnostics.error(`Invalid assets base_path: ${base.problem}`, at("base_path"), "value");
  }
  if (directory === undefined || "problem" in base) return undefined;
  warnRoutes(inputs, String(flags.assets ?? section.directory), runWorkerFirst, diagnostics);
  return {
    directory,
    binding,
    htmlHandling: (section.html_handling ?? "auto-trailing-slash") as HtmlHandling,
    notFoundHandling: (section.not_found_handling ?? "none") as NotFoundHandling,
    runWorkerFirst,
    basePath: base.path,
    hasWorker,
    navigationPrefersAssets: prefersAssets(config, flags),
  };
}

function findDirectory(
  section: Readonly<Record<string, unknown>>,
  { config, flags, root, cwd }: AssetsInputs,
  diagnostics: Diagnostics,
): string | undefined {
  const given = flags.assets ?? section.directory;
  const isFlag = flags.assets !== undefined;
  const path = isFlag ? [] : config.pathOf(["assets", "directory"]);
  if (given === undefined) {
    diagnostics.error(
      "The `assets` property in your configuration is missing the required `directory` property.",
      config.pathOf(["assets"]),
    );
    return undefined;
  }
  if (given === "") {
    // The stray backtick is wrangler's.
    diagnostics.error("`The assets directory cannot be an empty string.", path, "value");
    return undefined;
  }
  const source = isFlag
    ? '"--assets" command line argument'
    : '"assets.directory" field in your configuration file';
  const directory = resolve(isFlag ? cwd : root, String(given));
  const info = statSync(directory, { throwIfNoEntry: false });
  if (info?.isDirectory()) return directory;
  const what =
    info === undefined
      ? `The directory specified by the ${source} does not exist:`
      : `The path specified by the ${source} doesn't point to a directory:`;
  const text = `${what}\n${directory}`;
  if (isFlag) throw createConfigError("FLAG_VALUE", text);
  diagnostics.error(text, path, "value");
  return undefined;
}

function findRules(
  value: unknown,
  { config, hasWorker }: AssetsInputs,
  binding: string | undefined,
  diagnostics: Diagnostics,
): boolean | readonly string[] {
  const path = config.pathOf(["assets", "run_worker_first"]);
  if (value === undefined || value === false) return false;
  if (value === true && binding === undefined) {
    diagnostics.warn(
      "run_worker_first=true set without an assets binding\nSetting run_worker_first to true will always invoke your Worker script.\nTo fetch your assets from your Worker, please set the [assets.binding] key in your configuration file.\n\nRead more: https://developers.cloudflare.com/workers/static-assets/binding/#binding",
      path,
    );
  }
  if (!hasWorker) {
    diagnostics.error(
      "Cannot set run_worker_first without a Worker script.\nPlease remove run_worker_first from your configuration file, or provide a Worker script in your configuration file (`main`).",
      path,
    );
  }
  if (!Array.isArray(value)) return true;
  const rules = value.map(String);
  const problem = findRulesProblem(rules);
  if (problem !== undefined) diagnostics.error(problem, path, "value");
  return rules;
}

/** A route with a path serves `<directory>/<path>`, which surprises many (spec/assets.md 2). */
function warnRoutes(
  { hasWorker, routes }: AssetsInputs,
  directory: string,
  runWorkerFirst: boolean | readonly string[],
  diagnostics: Diagnostics,
): void {
  if (runWorkerFirst === true) return;
  const lines = routes.flatMap((route) => {
    const slash = route.replace(/^https?:\/\//, "").indexOf("/");
    const path = slash === -1 ? "/*" : route.replace(/^https?:\/\//, "").slice(slash);
    if (path === "/*") return [];
    const folder = directory.replace(/^\.\//, "").replace(/\/$/, "");
    return [`  • ${route} (Will match assets: ${folder}${path})`];
  });
  if (lines.length === 0) return;
  const rest = hasWorker
    ? ["", "Requests not matching an asset will be forwarded to the Worker's code."]
    : [];
  diagnostics.warn(
    [
      "Warning: The following routes will attempt to serve Assets on a configured path:",
      ...lines,
      ...rest,
    ].join("\n"),
  );
}

function prefersAssets({ raw }: EffectiveConfig, flags: ConfigFlags): boolean {
  const named = flags.compatibilityFlags ?? raw.compatibility_flags;
  const list: readonly unknown[] = Array.isArray(named) ? named : [];
  if (list.includes("assets_navigation_has_no_effect")) return false;
  if (list.includes("assets_navigation_prefers_asset_serving")) return true;
  return String(flags.compatibilityDate ?? raw.compatibility_date ?? NO_DATE) >= NAVIGATION_DATE;
}
