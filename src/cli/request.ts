/** From parsed flags to what a session is to do; looks for a config and reads the command's `.env` files. */
import { relative, resolve } from "node:path";
import { readCommandEnvironment } from "../config/env-files.ts";
import { createConfigError } from "../config/errors.ts";
import { findConfig } from "../config/find.ts";
import { type ConfigFlags, type ConfigSource, parseConfigArgument } from "../config/flags.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";
import type { TlsFiles } from "../session/tls.ts";
import type { WorkerPorts } from "../session/worker-ports.ts";
import { ExitCode, UserError } from "../util/errors.ts";
import { devFlags } from "./dev-flags.ts";
import { parseStandIns } from "./stand-ins.ts";
import { chooseLogLevel, type LogLevel } from "./ui/log-level.ts";

/** Values as commander leaves them, by camel-cased flag name. */
export type FlagValues = Readonly<Record<string, unknown>>;

export interface DevRequest {
  readonly sources: readonly ConfigSource[];
  readonly flags: ConfigFlags;
  readonly strict: boolean;
  readonly liveReload: boolean;
  readonly testScheduled: boolean;
  readonly workerPorts: WorkerPorts;
  readonly routesDispatch: boolean;
  readonly cron: { readonly timeScale: number } | undefined;
  readonly limits: WorkerSpec["limits"];
  readonly registry: boolean;
  readonly takeover: boolean;
  readonly keepAwake: boolean;
  readonly types: boolean;
  /** `--inspect` and `--inspect-brk`: the name of a Worker or "". */
  readonly inspect: string | undefined;
  readonly inspectBrk: string | undefined;
  readonly logFormat: "text" | "json";
  /** `--log-dir`, absolute. */
  readonly logFolder: string | undefined;
  /** `--filter-log`: names of Workers. */
  readonly loggedWorkers: readonly string[] | undefined;
  /** `--trace` */
  readonly traces: boolean;
  /** `--ready-file`, absolute. */
  readonly readyFile: string | undefined;
  readonly waitForPeersMs: number;
  readonly tls: TlsFiles;
  readonly persistTo: string | undefined;
  readonly logLevel: LogLevel;
  /** undefined: when in a terminal. */
  readonly interactive: boolean | undefined;
  /** Said before anything else. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** @throws UserError FLAG_REFUSED, FLAG_VALUE or a config error, all with exit code 2 */
export async function createDevRequest(
  argument: string | undefined,
  values: FlagValues,
): Promise<DevRequest> {
  const cwd = process.cwd();
  const text = (name: string) => values[name] as string | undefined;
  const list = (name: string) => values[name] as readonly string[] | undefined;
  const port = (name: string) => values[name] as number | undefined;
  const flag = (name: string) => values[name] as boolean | undefined;
  refuse(values);
  const envFiles = list("envFile");
  const environment = readCommandEnvironment(cwd, text("env"), envFiles ?? [], process.env);
  const configs = list("config") ?? [];
  const named =
    configs.length === 0 && argument !== undefined && /^[\w-]+$/.test(argument)
      ? await findNamed(argument, cwd, text("env") ?? environment.CLOUDFLARE_ENV)
      : undefined;
  const script = named === undefined ? argument : undefined;
  const log = chooseLogLevel(text("logLevel") as LogLevel | undefined, environment.WRANGLER_LOG);
  const bundle = flag("bundle");
  const inCwd = (path: string | undefined) => (path === undefined ? undefined : resolve(cwd, path));
  const flags: ConfigFlags = {
    cwd,
    processEnv: environment,
    env: text("env"),
    envFiles,
    name: text("name"),
    script,
    compatibilityDate: text("compatibilityDate"),
    compatibilityFlags: list("compatibilityFlags"),
    vars: list("var"),
    define: list("define"),
    alias: list("alias"),
    minify: flag("minify"),
    tsconfig: text("tsconfig"),
    jsxFactory: text("jsxFactory"),
    jsxFragment: text("jsxFragment"),
    noBundle: bundle === undefined ? undefined : !bundle,
    ip: text("ip"),
    port: port("port"),
    inspectorPort: port("inspectorPort"),
    inspectorIp: text("inspectorIp"),
    localProtocol: text("localProtocol") as "http" | "https" | undefined,
    upstreamProtocol: text("upstreamProtocol") as "http" | "https" | undefined,
    // Nothing is forwarded, but this is the host that the Worker sees.
    host: text("host") ?? text("localUpstream"),
    routes: list("routes"),
    standIns: parseStandIns(list("service") ?? [], list("stub") ?? [], cwd),
    site: text("site"),
    siteInclude: list("siteInclude"),
    siteExclude: list("siteExclude"),
    assets: text("assets"),
    strict: flag("strict"),
  };
  const timeScale = parseScale(text("timeScale"));
  const sources = named?.sources ?? (await chooseSources(configs, script, flags));
  return {
    sources: [
      ...sources,
      ...(flags.standIns ?? []).map((standIn) => ({ standIn, environment: "" }) as const),
    ],
    flags,
    strict: flag("strict") ?? false,
    liveReload: flag("liveReload") ?? false,
    testScheduled: flag("testScheduled") ?? false,
    workerPorts: parseWorkerPorts(list("workerPort") ?? []),
    routesDispatch: flag("routesDispatch") ?? false,
    cron: flag("cron") === true ? { timeScale } : undefined,
    limits: (text("limits") as WorkerSpec["limits"] | undefined) ?? "warn",
    registry: flag("registry") ?? true,
    takeover: flag("takeover") ?? false,
    keepAwake: flag("keepAwake") ?? false,
    types: flag("types") ?? false,
    inspect: flag("inspect") === true ? "" : text("inspect"),
    inspectBrk: flag("inspectBrk") === true ? "" : text("inspectBrk"),
    logFormat: (text("logFormat") as DevRequest["logFormat"] | undefined) ?? "text",
    logFolder: inCwd(text("logDir")),
    loggedWorkers: list("filterLog"),
    traces: flag("trace") ?? false,
    readyFile: inCwd(text("readyFile")),
    waitForPeersMs: parseSeconds("wait-for-peers", text("waitForPeers")),
    tls: {
      keyPath: inCwd(text("httpsKeyPath") ?? environment.WRANGLER_HTTPS_KEY_PATH),
      certPath: inCwd(text("httpsCertPath") ?? environment.WRANGLER_HTTPS_CERT_PATH),
    },
    persistTo: text("persistTo"),
    logLevel: log.level,
    interactive: flag("showInteractiveDevSession"),
    warnings: [
      ...(log.warning === undefined ? [] : [log.warning]),
      ...ignoredFlags(values),
      ...(named?.warnings ?? []),
    ],
    notes: named?.notes ?? [],
  };
}

type SharedOption =
  | "sources"
  | "flags"
  | "strict"
  | "limits"
  | "workerPorts"
  | "routesDispatch"
  | "persistTo"
  | "tls";

/** What sessions of `drover dev` and of `drover smoke` are given alike. */
export function sessionOptionsOf(request: DevRequest): Pick<DevRequest, SharedOption> {
  const { sources, flags, strict, limits, workerPorts, routesDispatch, persistTo, tls } = request;
  return { sources, flags, strict, limits, workerPorts, routesDispatch, persistTo, tls };
}

async function chooseSources(
  configs: readonly string[],
  script: string | undefined,
  { assets, cwd = process.cwd() }: ConfigFlags,
): Promise<readonly ConfigSource[]> {
  if (configs.length > 0) return configs.map((argument) => parseConfigArgument(argument));
  if (script !== undefined) return [{ script }];
  const found = findConfig(cwd);
  // The folder instead of the file: the redirect is told and watched, and may change its target.
  if (found?.redirectPath !== undefined) return [{ directory: cwd }, ...found.auxiliary];
  if (found !== undefined) return [{ path: found.path }];
  if (assets !== undefined) return [{ directory: cwd }];
  throw createConfigError(
    "CONFIG_NOT_FOUND",
    `No wrangler.json, wrangler.jsonc or wrangler.toml in ${cwd} or above it.`,
    { hint: await hintBelow(cwd) },
  );
}

/** So many configs are named. */
const MOST_NAMED = 4;

/** A user who is in the root of a workspace is told what is below. */
async function hintBelow(cwd: string): Promise<string> {
  const { findWorkspaceConfigs } = await import("../config/workspace/find-configs.ts");
  const below = findWorkspaceConfigs(cwd).map((path) => `-c ${relative(cwd, path)}`);
  if (below.length === 0) {
    return "Name one or more with -c, give an entry file, or start a project with: drover init my-app";
  }
  const more = below.length > MOST_NAMED ? " ..." : "";
  return `Name those that are below it: ${below.slice(0, MOST_NAMED).join(" ")}${more}`;
}

/** Imported on use: most sessions start from configs. */
async function findNamed(word: string, cwd: string, environment: string | undefined) {
  const { findNamedWorkers } = await import("./named-workers.ts");
  return findNamedWorkers(word, cwd, environment || undefined);
}

/** `api=8788` */
function parseWorkerPorts(values: readonly string[]): WorkerPorts {
  return Object.fromEntries(
    values.map((value) => {
      const [, name, digits] = /^(.+)=(\d+)$/.exec(value) ?? [];
      const port = Number(digits);
      if (name !== undefined && port <= 65_535) return [name, port];
      throw new UserError(
        "FLAG_VALUE",
        `Expected --worker-port to be a Worker and a port such as api=8788 but got "${value}".`,
        { exitCode: ExitCode.config },
      );
    }),
  );
}

/** Milliseconds; 0 if the flag was not given. */
function parseSeconds(name: string, value: string | undefined): number {
  const seconds = value === undefined ? 0 : Number(value);
  // Longer than a timer of Node can be is no limit anybody meant.
  if (value !== "" && seconds >= 0 && seconds <= 2_000_000) return seconds * 1000;
  throw new UserError("FLAG_VALUE", `Expected --${name} to be seconds but got "${value}".`, {
    exitCode: ExitCode.config,
  });
}

/** 1 if the flag was not given. */
function parseScale(value: string | undefined): number {
  const scale = value === undefined ? 1 : Number(value);
  if (value !== "" && scale > 0 && scale <= 100_000) return scale;
  throw new UserError(
    "FLAG_VALUE",
    `Expected --time-scale to be a number above 0 and at most 100000 but got "${value}".`,
    { exitCode: ExitCode.config },
  );
}

function refuse(values: FlagValues): void {
  for (const { name, refused } of devFlags) {
    if (refused !== undefined && values[camelCase(name)] === true) {
      throw new UserError("FLAG_REFUSED", refused, { exitCode: ExitCode.config });
    }
  }
}

/** One line for all flags that were given and do nothing. */
function ignoredFlags(values: FlagValues): readonly string[] {
  const given = devFlags.filter(({ name, ignored }) => {
    const value = values[camelCase(name)];
    return ignored !== undefined && ignored !== "" && value !== undefined && value !== false;
  });
  if (given.length === 0) return [];
  const lines = given.map(({ name, ignored }) => `- --${name}: ${ignored}`);
  return [["These flags have no effect:", ...lines].join("\n")];
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
