/** The texts of single events; pure. */

import { networkInterfaces } from "node:os";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { $, blue, bold, cyan, dim, green, magenta, red, yellow } from "kleur/colors";
import type { ResolvedConfig, SourcePosition } from "../../config/types.ts";
import type { LogEntry } from "../../protocol/thread.ts";
import type { ReadyInfo } from "../../session/events.ts";
import type { HostDeath } from "../../session/host-process.ts";
import type { InspectorInfo } from "../../session/inspector-door.ts";
import type { NameChange } from "../../session/peers.ts";
import { messageOf } from "../../util/errors.ts";
import type { LogLevel } from "./log-level.ts";
import { label, type MessageKind } from "./message.ts";
import { tag } from "./request-line.ts";

/**
 * The line that scripts wait for (spec/wrangler.md 0), then one per further address. "Listening": the
 * primary answers with its error, the others may serve.
 */
export function formatAddresses(
  state: "Ready" | "Listening",
  { workers, url, ip, protocol, port }: ReadyInfo,
): string {
  const lines = [`${tag()} ${state} on ${green(url)}`];
  if (ip === "*" || ip === "0.0.0.0" || ip === "::") {
    for (const address of ownAddresses()) {
      lines.push(`${tag()} - ${green(`${protocol}://${address}:${port}`)}`);
    }
  }
  for (const worker of workers.slice(1)) {
    lines.push(`${tag()} - ${blue(worker.name)}: ${green(worker.url)}`);
  }
  return lines.join("\n");
}

/** A line per Worker; the first is what clients get that ask for none. */
export function formatInspector({ workers }: InspectorInfo): string {
  const lines = workers.map(({ name, url }) => `${tag()} - ${blue(name)}: ${green(url)}`);
  return [`${tag()} Debugger listening on ${green(workers[0]?.url ?? "")}`, ...lines.slice(1)].join(
    "\n",
  );
}

/** wrangler's words, with an address for each Worker that has triggers; undefined if none has. */
export function describeCrons(names: readonly string[], ready: ReadyInfo): string | undefined {
  if (names.length === 0) return undefined;
  const curls = ready.workers
    .filter(({ name }) => names.includes(name))
    .map(({ url }) => `  curl "${url}/cdn-cgi/local/scheduled"`);
  return [
    "Scheduled Workers are not automatically triggered during local development.",
    "",
    "To manually trigger a scheduled event, run:",
    ...curls,
    "With --cron they fire on their schedules.",
    "For more details, see https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally",
  ].join("\n");
}

export function describeLonelyQueue(queue: string, count: number): string {
  const messages = count === 1 ? "1 message waits" : `${count} messages wait`;
  return `${messages} on queue "${queue}": no consumer. They are kept, and delivered when one is there, in this session or another.`;
}

export function describeHostDeath({ reason, blamed, detail, restartInMs }: HostDeath): string {
  const fatal = /FATAL ERROR: (.*)/.exec(detail)?.[1];
  return [
    `The runtime process died: ${reason}${fatal === undefined ? "" : ` (${fatal.trim()})`}.`,
    blamed.length === 0
      ? "No Worker was known to be running at that moment."
      : `Running at that moment: ${blamed.map((name) => bold(name)).join(", ")}.`,
    restartInMs === 0
      ? "Starting another on the same port. State in the memory of all Workers is lost."
      : `Starting another on the same port in ${restartInMs} ms: it has died repeatedly.`,
  ].join("\n");
}

/** What a config asks for in vain, with places; undefined if there is nothing. */
export function describeUnsupported(config: ResolvedConfig, cwd: string): string | undefined {
  const rows = config.unsupported.map(
    ({ key, effect, position }) => `- ${place(position, cwd)}${bold(key)}  ${effect}`,
  );
  return rows.length === 0 ? undefined : ["Not supported by drover yet:", ...rows].join("\n");
}

/** `path:line ` of a remark, for editors to jump to. */
export function place(position: SourcePosition | undefined, cwd: string): string {
  if (position === undefined) return "";
  return `${dim(`${relative(cwd, position.file)}:${position.line}`)} `;
}

/** Message and hint of an error that does not end the session. */
export function describeError(error: unknown): string {
  const hint = typeof error === "object" && error !== null && "hint" in error ? error.hint : "";
  return `${messageOf(error)}${typeof hint === "string" && hint !== "" ? `\n\n${hint}` : ""}`;
}

/** Who has the name of one of our Workers, and what happens now: the session goes on. */
export function describeNameChange(change: NameChange): readonly [MessageKind, string] {
  const { worker } = change;
  if (change.type === "ours") {
    const text = `The name ${bold(worker)} is this session's now: Workers of other sessions call this one.`;
    return ["warning", text];
  }
  const { holder } = change;
  const first =
    change.type === "taken"
      ? `Another session runs a Worker named ${bold(worker)}: ${holder}.`
      : `Another session has taken over the name ${bold(worker)}: ${holder}.`;
  const rest = [
    "This one serves as usual, but Workers of other sessions call that one.",
    "It takes the name over as soon as the other session ends; --takeover takes it at once.",
  ];
  return ["warning", [first, ...rest].join("\n")];
}

/** What the Worker does after a build or a load has failed. */
export function describeLastGood(worker: string, keeps: boolean): string {
  return keeps
    ? `${yellow("⎔")} ${worker} goes on serving its last good version`
    : `${red("⎔")} ${worker} answers with this error until it is fixed`;
}

/**
 * Output of a Worker; warn and error as wrangler decorates them. `name`: what every line starts
 * with, undefined for the only Worker of a session.
 */
export function formatLog(entry: LogEntry, name: string | undefined): string {
  const { text } = entry;
  const kind = isError(entry) ? "error" : entry.level === "warn" ? "warning" : undefined;
  const decorated = kind === undefined ? text : `${label(kind)} ${text}`;
  return name === undefined
    ? decorated
    : decorated.replace(/^/gm, `${colorOf(name)(`[${name}]`)} `);
}

/** The same of another session's entry, which may have been coloured for a terminal that is not here. */
export function formatForeignLog(entry: LogEntry, name: string | undefined): string {
  const text = formatLog(entry, name);
  return $.enabled ? text : stripVTControlCharacters(text);
}

/** console.debug and console.info are shown at info, console.log at log (spec/wrangler.md 1.4). */
export function logLevelOf(entry: LogEntry): LogLevel {
  if (isError(entry)) return "error";
  if (entry.level === "warn") return "warn";
  return entry.level === "log" || entry.level === "trace" ? "log" : "info";
}

function isError(entry: LogEntry): boolean {
  return entry.kind === "exception" || entry.level === "error";
}

const NAME_COLORS = [blue, green, magenta, cyan] as const;

/** The same Worker has the same colour on every line and in every session. */
function colorOf(worker: string): (text: string) => string {
  let sum = 0;
  for (const char of worker) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return NAME_COLORS[sum % NAME_COLORS.length] ?? blue;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => address);
}
