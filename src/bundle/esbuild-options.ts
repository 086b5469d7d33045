/**
 * esbuild's options for one Worker, as wrangler's (spec/wrangler.md 4.2). Pure but for the
 * environment variables that wrangler reads too: NODE_ENV, WRANGLER_BUILD_CONDITIONS, _PLATFORM.
 */
import { basename, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Platform, Plugin } from "esbuild";
import { DEFAULT_JSX_FACTORY, DEFAULT_JSX_FRAGMENT } from "../config/defaults.ts";
import type { ResolvedConfig } from "../config/types.ts";
import { literalEntry } from "./plugins/literal-entry.ts";

/** Options that `context()` and `build()` get; everything stays in memory. */
export type WorkerBuildOptions = BuildOptions & { write: false; metafile: true };

export interface OptionsInput {
  readonly config: ResolvedConfig;
  readonly target: string | readonly string[];
  readonly plugins: readonly Plugin[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The bundle's virtual file beside the entry; nothing is ever written there. */
export function virtualOutput(main: string): string {
  return join(dirname(main), `${basename(main, extname(main))}.bundle.js`);
}

/** `BundleModule.name` of the entry: stable for a Worker over rebuilds. */
export function entryName(config: ResolvedConfig): string {
  return pathToFileURL(config.noBundle ? config.main : virtualOutput(config.main)).href;
}

export function esbuildOptions(input: OptionsInput): WorkerBuildOptions {
  const { config, target, plugins, environment } = input;
  const entry = literalEntry(config.main);
  return {
    entryPoints: entry.entryPoints,
    absWorkingDir: config.root,
    outfile: virtualOutput(config.main),
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: typeof target === "string" ? target : [...target],
    // Attributes of imports are left out, as in wrangler's builds: runtimes refuse most of them.
    supported: { "import-source": true },
    platform: choosePlatform(environment.WRANGLER_BUILD_PLATFORM),
    conditions: chooseConditions(environment.WRANGLER_BUILD_CONDITIONS),
    loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
    external: ["__STATIC_CONTENT_MANIFEST", "cloudflare:*"],
    define: defines(config, environment.NODE_ENV ?? "development"),
    keepNames: config.keepNames,
    minify: config.minify,
    // Only when set: esbuild lets these win over a tsconfig, whose choice a default must not undo.
    ...(config.jsxFactory === DEFAULT_JSX_FACTORY ? {} : { jsxFactory: config.jsxFactory }),
    ...(config.jsxFragment === DEFAULT_JSX_FRAGMENT ? {} : { jsxFragment: config.jsxFragment }),
    ...(config.tsconfig === undefined ? {} : { tsconfig: config.tsconfig }),
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
    logLimit: 0,
    plugins: [...entry.plugins, ...plugins],
  };
}

function defines(config: ResolvedConfig, nodeEnv: string): Record<string, string> {
  const value = JSON.stringify(nodeEnv);
  const { compatibilityDate, compatibilityFlags } = config;
  const userAgent =
    (compatibilityDate >= "2022-03-21" && !compatibilityFlags.includes("no_global_navigator")) ||
    compatibilityFlags.includes("global_navigator");
  return {
    "process.env.NODE_ENV": value,
    "global.process.env.NODE_ENV": value,
    "globalThis.process.env.NODE_ENV": value,
    ...(userAgent ? { "navigator.userAgent": '"Cloudflare-Workers"' } : {}),
    ...config.define,
  };
}

function chooseConditions(value: string | undefined): string[] {
  if (value === undefined) return ["workerd", "worker", "browser"];
  return value.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}

function choosePlatform(value: string | undefined): Platform {
  return value === "node" || value === "neutral" ? value : "browser";
}
