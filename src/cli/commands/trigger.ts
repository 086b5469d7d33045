/**
 * `drover trigger api scheduled`, `drover trigger api queue orders '{"id":1}'`, `drover trigger api email
 * --raw message.eml`: has a Worker of a running session handle an event, over the session's own paths
 * (host/scheduled-paths.ts, host/queue-path.ts, host/mail.ts).
 */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { EventOutcome } from "../../protocol/events.ts";
import type { MailDecision } from "../../protocol/mail.ts";
import { type PlayedBatch, type PlayedMessage, QUEUE_PATH } from "../../protocol/queue-path.ts";
import { findRunningWorker } from "../../registry/running-worker.ts";
import { askSession, askSessionText } from "../../session/running-sessions.ts";
import { ExitCode, messageOf, UserError } from "../../util/errors.ts";
import { printMessage } from "../ui/message.ts";
import { parseJson } from "./call.ts";
import type { RegistryContext } from "./registry.ts";

export interface TriggerValues {
  readonly cron?: string;
  readonly time?: string;
  readonly from?: string;
  readonly to?: string;
  readonly raw?: string;
}

interface Outcome {
  readonly outcome: string;
  readonly noRetry: boolean;
}

export type TriggerEvent =
  | { readonly type: "scheduled"; readonly values: TriggerValues }
  /** Bodies as JSON texts. */
  | { readonly type: "queue"; readonly queue: string; readonly bodies: readonly string[] }
  /** `raw`: path of the message, "-" for stdin. */
  | { readonly type: "email"; readonly from: string; readonly to: string; readonly raw: string };

/** @throws UserError CALL_SYNTAX for words that the event does not take, or lacks */
export function eventOf(
  type: TriggerEvent["type"],
  queue: string | undefined,
  bodies: readonly string[],
  values: TriggerValues,
): TriggerEvent {
  if (type === "scheduled" && queue === undefined) return { type, values };
  if (type === "queue" && queue !== undefined && bodies.length > 0) return { type, queue, bodies };
  const { from = "", to = "", raw = "" } = values;
  const isMail = type === "email" && queue === undefined;
  if (isMail && from !== "" && to !== "" && raw !== "") return { type, from, to, raw };
  const problem =
    type === "queue"
      ? "A batch has a queue and messages."
      : isMail
        ? "A mail has --from, --to and --raw."
        : `"${queue}" is too much.`;
  throw new UserError("CALL_SYNTAX", problem, { exitCode: ExitCode.config, hint: HINTS[type] });
}

const HINTS: Readonly<Record<TriggerEvent["type"], string>> = {
  scheduled: `drover trigger api scheduled --cron "0 * * * *"`,
  queue: `drover trigger api queue orders '{"id":1}'`,
  email: "drover trigger api email --from ada@example.com --to inbox@example.com --raw message.eml",
};

/**
 * Prints the outcome.
 *
 * @returns exit code: 1 if the handler failed
 * @throws UserError FLAG_VALUE, CALL_SYNTAX, WORKER_NOT_RUNNING, STATUS_UNREACHABLE
 */
export async function runTrigger(
  name: string,
  event: TriggerEvent,
  { terminal, version }: RegistryContext,
): Promise<number> {
  // What is wrong with the arguments is said before anybody is asked.
  const play = await playOf(event);
  const worker = await findRunningWorker(
    name,
    { env: process.env, cwd: process.cwd(), version },
    { needsUrl: true },
  );
  if (worker.url === undefined) {
    throw new UserError("WORKER_NOT_RUNNING", `Worker "${name}" has no port yet.`, {
      exitCode: ExitCode.notReady,
    });
  }
  const { outcome, details } = await play(worker.url, name);
  const text = `${name} ${event.type}: ${[outcome, ...details].join(", ")}`;
  if (outcome === "ok") terminal.print(text);
  else printMessage(terminal, "error", text);
  return outcome === "ok" ? ExitCode.ok : ExitCode.internal;
}

