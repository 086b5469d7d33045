/**
 * `drover doctor`: what a bug report needs and a puzzled user looks for: versions, whether the pieces
 * work, who holds the ports, what local state there is, and what of the configs will differ.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { dim, green, red, yellow } from "kleur/colors";
import { findConfig } from "../../config/find.ts";
import { parseConfigArgument } from "../../config/flags.ts";
import { resolveConfigs } from "../../config/resolve.ts";
import type { ResolvedConfig } from "../../config/types.ts";
import { listRegistry } from "../../registry/commands.ts";
import { isRegistryOff } from "../../registry/paths.ts";
import { sqliteEngine } from "../../storage/sqlite/engines.ts";
import { stateRoot } from "../../storage/state-folder.ts";
import { ExitCode, hasCode, messageOf } from "../../util/errors.ts";
import { wrap } from "../ui/wrap.ts";
import type { RegistryContext } from "./registry.ts";

export interface DoctorValues {
  readonly config?: readonly string[];
  readonly env?: string;
  readonly persistTo?: string;
}

/** "warn": works, and may surprise. "fail": does not work. */
interface Finding {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  readonly text: string;
}

const OLDEST_NODE = [20, 19] as const;
/** Where a session listens, and its debugger, if nothing else is configured. */
const DEFAULT_PORT = 8787;
const DEFAULT_INSPECTOR_PORT = 9229;

/** @returns exit code 1 if something does not work */
export async function runDoctor(
  values: DoctorValues,
  { terminal, version }: RegistryContext,
): Promise<number> {
  const cwd = process.cwd();
  const { configs, findings } = readConfigs(values, cwd);
  const all = [
    {
      state: "ok" as const,
      what: "drover",
      text: `${version}, ${process.platform} ${process.arch}`,
    },
    checkNode(),
    await checkEsbuild(),
    checkSqlite(),
    await checkRegistry(version),
    ...(await Promise.all(portsOf(configs[0]).map(checkPort))),
    checkState(configs[0], values.persistTo, cwd),
    ...findings,
  ];
  terminal.print(format(all, terminal.width));
  return all.some(({ state }) => state === "fail") ? ExitCode.internal : ExitCode.ok;
}

/** @param columns of the terminal: longer texts go on below where they began */
function format(findings: readonly Finding[], columns: number): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const marks = { ok: green("✓"), warn: yellow("▲"), fail: red("✘") };
  return findings
    .map(({ state, what, text }) => {
      const [first = "", ...rest] = wrap(text, columns - width - 4).split("\n");
      const below = rest.map((line) => `\n${" ".repeat(width + 4)}${line}`).join("");
      return `${marks[state]} ${what.padEnd(width)}  ${first}${below}`;
    })
    .join("\n");
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  const isOld = major < oldest || (major === oldest && minor < oldestMinor);
  const text = `${process.version} ${dim(process.execPath)}`;
  return isOld
    ? {
        state: "fail",
        what: "Node.js",
        text: `${text}\ndrover needs ${OLDEST_NODE.join(".")} or newer.`,
      }
    : { state: "ok", what: "Node.js", text };
}

async function checkEsbuild(): Promise<Finding> {
  const what = "esbuild";
  try {
    const { transform, version } = await import("esbuild");
    await transform("1");
    return { state: "ok", what, text: version };
  } catch (error) {
    return { state: "fail", what, text: `${messageOf(error)}\nInstall drover's packages again.` };
  }
}

function checkSqlite(): Finding {
  const what = "SQLite";
  try {
    return { state: "ok", what, text: `${sqliteEngine().name}` };
  } catch (error) {
    const text = `${messageOf(error)}\nKV, R2, D1 and Durable Objects will not work.`;
    return { state: "fail", what, text };
  }
}

async function checkRegistry(version: string): Promise<Finding> {
  const what = "registry";
  const cwd = process.cwd();
  if (isRegistryOff(process.env)) {
    return { state: "warn", what, text: "off: Workers of other sessions are not found" };
  }
  try {
    const { daemon, workers, foreign, socket } = await listRegistry({
      env: process.env,
      cwd,
      version,
    });
    if (foreign.length > 0) {
      const names = foreign.map(({ name }) => name).join(", ");
      const text = `Another version of drover runs ${names}: these cannot be called.\nEnd those sessions, or set DROVER_REGISTRY.`;
      return { state: "warn", what, text };
    }
    const running =
      daemon === null
        ? "not running: no session is"
        : `process ${daemon.pid}, ${workers.length} Worker${workers.length === 1 ? "" : "s"}`;
    return { state: "ok", what, text: `${running} ${dim(socket)}` };
  } catch (error) {
    return { state: "fail", what, text: messageOf(error) };
  }
}

