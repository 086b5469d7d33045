/**
 * What the command line (or the programmatic API) says about configs. Flags apply to every Worker
 * of a session, except `name` and `script`, which can only mean one (users.md P8).
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createConfigError } from "./errors.ts";
import type { InlineConfig } from "./inline.ts";

export type ConfigSource =
  | {
      /** Absolute, or relative to `flags.cwd`. */
      readonly path: string;
      /** Environment of this one config; wins over `flags.env`. */
      readonly environment?: string;
      /** The user's own config when `path` was generated from it (`FoundConfig.userPath`). */
      readonly userPath?: string | undefined;
    }
  | {
      /** Folder whose config is looked for upward (no `-c`); a redirect is followed. */
      readonly directory: string;
      readonly environment?: string;
    }
  | {
      /** Entry file; its config is looked for from its folder upward. */
      readonly script: string;
      readonly environment?: string;
    }
  | {
      /** In place of a file; its paths start in `root`, absolute. */
      readonly inline: InlineConfig;
      readonly root: string;
      readonly environment?: string;
    }
  | {
      /** A Worker without a config, in place of one that is bound; no flags apply to it. */
      readonly standIn: StandIn;
      readonly environment: "";
    };

/** `--service AUTH=<url>`, `--stub AUTH=<file>` */
export interface StandIn {
  readonly name: string;
  /** Absolute entry file. */
  readonly main: string;
  readonly vars: Readonly<Record<string, string>>;
  /** Service binding that leads to it. */
  readonly binding: string;
  /** Only of the Worker of this name; undefined: of all. */
  readonly of: string | undefined;
  /** False: a binding with an entrypoint leads to the default export. */
  readonly hasEntrypoints: boolean;
}

export interface ConfigFlags {
  /** Default: process.cwd(). What paths in flags and in messages are relative to. */
  readonly cwd?: string;
  /** Default: process.env. */
  readonly processEnv?: Readonly<Record<string, string | undefined>>;
  /** `--env`; default CLOUDFLARE_ENV. */
  readonly env?: string | undefined;
  /** `--env-file`, in order; an empty list is as good as none. */
  readonly envFiles?: readonly string[] | undefined;
  /** `--name` */
  readonly name?: string | undefined;
  /** The positional argument: entry file instead of `main`. */
  readonly script?: string | undefined;
  readonly compatibilityDate?: string | undefined;
  readonly compatibilityFlags?: readonly string[] | undefined;
  /** `--var KEY:value` or `--var worker:KEY=value`. */
  readonly vars?: readonly string[] | undefined;
  /** Names of all Workers of the session: what makes `worker:KEY=value` unambiguous. */
  readonly workerNames?: readonly string[] | undefined;
  /** `--define KEY:value` */
  readonly define?: readonly string[] | undefined;
  /** `--alias MODULE:replacement` */
  readonly alias?: readonly string[] | undefined;
  readonly minify?: boolean | undefined;
  readonly tsconfig?: string | undefined;
  readonly jsxFactory?: string | undefined;
  readonly jsxFragment?: string | undefined;
  /** `--no-bundle`; false for `--bundle`. */
  readonly noBundle?: boolean | undefined;
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly inspectorPort?: number | undefined;
  readonly inspectorIp?: string | undefined;
  readonly localProtocol?: "http" | "https" | undefined;
  readonly upstreamProtocol?: "http" | "https" | undefined;
  readonly host?: string | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly standIns?: readonly StandIn[] | undefined;
  /** `--site`: folder instead of the config's; relative to `cwd`. */
  readonly site?: string | undefined;
  readonly siteInclude?: readonly string[] | undefined;
  readonly siteExclude?: readonly string[] | undefined;
  /** `--assets`: folder instead of the config's; relative to `cwd`. */
  readonly assets?: string | undefined;
  /** Nothing but bindings is wanted of the config, for `script` (bindings-only.ts). */
  readonly bindingsOnly?: boolean | undefined;
  /** `--strict`: what wrangler refuses is refused. */
  readonly strict?: boolean | undefined;
}

/** Flags of the Worker at `index` of a session: only the first gets `--name` and the script. */
export function flagsForWorker(flags: ConfigFlags, index: number): ConfigFlags {
  if (index === 0) return flags;
  return { ...flags, name: undefined, script: undefined };
}

/** Of a Worker without a config, whose whole configuration is its own. */
export function flagsForStandIn({ cwd, processEnv }: ConfigFlags): ConfigFlags {
  return {
    ...(cwd === undefined ? {} : { cwd }),
    ...(processEnv === undefined ? {} : { processEnv }),
  };
}

/** Splits `-c path@env`. A real file whose name contains "@" wins. */
export function parseConfigArgument(
  argument: string,
  cwd: string = process.cwd(),
): { path: string; environment?: string } {
  const at = argument.lastIndexOf("@");
  if (at <= 0 || at === argument.length - 1 || existsSync(resolve(cwd, argument)))
    return { path: argument };
  const environment = argument.slice(at + 1);
  // A slash after the "@" is a folder such as node_modules/@scope/wrangler.toml.
  if (/[/\\]/.test(environment) || /\.(toml|jsonc?)$/.test(environment)) return { path: argument };
  return { path: argument.slice(0, at), environment };
}

/** `KEY:value` pairs as an object; later ones win. `flag` is named in errors ("--define"). */
export function parsePairs(
  flag: string,
  pairs: readonly string[] | undefined,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const pair of pairs ?? []) {
    const prefix = /^(?:node|cloudflare):/.exec(pair)?.[0] ?? "";
    const colon = pair.indexOf(":", prefix.length);
    if (colon <= 0) {
      const fixed = pair.includes("=") ? pair.replace("=", ":") : `${pair}:value`;
      throw createConfigError("FLAG_VALUE", `Expected ${flag} KEY:value but got "${pair}".`, {
        hint: `Did you mean ${flag} ${fixed}?`,
      });
    }
    result[pair.slice(0, colon)] = pair.slice(colon + 1);
  }
  return result;
}

/**
 * The `--var` values meant for Worker `name`. `x:KEY=value` is scoped only if a Worker of the
 * session is called `x`; everything else is wrangler's `KEY:value`.
 */
export function varsForWorker(flags: ConfigFlags, name: string): Record<string, string> {
  const names = new Set([...(flags.workerNames ?? []), name]);
  const result: Record<string, string> = {};
  for (const pair of flags.vars ?? []) {
    const scoped = /^([^:=]+):([A-Za-z_$][\w$]*)=([\s\S]*)$/.exec(pair);
    const [, worker = "", key = "", value = ""] = scoped ?? [];
    if (scoped !== null && names.has(worker)) {
      if (worker === name) result[key] = value;
    } else Object.assign(result, parsePairs("--var", [pair]));
  }
  return result;
}

/** A boolean environment variable; anything but "true" and "false" is an error. */
export function booleanVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: boolean,
): boolean {
  const value = env[name];
  if (value === undefined || value === "") return fallback;
  if (/^true$/i.test(value)) return true;
  if (/^false$/i.test(value)) return false;
  throw createConfigError(
    "FLAG_VALUE",
    `Expected ${name} to be "true" or "false", but got ${JSON.stringify(value)}`,
  );
}