interface Played {
  readonly outcome: string;
  readonly details: readonly string[];
}

type Play = (url: string, worker: string) => Promise<Played>;

async function playOf(event: TriggerEvent): Promise<Play> {
  if (event.type === "scheduled") return scheduled(event.values);
  return event.type === "queue" ? batch(event) : await mail(event);
}

function scheduled({ cron = "", time }: TriggerValues): Play {
  const query = new URLSearchParams({ format: "json", cron });
  if (time !== undefined) query.set("time", String(timeOf(time)));
  const path = `/cdn-cgi/local/scheduled?${query}`;
  return async (url, worker) => {
    const { outcome, noRetry } = await askSession<Outcome>({
      url,
      path,
      worker,
      accepts: [200, 500],
      patienceMs: undefined,
    });
    return { outcome, details: noRetry ? ["noRetry() was called"] : [] };
  };
}

function batch({ queue, bodies }: Extract<TriggerEvent, { type: "queue" }>): Play {
  const body = bodies.map((text, index): PlayedMessage => {
    return { body: parseJson(text, `Message ${index + 1}`) };
  });
  const path = `${QUEUE_PATH}?${new URLSearchParams({ queue })}`;
  return async (url, worker) => {
    const result = await askSession<PlayedBatch>({
      url,
      path,
      worker,
      accepts: [200],
      patienceMs: undefined,
      body,
    });
    const { outcome, ackAll, retryBatch, explicitAcks, retryMessages } = result;
    return {
      outcome,
      details: [
        ...(ackAll ? ["ackAll() was called"] : []),
        ...(retryBatch.retry ? ["retryAll() was called"] : []),
        ...(explicitAcks.length > 0 ? [`${explicitAcks.length} acknowledged`] : []),
        ...(retryMessages.length > 0 ? [`${retryMessages.length} to be retried`] : []),
      ],
    };
  };
}

type MailAnswer = { readonly outcome: EventOutcome } & MailDecision;

async function mail({ from, to, raw }: Extract<TriggerEvent, { type: "email" }>): Promise<Play> {
  const body = await messageAt(raw);
  const path = `/cdn-cgi/local/email?${new URLSearchParams({ from, to, format: "json" })}`;
  return async (url, worker) => {
    const question = { url, path, worker, accepts: [200, 400, 500], patienceMs: undefined, body };
    const { status, text } = await askSessionText(question);
    // What it says of a message that it does not take is no JSON.
    if (status === 400 || !text.startsWith("{")) return { outcome: text, details: [] };
    const { outcome, rejectReason, forwards, replies, events } = JSON.parse(text) as MailAnswer;
    const isUnhandled = events.some(({ type }) => type === "unhandled");
    return {
      outcome: isUnhandled ? "the Worker does not export an email() handler" : outcome,
      details: [
        ...(rejectReason === undefined ? [] : [`rejected: ${rejectReason}`]),
        ...forwards.map(({ recipient }) => `forwarded to ${recipient}`),
        ...replies.map(({ messageId }) => `replied with ${messageId}`),
      ],
    };
  };
}

/** @throws UserError FLAG_VALUE */
async function messageAt(path: string): Promise<Uint8Array> {
  try {
    return path === "-" ? await buffer(process.stdin) : await readFile(path);
  } catch (error) {
    const text = `Expected --raw to be a file with a message but got "${path}": ${messageOf(error)}`;
    throw new UserError("FLAG_VALUE", text, { exitCode: ExitCode.config });
  }
}

/** Milliseconds since the epoch, of a number of them or a date. */
function timeOf(text: string): number {
  const time = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(new Date(time).getTime())) return time;
  throw new UserError(
    "FLAG_VALUE",
    `Expected --time to be a date or milliseconds since the epoch but got "${text}".`,
    { exitCode: ExitCode.config },
  );
}
