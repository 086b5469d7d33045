/** `drover dev`: one session with a terminal around it, until somebody ends it. */
import { spawn } from "node:child_process";
import { $ } from "kleur/colors";
import type { ResolvedConfig } from "../../config/types.ts";
import { isRegistryOff } from "../../registry/paths.ts";
import { DevSession } from "../../session/dev-session.ts";
import type { ReadyInfo, SessionEvent } from "../../session/events.ts";
import type { HostProcess } from "../../session/host-process.ts";
import type { InspectorInfo } from "../../session/inspector-door.ts";
import { noPeers, type PeerDirectory } from "../../session/peers.ts";
import { RegistryPeers } from "../../session/registry-peers.ts";
import { describeLeniencies } from "../../session/status.ts";
import { ExitCode } from "../../util/errors.ts";
import { reportFatal } from "../exit.ts";
import { type Lifetime, watchLifetime, whenAborted } from "../lifetime.ts";
import { LogFiles } from "../logs/log-files.ts";
import { ReadyFile } from "../ready-file.ts";
import {
  createDevRequest,
  type DevRequest,
  type FlagValues,
  sessionOptionsOf,
} from "../request.ts";
import { describeUnused } from "../stand-ins.ts";
import { TypeFiles } from "../types/type-files.ts";
import { formatBanner } from "../ui/banner.ts";
import { isInForeground } from "../ui/foreground.ts";
import { type Action, formatHotkeys, type Hotkey, listenForHotkeys } from "../ui/hotkeys.ts";
import { reloadKeys } from "../ui/reload-keys.ts";
import { type ReportedSession, Reporter, type ReporterOptions } from "../ui/reporter.ts";
import { watchSuspension } from "../ui/suspension.ts";
import type { Terminal } from "../ui/terminal.ts";

export interface CommandContext {
  readonly terminal: Terminal;
  readonly version: string;
  /** Forked already, or undefined. */
  readonly host: HostProcess | undefined;
}

/** Returns the exit code when the session has ended. */
export async function runDev(
  script: string | undefined,
  values: FlagValues,
  { terminal, version, host }: CommandContext,
): Promise<number> {
  const lifetime = watchLifetime();
  const request = await createDevRequest(script, values);
  if (values.explainEnv === true) {
    const { explainEnv } = await import("./explain-env.ts");
    return explainEnv(request, terminal);
  }
  const level = request.logLevel;
  let session: DevSession | undefined;
  const isJson = request.logFormat === "json";
  const reporter = await createReporter(request, {
    terminal,
    level,
    cwd: process.cwd(),
    testScheduled: request.testScheduled,
    firesCron: request.cron !== undefined,
    session: () => viewOf(session),
  });
  using logFiles = new LogFiles(request.logFolder, (text) => reporter.message("error", text));
  if (process.env.WRANGLER_HIDE_BANNER !== "true") reporter.line(`${formatBanner(version)}\n`);
  for (const warning of request.warnings) reporter.message("warning", warning);
  for (const note of request.notes) reporter.line(note);
  const unrecorded = await recordSession(request, version);
  if (unrecorded !== undefined) reporter.message("warning", unrecorded);

  using readyFile = new ReadyFile(request.readyFile);
  const types = new TypeFiles({
    workers: () => session?.workers ?? [],
    write: request.types,
    cwd: process.cwd(),
    print: (text) => reporter.line(text),
  });
  let keys: Keys | undefined;
  const failed = new Promise<unknown>((resolve) => {
    session = new DevSession({
      ...sessionOptionsOf(request),
      watch: true,
      liveReload: request.liveReload,
      testScheduled: request.testScheduled,
      ...(request.cron !== undefined && { cron: request.cron }),
      keepAwake: request.keepAwake,
      colors: $.enabled && !isJson,
      requestIds: isJson || request.logFolder !== undefined,
      traces: request.traces,
      ...(host === undefined ? {} : { host }),
      inspector: { version, inspect: request.inspect, inspectBrk: request.inspectBrk },
      peers: createPeers(request, version),
      listener: (event) => {
        onEvent(event, reporter);
        if (event.type === "configured") {
          warnOfUnused(request, event.workers, reporter);
          warnOfUnknown(request, event.workers, reporter);
        }
        logFiles.onEvent(event);
        types.onEvent(event);
        if (event.type === "ready") {
          try {
            readyFile.write(event.ready);
          } catch (error) {
            resolve(error);
          }
        }
        if (event.type === "settled") keys?.print();
        if (event.type === "fatal") resolve(event.error);
      },
    });
  });
  const running = session as unknown as DevSession;
  keys = startHotkeys({ request, terminal, reporter, lifetime, session: running });
  const error = await Promise.race([failed, whenAborted(lifetime.ended)]);
  keys?.[Symbol.dispose]();
  const code = error === undefined ? ExitCode.ok : reportFatal(terminal, error);
  await running[Symbol.asyncDispose]();
  return code;
}

async function recordSession(
  { logFolder: logPath = "" }: DevRequest,
  version: string,
): Promise<string | undefined> {
  const { env, argv } = process;
  if (!env.WRANGLER_OUTPUT_FILE_PATH && !env.WRANGLER_OUTPUT_FILE_DIRECTORY) return undefined;
  const { writeSessionRecord } = await import("../output-file.ts");
  return writeSessionRecord(env, { version, args: argv.slice(2), logPath });
}

async function createReporter(
  { logFormat, loggedWorkers: workers }: DevRequest,
  options: ReporterOptions,
): Promise<Reporter> {
  if (logFormat === "text") return new Reporter({ ...options, workers });
  const { JsonReporter } = await import("../logs/json-reporter.ts");
  return new JsonReporter({ ...options, workers });
}

