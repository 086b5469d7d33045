/** `drover status`: what the running sessions' Workers are connected to. */
import { blue, bold, dim, green, red, yellow } from "kleur/colors";
import type {
  DynamicStatus,
  ObjectClassStatus,
  StatusPage,
  StatusWorker,
  Usage,
} from "../../protocol/status-page.ts";
import { listRegistry } from "../../registry/commands.ts";
import { fetchStatus, type RunningSession, sessionsOf } from "../../session/running-sessions.ts";
import type { ConnectionRow } from "../../session/status.ts";
import { ExitCode, messageOf } from "../../util/errors.ts";
import { firstLine } from "../../util/text.ts";
import { sessionUrl } from "../session-url.ts";
import { formatColumns } from "../ui/columns.ts";
import type { RegistryContext } from "./registry.ts";

/** One element of what `drover status --json` prints. */
export interface SessionStatus extends Partial<RunningSession> {
  readonly url: string;
  /** Absent: the session did not answer, `error` says why. */
  readonly status?: StatusPage<ConnectionRow>;
  readonly error?: string;
}

/**
 * Prints the status of the session at `url`, else of all sessions of the registry. Exit code 1 if
 * one of them does not answer.
 */
export async function runStatus(
  url: string | undefined,
  json: boolean,
  { terminal, version }: RegistryContext,
): Promise<number> {
  const sessions =
    url === undefined
      ? sessionsOf((await listRegistry({ env: process.env, cwd: process.cwd(), version })).workers)
      : [{ url: await sessionUrl(url, "status", version) }];
  const all = await Promise.all(sessions.map(statusOf));
  if (json) terminal.print(JSON.stringify(all, null, 2));
  else if (all.length === 0) terminal.print("No session is running.");
  else terminal.print(all.map(formatSession).join("\n\n"));
  return all.every(({ error }) => error === undefined) ? ExitCode.ok : ExitCode.internal;
}

/** The status of the session at `url`, as text. */
export async function describeSession(url: string): Promise<string> {
  return formatSession(await statusOf({ url }));
}

async function statusOf(session: { readonly url: string }): Promise<SessionStatus> {
  try {
    return { ...session, status: await fetchStatus(session.url) };
  } catch (error) {
    return { ...session, error: messageOf(error) };
  }
}

function formatSession({ url, pid, folder, status, error }: SessionStatus): string {
  const where = pid === undefined ? "" : dim(` process ${pid} in ${folder}`);
  const head = `${bold(url)}${where}`;
  if (status === undefined) return `${head}\n${red("✘")} ${error ?? ""}`;
  return [head, ...status.workers.map(formatWorker)].join("\n");
}

function formatWorker(worker: StatusWorker<ConnectionRow>): string {
  const { name, status, error, connections, usage, objects = [], dynamic = [] } = worker;
  const state =
    status === "ready" ? green(status) : status === "asleep" ? dim(status) : yellow(status);
  const lines = [`${blue(name)} ${state}${usage === undefined ? "" : dim(formatUsage(usage))}`];
  if (error !== undefined) lines.push(`  ${red(firstLine(error))}`);
  if (connections.length > 0) {
    const table = formatColumns(["Binding", "Worker", "Status"], connections.map(formatRow));
    lines.push(table.replace(/^/gm, "  "));
  }
  lines.push(...objects.flatMap(formatObjects), ...dynamic.map(formatDynamic));
  return lines.join("\n");
}

/** One line for the class, one for each object that is listed. */
function formatObjects(status: ObjectClassStatus): string[] {
  const { className, live, hibernating, sockets, nextAlarm, objects } = status;
  const head = [
    `${live} live`,
    ...(hibernating > 0 ? [`${hibernating} hibernating`] : []),
    ...(sockets > 0 ? [countOf(sockets, "WebSocket")] : []),
    ...(nextAlarm === undefined ? [] : [`next alarm ${formatTime(nextAlarm)}`]),
  ];
  const lines = objects.map((object) => {
    const { id, name, hibernates } = object;
    const facts = [
      ...(hibernates ? ["hibernates"] : []),
      ...(object.sockets > 0 ? [countOf(object.sockets, "WebSocket")] : []),
      ...(object.alarm === undefined ? [] : [`alarm ${formatTime(object.alarm)}`]),
    ];
    const label = name === undefined ? id : JSON.stringify(name);
    return `    ${label}${facts.length === 0 ? "" : dim(` ${facts.join(" · ")}`)}`;
  });
  const more = live + hibernating - objects.length;
  if (more > 0) lines.push(dim(`    and ${more} more`));
  return [`  Durable Object ${bold(className)} ${dim(head.join(" · "))}`, ...lines];
}

function formatDynamic({ name, status, usage }: DynamicStatus): string {
  const facts = usage === undefined ? ` · ${status}` : formatUsage(usage);
  return `  Dynamic Worker ${bold(name)}${dim(facts)}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** " · 1.2 s CPU · 14 MB" */
function formatUsage({ cpuMs, memoryMb }: Usage): string {
  const cpu = cpuMs < 1000 ? `${cpuMs} ms` : `${(cpuMs / 1000).toFixed(1)} s`;
  return ` · ${cpu} CPU${memoryMb === undefined ? "" : ` · ${memoryMb} MB`}`;
}

function formatRow(row: ConnectionRow): readonly string[] {
  const { binding, kind, service, target, connected, reason } = row;
  const state = connected ? green("[connected]") : red("[not connected]");
  return [
    binding !== undefined
      ? `env.${binding}`
      : `${kind === "streaming-tail" ? "streaming tail" : "tail"} consumer`,
    kind === "queue" ? `queue ${service}` : target === undefined ? service : `${service}#${target}`,
    reason === undefined ? state : `${state} ${dim(kind === "queue" ? reason : `(${reason})`)}`,
  ];
}
