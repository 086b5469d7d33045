/**
 * Single settings of a ResolvedConfig: flag over config over default. Each function reads values
 * that validate.ts has accepted.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_BUILD_WATCH_DIR, DEFAULT_CPU_MS } from "./defaults.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import type { ConfigFlags } from "./flags.ts";
import type { BuildSettings, DevSettings, ModuleRule } from "./types.ts";

const MODULE_RULE_TYPES = ["ESModule", "CommonJS", "CompiledWasm", "Text", "Data"] as const;

/** ms of CPU time that an invocation may use. */
export function chooseCpuMs(config: EffectiveConfig, diagnostics: Diagnostics): number {
  const { limits } = config.raw;
  const given = isTable(limits) ? limits.cpu_ms : undefined;
  if (typeof given !== "number") return DEFAULT_CPU_MS;
  if (given > 0) return given;
  diagnostics.warn(
    `Expected "limits.cpu_ms" to be a number of milliseconds above 0 but got ${given}. Using the default of ${DEFAULT_CPU_MS}.`,
    config.pathOf(["limits", "cpu_ms"]),
    "value",
  );
  return DEFAULT_CPU_MS;
}

/** A config's `cwd` is relative to the config if that folder exists, else to the process (as wrangler). */
export function chooseBuild(
  raw: EffectiveConfig["raw"],
  root: string,
  cwd: string,
): BuildSettings | undefined {
  const build = raw.build;
  if (!isTable(build) || typeof build.command !== "string" || build.command === "") {
    return undefined;
  }
  const given = optional(build.cwd, "string") ?? ".";
  const inRoot = resolve(root, given);
  const watch = build.watch_dir ?? DEFAULT_BUILD_WATCH_DIR;
  return {
    command: build.command,
    cwd: existsSync(inRoot) ? inRoot : resolve(cwd, given),
    watchDirs: (Array.isArray(watch) ? watch : [watch]).map((dir) => resolve(root, String(dir))),
  };
}

/** `[dev]` with flags on top; without host of its own the Worker is at that of its first route. */
export function chooseDev(
  section: unknown,
  routes: readonly string[],
  flags: ConfigFlags,
): DevSettings {
  const dev = isTable(section) ? section : {};
  const protocol = (value: unknown): "http" | "https" | undefined =>
    value === "http" || value === "https" ? value : undefined;
  return {
    ip: addressOf(flags.ip) ?? addressOf(optional(dev.ip, "string")),
    port: flags.port ?? optional(dev.port, "number"),
    localProtocol: flags.localProtocol ?? protocol(dev.local_protocol) ?? "http",
    upstreamProtocol: flags.upstreamProtocol ?? protocol(dev.upstream_protocol),
    host: hostOf(flags.host || optional(dev.host, "string") || routes[0]),
    inspectorPort: flags.inspectorPort ?? optional(dev.inspector_port, "number"),
    inspectorIp: addressOf(flags.inspectorIp) ?? addressOf(optional(dev.inspector_ip, "string")),
    generateTypes: dev.generate_types === true,
  };
}

/** `[::1]`, as URLs have it, is `::1`; an empty one is none. */
function addressOf(ip: string | undefined): string | undefined {
  return ip?.replace(/^\[(.*)\]$/, "$1") || undefined;
}

/**
 * Host and port of a host name, URL or route pattern ("*.example.com/api/*" -> "example.com");
 * undefined where there is none to be found (`*` alone).
 */
function hostOf(text: string | undefined): string | undefined {
  const [, host = ""] = /^(?:https?:\/\/)?(?:\*\.?)?([^/*?#]*)/i.exec(text ?? "") ?? [];
  return host !== "" && URL.canParse(`ws://${host}`) ? new URL(`ws://${host}`).host : undefined;
}

/** The user's rules; bundle/ adds the default ones after them. */
export function chooseRules(
  value: unknown,
  config: EffectiveConfig,
  diagnostics: Diagnostics,
): ModuleRule[] {
  return tables(value).flatMap((rule, index) => {
    const type = MODULE_RULE_TYPES.find((known) => known === rule.type);
    if (type === undefined) {
      const path = config.pathOf(["rules", index, "type"]);
      diagnostics.warn(
        `Rules of type "${String(rule.type)}" are ignored: Python cannot run.`,
        path,
      );
      return [];
    }
    return [{ type, globs: strings(rule.globs), fallthrough: rule.fallthrough === true }];
  });
}

/** Patterns of `route` or `routes`. */
export function chooseRoutes(raw: EffectiveConfig["raw"]): string[] {
  const all = Array.isArray(raw.routes) ? raw.routes : [raw.route];
  return all.flatMap((route: unknown) => {
    if (typeof route === "string") return [route];
    return isTable(route) ? [String(route.pattern)] : [];
  });
}

/** Custom domains are whole hosts; wrangler starts nothing with others, and its words are these. */
export function checkCustomDomains(config: EffectiveConfig, diagnostics: Diagnostics): void {
  const { route, routes } = config.raw;
  const all = Array.isArray(routes)
    ? routes.map((item: unknown, index) => ({ item, path: ["routes", index] }))
    : [{ item: route, path: ["route"] }];
  for (const { item, path } of all) {
    if (!isTable(item) || item.custom_domain !== true) continue;
    const pattern = String(item.pattern);
    const wrong = [
      ...(pattern.includes("*")
        ? ["Wildcard operators (*) are not allowed in Custom Domains"]
        : []),
      ...(pattern.includes("/") ? ["Paths are not allowed in Custom Domains"] : []),
    ];
    if (wrong.length === 0) continue;
    const message = ["Invalid Routes:", `${pattern}:`, ...wrong].join("\n");
    diagnostics.error(message, config.pathOf([...path, "pattern"]), "value");
  }
}

/** Absolute; a flag is relative to the working directory, a config's value to the config. */
export function chooseTsconfig(
  flags: ConfigFlags,
  raw: EffectiveConfig["raw"],
  root: string,
  cwd: string,
): string | undefined {
  if (flags.tsconfig !== undefined) return resolve(cwd, flags.tsconfig);
  const given = optional(raw.tsconfig, "string");
  return given === undefined ? undefined : resolve(root, given);
}

/** `value` if it has the type, else undefined. */
export function optional(value: unknown, type: "string"): string | undefined;
export function optional(value: unknown, type: "number"): number | undefined;
export function optional(value: unknown, type: "boolean"): boolean | undefined;
export function optional(value: unknown, type: string): unknown {
  return typeof value === type ? value : undefined;
}

/** The elements of an array as strings; [] for anything else. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The tables of an array. */
export function tables(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

/** A table with string values; {} for anything else. */
export function stringTable(value: unknown): Record<string, string> {
  return isTable(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]))
    : {};
}