/** Names that nobody has are a slip of the pen. */
function warnOfUnknown(
  { loggedWorkers = [] }: DevRequest,
  configs: readonly ResolvedConfig[],
  reporter: Reporter,
): void {
  const names = configs.map(({ name }) => name);
  const unknown = loggedWorkers.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const text = `--filter-log ${unknown.join(", ")}: no such Worker in this session. There are: ${names.join(", ")}.`;
  reporter.message("warning", text);
}

/** Stand-ins that nobody binds are a slip of the pen. */
function warnOfUnused(
  { flags }: DevRequest,
  configs: readonly ResolvedConfig[],
  reporter: Reporter,
): void {
  const text = describeUnused(flags.standIns ?? [], configs);
  if (text !== undefined) reporter.message("warning", text);
}

function createPeers(request: DevRequest, version: string): PeerDirectory {
  if (!request.registry || isRegistryOff(process.env)) return noPeers;
  const { takeover, waitForPeersMs } = request;
  const cwd = process.cwd();
  return new RegistryPeers({ env: process.env, cwd, version, takeover, waitMs: waitForPeersMs });
}

function onEvent(event: SessionEvent, reporter: Reporter): void {
  reporter.report(event);
  if (event.type === "ready") announceReady(event.ready);
}

/** What wrangler tells a parent that opened an IPC channel: a JSON string (spec/wrangler.md 0). */
function announceReady({ ip, port }: ReadyInfo): void {
  process.send?.(JSON.stringify({ event: "DEV_SERVER_READY", ip, port }));
}

/** What the reporter may ask. */
export function viewOf(session: DevSession | undefined): ReportedSession {
  const workers = session?.workers ?? [];
  const find = (name: string) => workers.find((worker) => worker.name === name);
  return {
    workers,
    connections: (name) => {
      const worker = find(name);
      return worker === undefined || session === undefined ? [] : session.connectionsOf(worker);
    },
    leniencies: (name) => {
      const worker = find(name);
      return worker === undefined ? [] : describeLeniencies(worker, workers);
    },
    get stateRoot() {
      return session === undefined || workers.length === 0 ? "" : session.stateRoot;
    },
  };
}

interface Keys extends Disposable {
  /** Shows the box. */
  print(): void;
}

interface HotkeyOptions {
  readonly request: DevRequest;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  readonly lifetime: Lifetime;
  readonly session: DevSession;
}

/** Raw mode as soon as possible: a key that ends the session must work while it starts. */
function startHotkeys(options: HotkeyOptions): Keys | undefined {
  const { request, terminal, reporter, lifetime, session } = options;
  const wanted = request.interactive ?? (!process.env.CI && request.logFormat === "text");
  if (!terminal.isInteractive || !wanted || !isInForeground()) return undefined;
  const hotkeys: readonly Hotkey[] = [
    { keys: ["b"], label: "open a browser", run: () => openBrowser(session.address?.url) },
    {
      keys: ["d"],
      label: "open devtools",
      run: () => openDevTools(session.inspector, reporter),
    },
    { keys: ["r"], label: "reload", ask: () => askForReload(options) },
    { keys: ["s"], label: "show status", run: async () => reporter.line(await statusOf(session)) },
    { keys: ["c"], label: "clear console", run: () => terminal.clear() },
    { keys: ["x", "q", "\x03"], label: "to exit", run: () => lifetime.end("hotkey") },
  ];
  const unseen: Action = { keys: ["\x1a"], label: "", run: () => suspension?.suspend() };
  const keys = listenForHotkeys(process.stdin, [...hotkeys, unseen], (key, error) =>
    reporter.message("error", `Error while handling hotkey [${key}]\n${String(error)}`),
  );
  const print = (): void => reporter.line(`${formatHotkeys(hotkeys, terminal.width)}\n`);
  const flush = (): void => terminal.flush();
  // Windows has no jobs.
  const suspension =
    process.platform === "win32"
      ? undefined
      : watchSuspension({ keys, isInForeground, flush, onBack: print });
  return {
    print,
    [Symbol.dispose]: () => {
      suspension?.[Symbol.dispose]();
      keys[Symbol.dispose]();
    },
  };
}

/** Several Workers: the keys of all are shown, and the next key says which. */
function askForReload({ session, reporter, terminal }: HotkeyOptions): readonly Action[] {
  const names = session.workers.map(({ name }) => name);
  const keys = reloadKeys(names, (worker) => session.reload(worker));
  if (keys.length === 0) session.reload();
  else reporter.line(`Reload which Worker?\n${formatHotkeys(keys, terminal.width)}`);
  return keys;
}

/** What `drover status` prints of this session. */
async function statusOf({ address }: DevSession): Promise<string> {
  if (address === undefined) return "The session is starting.";
  const { describeSession } = await import("./status.ts");
  return describeSession(address.url);
}

/** wrangler's front end for the Worker that clients get first; the address is told, as it may be needed elsewhere. */
function openDevTools(inspector: InspectorInfo | undefined, reporter: Reporter): void {
  const [first] = inspector?.workers ?? [];
  if (first === undefined) return;
  const address = first.url.replace(/^ws:\/\//, "");
  const query = `theme=systemPreferred&ws=${address}&domain=${encodeURIComponent(first.name)}&debugger=true`;
  const url = `https://devtools.devprod.cloudflare.dev/js_app?${query}`;
  reporter.line(`DevTools: ${url}`);
  openBrowser(url);
}

function openBrowser(url: string | undefined): void {
  if (url === undefined) return;
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const child = spawn(command as string, args, { stdio: "ignore", detached: true });
  child.on("error", () => {
    // No such command on this machine: the URL is in the terminal.
  });
  child.unref();
}
