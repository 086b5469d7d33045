/**
 * `drover call api#Admin.method 1 '{"a":2}'`: one RPC call to a Worker of a running session, made as
 * another session's Worker would make it (client/rpc-client.ts).
 */
import { ReadableStream } from "node:stream/web";
import { inspect } from "node:util";
import { $ } from "kleur/colors";
import { type CallPath, callPath, parseCallPath } from "../../client/call-path.ts";
import { RpcClient } from "../../client/rpc-client.ts";
import { LOGS_PATH, type LoggedEntry, type LogsPage } from "../../protocol/logs-page.ts";
import { findRunningWorker } from "../../registry/running-worker.ts";
import { ExitCode, UserError } from "../../util/errors.ts";
import { formatForeignLog } from "../ui/event-texts.ts";
import { printMessage } from "../ui/message.ts";
import { writeRaw } from "../ui/terminal.ts";
import type { RegistryContext } from "./registry.ts";

export interface CallValues {
  readonly json?: boolean;
}

interface Call extends CallPath {
  readonly worker: string;
}

/**
 * Prints the result; bytes of a stream as they come.
 *
 * @returns exit code: 1 if the call failed
 * @throws UserError CALL_SYNTAX, WORKER_NOT_RUNNING
 */
export async function runCall(
  what: string,
  texts: readonly string[],
  { json = false }: CallValues,
  { terminal, version }: RegistryContext,
): Promise<number> {
  const { worker, entrypoint, path } = parseCall(what);
  const args = texts.map((text, index) => parseJson(text, `Argument ${index + 1}`));
  const found = await findRunningWorker(worker, {
    env: process.env,
    cwd: process.cwd(),
    version,
  });
  const requestId = `call-${process.pid}`;
  const client = new RpcClient({ addressOf: () => found.address, requestId, sendsData: true });
  try {
    const result = await callPath(client.stub(worker, entrypoint), path, args);
    if (result instanceof ReadableStream) {
      for await (const bytes of result as ReadableStream<Uint8Array>) {
        if (!(await writeRaw(bytes))) break;
      }
    } else terminal.print(json ? toJson(result) : shown(result));
    return ExitCode.ok;
  } catch (error) {
    const said = await saidDuring(found.url, requestId);
    for (const entry of said) terminal.print(formatForeignLog(entry, entry.worker), "stderr");
    printMessage(terminal, "error", describe(error));
    return ExitCode.internal;
  } finally {
    await client.close();
  }
}

/** @throws UserError CALL_SYNTAX */
function parseCall(what: string): Call {
  const [, worker, rest = ""] = /^([^#.]+)[#.](.+)$/.exec(what) ?? [];
  const path = parseCallPath(rest);
  // A dot behind the Worker's name: a method of its default export.
  const isDefault = worker !== undefined && what[worker.length] === ".";
  if (worker === undefined || path === undefined) {
    throw syntaxError(
      `"${what}" names no method.`,
      "Write worker#Entrypoint.method, or worker.method for the default export: drover call api#Admin.setLimit 10",
    );
  }
  if (isDefault) return { worker, entrypoint: undefined, path: rest.split(".") };
  return { worker, ...path };
}

/**
 * A value on the command line. `what`: "Argument 2".
 *
 * @throws UserError CALL_SYNTAX
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw syntaxError(
      `${what} is not JSON: ${text}`,
      `Text is written with its quotes: '${JSON.stringify(text)}'`,
    );
  }
}

function syntaxError(message: string, hint: string): UserError {
  return new UserError("CALL_SYNTAX", message, { exitCode: ExitCode.config, hint });
}

function toJson(result: unknown): string {
  const text: string | undefined = JSON.stringify(result, null, 2);
  return text ?? "null";
}

function shown(result: unknown): string {
  return typeof result === "string" ? result : inspect(result, { colors: $.enabled, depth: 8 });
}

/** What the Workers that were called said of it: their exceptions have the stacks, mapped. */
async function saidDuring(url: string | undefined, requestId: string): Promise<LoggedEntry[]> {
  if (url === undefined) return [];
  // An HTTP client, which calls that succeed need not load.
  const { fetchPage, fetchStatus } = await import("../../session/running-sessions.ts");
  try {
    // Threads answer for the status behind what they have logged.
    await fetchStatus(url);
    const { entries } = await fetchPage<LogsPage>(url, LOGS_PATH);
    return entries.filter((entry) => entry.requestId === requestId && entry.kind !== "console");
  } catch {
    // The session ended meanwhile: the error itself says so.
    return [];
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
}
