/** `drover logs`: what Workers of running sessions have said lately, and with `-f` what they say. */
import { setTimeout as delay } from "node:timers/promises";
import { LOGS_PATH, type LoggedEntry, type LogsPage } from "../../protocol/logs-page.ts";
import { listRegistry } from "../../registry/commands.ts";
import { fetchPage, sessionsOf } from "../../session/running-sessions.ts";
import { ExitCode, messageOf, UserError } from "../../util/errors.ts";
import { watchLifetime } from "../lifetime.ts";
import { logLine } from "../logs/json-line.ts";
import { sessionUrl } from "../session-url.ts";
import { formatForeignLog } from "../ui/event-texts.ts";
import { printMessage } from "../ui/message.ts";
import type { RegistryContext } from "./registry.ts";

export interface LogsValues {
  readonly since?: string;
  readonly worker?: readonly string[];
  readonly follow?: boolean;
  readonly logFormat?: "text" | "json";
}

/** How often a session is asked for more, milliseconds. */
const FOLLOW_MS = 300;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * @param url of one session; undefined: all of the registry
 * @returns exit code: 1 if a session does not answer
 */
export async function runLogs(
  url: string | undefined,
  values: LogsValues,
  { terminal, version }: RegistryContext,
): Promise<number> {
  const since = sinceOf(values.since, Date.now());
  const isWanted = (entry: LoggedEntry): boolean =>
    entry.time >= since && (values.worker === undefined || values.worker.includes(entry.worker));
  const urls =
    url === undefined ? await runningUrls(version) : [await sessionUrl(url, "logs", version)];
  if (urls.length === 0) {
    terminal.print("No session is running.", "stderr");
    return ExitCode.ok;
  }
  const next = new Map(urls.map((each) => [each, 0]));
  const { ended } = watchLifetime();
  let code: number = ExitCode.ok;
  for (;;) {
    const pages = await Promise.all(
      [...next].map(async ([each, from]) => {
        try {
          const page = await fetchPage<LogsPage>(each, `${LOGS_PATH}?after=${from}`);
          next.set(each, page.next);
          return page.entries;
        } catch (error) {
          // One that has ended is no failure of somebody who follows it.
          next.delete(each);
          if (values.follow !== true) code = ExitCode.internal;
          printMessage(terminal, "error", messageOf(error));
          return [];
        }
      }),
    );
    const entries = pages.flat().filter(isWanted);
    for (const entry of entries.sort((a, b) => a.time - b.time)) {
      terminal.print(
        values.logFormat === "json"
          ? logLine(entry.worker, entry)
          : formatForeignLog(entry, entry.worker),
      );
    }
    if (values.follow !== true || next.size === 0 || ended.aborted) return code;
    await delay(FOLLOW_MS, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) return code;
  }
}

async function runningUrls(version: string): Promise<string[]> {
  const { workers } = await listRegistry({ env: process.env, cwd: process.cwd(), version });
  return sessionsOf(workers).map((session) => session.url);
}

/** `5m`, `30s`, `2h` ago, or a date; undefined: everything that is kept. Epoch milliseconds. */
function sinceOf(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const date = Date.parse(text);
  if (amount !== undefined) return now - Number(amount) * (UNITS[unit] ?? 0);
  if (!Number.isNaN(date)) return date;
  throw new UserError(
    "FLAG_VALUE",
    `Expected --since to be a time such as 30s, 5m, 2h or a date but got "${text}".`,
    { exitCode: ExitCode.config },
  );
}
