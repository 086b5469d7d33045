/**
 * `drover trigger api scheduled`, `drover trigger api queue orders '{"id":1}'`: has a Worker of a running
 * session handle an event, over the session's own paths (host/scheduled-paths.ts, host/queue-path.ts).
 */
import { type PlayedBatch, type PlayedMessage, QUEUE_PATH } from "../../protocol/queue-path.ts";
import { findRunningWorker } from "../../registry/running-worker.ts";
import { askSession } from "../../session/running-sessions.ts";
import { ExitCode, UserError } from "../../util/errors.ts";
import { formatMessage } from "../ui/message.ts";
import { parseJson } from "./call.ts";
import type { RegistryContext } from "./registry.ts";

export interface TriggerValues {
  readonly cron?: string;
  readonly time?: string;
}

interface Outcome {
  readonly outcome: string;
  readonly noRetry: boolean;
}

export type TriggerEvent =
  | { readonly type: "scheduled"; readonly values: TriggerValues }
  /** Bodies as JSON texts. */
  | { readonly type: "queue"; readonly queue: string; readonly bodies: readonly string[] };

/** @throws UserError CALL_SYNTAX for words that the event does not take, or lacks */
export function eventOf(
  type: TriggerEvent["type"],
  queue: string | undefined,
  bodies: readonly string[],
  values: TriggerValues,
): TriggerEvent {
  if (type === "scheduled" && queue === undefined) return { type, values };
  if (type === "queue" && queue !== undefined && bodies.length > 0) return { type, queue, bodies };
  const hint = `drover trigger api scheduled --cron "0 * * * *", or: drover trigger api queue orders '{"id":1}'`;
  throw new UserError(
    "CALL_SYNTAX",
    type === "queue" ? "A batch has a queue and messages." : `"${queue}" is too much.`,
    { exitCode: ExitCode.config, hint },
  );
}

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
  const play = event.type === "scheduled" ? scheduled(event.values) : batch(event);
  const worker = await findRunningWorker(name, { env: process.env, cwd: process.cwd(), version });
  if (worker.url === undefined) {
    throw new UserError("WORKER_NOT_RUNNING", `Worker "${name}" has no port yet.`, {
      exitCode: ExitCode.notReady,
    });
  }
  const { outcome, details } = await play(worker.url, name);
  const text = `${name} ${event.type}: ${[outcome, ...details].join(", ")}`;
  if (outcome === "ok") terminal.print(text);
  else terminal.print(formatMessage("error", text), "stderr");
  return outcome === "ok" ? ExitCode.ok : ExitCode.internal;
}

interface Played {
  readonly outcome: string;
  readonly details: readonly string[];
}

type Play = (url: string, worker: string) => Promise<Played>;

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
