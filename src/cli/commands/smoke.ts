/**
 * `drover smoke`: starts all Workers, waits until each is ready and each binding is connected, runs
 * the checks, prints a table, ends. For CI: any free port, no watching, no hotkeys.
 *
 * Exit codes: 0 all as expected, 2 config or flags, 3 build, 4 port, 5 a Worker or a binding is not
 * ready (in time), 6 a check failed.
 */
import { setTimeout as delay } from "node:timers/promises";
import { $ } from "kleur/colors";
import { RpcClient } from "../../client/rpc-client.ts";
import { DevSession } from "../../session/dev-session.ts";
import type { ReadyInfo } from "../../session/events.ts";
import { createWorkerClient, type WorkerClient } from "../../session/fetch-worker.ts";
import { createOwnSockets } from "../../session/own-sockets.ts";
import { ExitCode, messageOf, UserError } from "../../util/errors.ts";
import { firstLine } from "../../util/text.ts";
import { reportFatal } from "../exit.ts";
import { watchLifetime, whenAborted } from "../lifetime.ts";
import { createDevRequest, type FlagValues, sessionOptionsOf } from "../request.ts";
import { toJson, toJunit, writeArtefact } from "../smoke/artefacts.ts";
import { type CallCheck, runCallCheck } from "../smoke/call-check.ts";
import { type Check, judge, parseCheck } from "../smoke/check.ts";
import { findSmokeFile, readSmokeFile, type SmokeFile } from "../smoke/file.ts";
import { formatResults, type SmokeResult } from "../smoke/report.ts";
import { annotate } from "../ui/annotations.ts";
import { formatLog } from "../ui/event-texts.ts";
import { Reporter } from "../ui/reporter.ts";
import { type CommandContext, viewOf } from "./dev.ts";

const DEFAULT_TIMEOUT_S = 60;
const LATE_LOG_MS = 50;
type AnyCheck = Check | CallCheck;

/** Longer timers of Node fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export async function runSmoke(values: FlagValues, context: CommandContext): Promise<number> {
  const lifetime = watchLifetime();
  const cwd = process.cwd();
  const startedAt = performance.now();
  const file = readChecks(values.checks as string | undefined, cwd);
  const given = ((values.check as readonly string[] | undefined) ?? []).map(parseCheck);
  const checks = [...(file?.checks ?? []), ...given];
  const timeoutMs = parseTimeout(
    (values.timeout as string | undefined) ?? file?.timeout?.toString(),
  );
  const request = await createDevRequest(undefined, { port: 0, ...values });
  const { terminal } = context;
  let session: DevSession | undefined;
  const reporter = new Reporter({
    terminal,
    level: request.logLevel,
    cwd,
    session: () => viewOf(session),
  });
  for (const warning of [...request.warnings, ...(file?.warnings ?? [])]) {
    reporter.message("warning", warning);
  }
  const log: string[] = [];
  session = new DevSession({
    ...sessionOptionsOf(request),
    watch: false,
    // Each of them is called in a moment.
    keepAwake: true,
    colors: $.enabled,
    ...(context.host === undefined ? {} : { host: context.host }),
    // Threads listen for calls only if there are any.
    ...(checks.some(isCall) ? { peers: createOwnSockets(process.env, cwd, {}).peers } : {}),
    listener: (event) => {
      reporter.report(event);
      if (event.type === "log") log.push(formatLog(event.entry, event.worker));
    },
  });
  // No AbortSignal.timeout() in an AbortSignal.any(): Node 20 collects it before it fires.
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  const timer = setTimeout(interrupt, timeoutMs);
  lifetime.ended.addEventListener("abort", interrupt, { once: true });
  try {
    const { results, code } = await smoke(session, checks, log, interrupted.signal);
    terminal.print(formatResults(results));
    const report = { results, code, ms: performance.now() - startedAt };
    if (typeof values.json === "string") writeArtefact(values.json, toJson(report), cwd);
    if (typeof values.junit === "string") writeArtefact(values.junit, toJunit(report), cwd);
    for (const { what, failure } of results) {
      if (failure === undefined) continue;
      annotate(terminal, { kind: "error", title: `drover smoke: ${what}`, message: failure });
    }
    return lifetime.ended.aborted ? 130 : code;
  } catch (error) {
    return reportFatal(terminal, error);
  } finally {
    clearTimeout(timer);
    await session[Symbol.asyncDispose]();
  }
}

interface Outcome {
  readonly results: readonly SmokeResult[];
  readonly code: number;
}

async function smoke(
  session: DevSession,
  checks: readonly AnyCheck[],
  log: string[],
  signal: AbortSignal,
): Promise<Outcome> {
  await Promise.race([session.settled, whenAborted(signal)]);
  const started = startResults(session);
  const address = session.address;
  if (started.code !== ExitCode.ok || address === undefined) return started;
  assertKnownWorkers(checks, address);
  const client = createWorkerClient(address);
  const rpc = new RpcClient({ addressOf: (worker) => session.rpcAddressOf(worker) });
  const primary = address.workers[0]?.name ?? "";
  try {
    const wanted = checks.length > 0 ? checks : defaultChecks(address);
    const results = [...started.results];
    for (const check of wanted) {
      log.length = 0;
      const result = isCall(check)
        ? await runCall(rpc, check, primary, signal)
        : await runCheck(client, check, signal);
      // What the Worker says comes by another way than its answer.
      if (result.failure !== undefined) await delay(LATE_LOG_MS);
      results.push(result.failure === undefined ? result : { ...result, log: [...log] });
    }
    const failed = results.some(({ failure }) => failure !== undefined);
    return { results, code: failed ? ExitCode.checkFailed : ExitCode.ok };
  } finally {
    await rpc.close();
    await client[Symbol.asyncDispose]();
  }
}

/** One row per Worker and per binding to another Worker. */
function startResults(session: DevSession): Outcome {
  let code: number = ExitCode.ok;
  const results: SmokeResult[] = [];
  for (const worker of session.workers) {
    const { state } = worker;
    const failure =
      state === "ready" ? undefined : (worker.failure ?? "not ready within the timeout");
    if (failure !== undefined) {
      const reason = worker.failedStage === "build" ? ExitCode.build : ExitCode.notReady;
      if (code !== ExitCode.build) code = reason;
    }
    results.push({ what: `${worker.name} is ready`, failure: failure && firstLine(failure) });
  }
  for (const worker of session.workers) {
    for (const { binding, kind, service, target, reason } of session.connectionsOf(worker)) {
      // Not acted on yet, and announced as such when the session starts.
      if (kind !== "service") continue;
      if (reason !== undefined && code === ExitCode.ok) code = ExitCode.notReady;
      const to = target === undefined ? service : `${service}#${target}`;
      results.push({ what: `${worker.name} env.${binding} -> ${to}`, failure: reason });
    }
  }
  return { results, code };
}

