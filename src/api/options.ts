/** What `startDev` takes. */
import { resolve } from "node:path";
import { isTable } from "../config/document.ts";
import { type ConfigSource, parseConfigArgument } from "../config/flags.ts";
import type { InlineConfig } from "../config/inline.ts";
import type { SessionEvent } from "../session/events.ts";
import type { OutboundHook } from "./outbound.ts";

export type { InlineConfig };

export interface StartDevOptions {
  /**
   * Paths of configs, `path@environment` for one environment, or configs themselves, as wrangler.jsonc would have them; their paths
   * start in `cwd`. The first is the primary.
   */
  readonly configs: string | InlineConfig | readonly (string | InlineConfig)[];
  /** What relative paths start from; default: process.cwd(). */
  readonly cwd?: string;
  /** Environment of all configs that name none. */
  readonly env?: string;
  /** Files to read variables from, instead of each Worker's .dev.vars and .env. */
  readonly envFiles?: readonly string[];
  /** Variables for every Worker, `worker:NAME` for one of them; win over configs and files. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default "localhost". */
  readonly ip?: string;
  /** Rebuild and reload on changes; default false. */
  readonly watch?: boolean;
  /** What production refuses is an error instead of a warning; default false. */
  readonly strict?: boolean;
  /** Production limits; default "warn". */
  readonly limits?: "off" | "warn" | "enforce";
  /** Folder of local state, from `cwd`; default: `.wrangler/state` beside the first config. */
  readonly persistTo?: string;
  /** False: local data lies in a folder of its own, which is removed at the end; `reset` needs it. */
  readonly persist?: boolean;
  /** Requests go by the routes of the configs; default false. */
  readonly routesDispatch?: boolean;
  /** With more than eight Workers: those that nobody has called keep their threads; default false. */
  readonly keepAwake?: boolean;
  /**
   * Workers that are played by objects of this process, by name and entrypoint: what a service binding
   * to a Worker without config reaches. `{ auth: { default: { verify: () => true } } }`
   */
  readonly fakes?: Readonly<Record<string, Readonly<Record<string, object>>>>;
  /**
   * What stands in place of bindings, `worker:NAME` (or the config, as in `configs`) for one Worker: data as variables, objects with methods as
   * bindings that this process plays. `{ "api:AI": { run: () => ({ response: "hi" }) }, LIMIT: 3 }`
   */
  readonly bindings?: Readonly<Record<string, unknown>>;
  /**
   * Answers the Workers' outbound HTTP requests; undefined lets one go to the network. Not asked of
   * WebSockets and TCP.
   */
  readonly outbound?: OutboundHook;
  /** Hears everything that happens: logs, requests, reloads, failures. */
  readonly onEvent?: (event: SessionEvent) => void;
}

/**
 * What stands for the Workers that `configs` names.
 *
 * @throws TypeError for what is neither a path nor a config
 */
export function sourcesOf(configs: StartDevOptions["configs"], cwd: string): ConfigSource[] {
  const all = isList(configs) ? configs : [configs];
  return all.map((config) => {
    if (typeof config === "string") return parseConfigArgument(config, cwd);
    if (isTable(config)) return { inline: config, root: resolve(cwd) };
    throw new TypeError(
      `Expected a path or a config as an object in "configs", but got ${config}.`,
    );
  });
}

function isList(
  configs: StartDevOptions["configs"],
): configs is readonly (string | InlineConfig)[] {
  return Array.isArray(configs);
}