function portsOf(config: ResolvedConfig | undefined): number[] {
  const { port = DEFAULT_PORT, inspectorPort = DEFAULT_INSPECTOR_PORT } = config?.dev ?? {};
  // 0: any.
  return [port, inspectorPort].filter((number) => number !== 0);
}

/** A taken port is no failure: drover takes the next one, unless it was asked for this one. */
async function checkPort(port: number): Promise<Finding> {
  const what = `port ${port}`;
  const server = createServer();
  const failure = await new Promise<unknown>((resolve) => {
    server.once("error", resolve).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
  if (failure === undefined) return { state: "ok", what, text: "free" };
  if (!hasCode(failure, "EADDRINUSE")) return { state: "warn", what, text: messageOf(failure) };
  const holder = process.platform === "linux" ? holderOf(port) : undefined;
  return { state: "warn", what, text: `taken${holder === undefined ? "" : ` by ${holder}`}` };
}

/** Process that listens on a port, as far as this user may see it: /proc names sockets by inode. */
function holderOf(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = new RegExp(
    `^ *\\d+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A(?: +\\S+){5} +(\\d+)`,
    "m",
  );
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const inode = listening.exec(readText(table))?.[1];
    if (inode === undefined) continue;
    for (const pid of listFolder("/proc").filter((name) => /^\d+$/.test(name))) {
      const holds = listFolder(`/proc/${pid}/fd`).some(
        (fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
      );
      if (!holds) continue;
      const command = readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      return `process ${pid} (${command.slice(0, 80)})`;
    }
  }
  return undefined;
}

function checkState(
  config: ResolvedConfig | undefined,
  persistTo: string | undefined,
  cwd: string,
): Finding {
  const what = "local state";
  const root = stateRoot({ configFolder: config?.userRoot ?? cwd, cwd, persistTo });
  const shown = relative(cwd, root) || root;
  if (!existsSync(root)) return { state: "ok", what, text: `none yet ${dim(shown)}` };
  const { files, bytes } = sizeOf(root);
  return {
    state: "ok",
    what,
    text: `${files} files, ${(bytes / 1e6).toFixed(1)} MB ${dim(shown)}`,
  };
}

function readConfigs(
  { config = [], env }: DoctorValues,
  cwd: string,
): { configs: readonly ResolvedConfig[]; findings: Finding[] } {
  const found = config.length === 0 ? findConfig(cwd)?.path : undefined;
  const sources = [
    ...config.map((argument) => parseConfigArgument(argument)),
    ...(found === undefined ? [] : [{ path: found }]),
  ];
  if (sources.length === 0) {
    return {
      configs: [],
      findings: [{ state: "ok", what: "configs", text: "none here (drover init makes one)" }],
    };
  }
  try {
    const configs = resolveConfigs(sources, { cwd, env });
    return { configs, findings: configs.map((one) => describeConfig(one, cwd)) };
  } catch (error) {
    return { configs: [], findings: [{ state: "fail", what: "configs", text: messageOf(error) }] };
  }
}

/** What will not work, or not as deployed. */
function describeConfig(config: ResolvedConfig, cwd: string): Finding {
  const { name, configPath, unsupported, warnings, laterBehaviour, compatibilityDate } = config;
  const lines = [
    ...unsupported.map(({ key, effect }) => `${key}: ${effect}`),
    ...warnings.map(({ message }) => message),
    ...(laterBehaviour.length === 0
      ? []
      : [`Its date has no effect on: ${laterBehaviour.join(", ")}`]),
  ];
  const where = configPath === undefined ? "" : relative(cwd, configPath);
  const text = [`${where}, compatibility date ${compatibilityDate}`, ...lines].join("\n");
  return { state: lines.length === 0 ? "ok" : "warn", what: name, text };
}

function sizeOf(folder: string): { files: number; bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stats?.isFile() !== true) continue;
    files += 1;
    bytes += stats.size;
  }
  return { files, bytes };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