function defaultChecks({ workers }: ReadyInfo): readonly Check[] {
  return workers.map(({ name }) => parseCheck(`GET ${name}:/ <500`));
}

function isCall(check: AnyCheck): check is CallCheck {
  return "kind" in check;
}

async function runCall(
  client: RpcClient,
  check: CallCheck,
  primary: string,
  signal: AbortSignal,
): Promise<SmokeResult> {
  const start = performance.now();
  const late = whenAborted(signal).then(() => "no answer within the timeout");
  const failure = await Promise.race([runCallCheck(client, check, primary), late]);
  return { what: check.text, failure, ms: performance.now() - start };
}

async function runCheck(
  client: WorkerClient,
  check: Check,
  signal: AbortSignal,
): Promise<SmokeResult> {
  const start = performance.now();
  let failure: string | undefined;
  try {
    const init = {
      method: check.method,
      headers: check.send,
      redirect: "manual" as const,
      signal,
      ...(check.body === undefined ? {} : { body: check.body }),
    };
    const response = await client.fetch(check.target, init, check.worker);
    const { status, headers } = response;
    const body = await response.text();
    failure = judge(check, { status, headers, body, ms: performance.now() - start });
  } catch (error) {
    failure = signal.aborted ? "no answer within the timeout" : describeFetchError(error);
  }
  return { what: check.text, failure, ms: performance.now() - start };
}

/** The file of checks; undefined if there is none. */
function readChecks(given: string | undefined, cwd: string): SmokeFile | undefined {
  const path = findSmokeFile(given, cwd);
  return path === undefined ? undefined : readSmokeFile(path, cwd);
}

/** undici puts the reason into `cause`. */
function describeFetchError(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}

function assertKnownWorkers(checks: readonly AnyCheck[], { workers }: ReadyInfo): void {
  const names = workers.map(({ name }) => name);
  const unknown = checks.find(({ worker }) => worker !== undefined && !names.includes(worker));
  if (unknown === undefined) return;
  throw new UserError(
    "CHECK_WORKER",
    `The check "${unknown.text}": no Worker "${unknown.worker}" in this session.`,
    { exitCode: ExitCode.config, hint: `There are: ${names.join(", ")}.` },
  );
}

function parseTimeout(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_TIMEOUT_S : Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return Math.min(seconds * 1000, MAX_TIMEOUT_MS);
  throw new UserError("FLAG_VALUE", `Expected --timeout to be seconds but got "${text}".`, {
    exitCode: ExitCode.config,
  });
}
