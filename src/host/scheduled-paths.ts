/**
 * The paths that play a cron trigger (spec/wrangler.md 1.7, spec/platform.md 15.2), with wrangler's
 * answers. The Worker is the one that the request's host names. Main thread of the host; used by
 * front-door.ts.
 */
import type { EventAnswer, ScheduledEvent } from "../protocol/events.ts";
import { EventDelivery } from "./event-delivery.ts";
import type { Exchange } from "./exchange.ts";
import type { WorkerSlot } from "./worker-slot.ts";

/** The name of today, and those of earlier versions of wrangler. */
const SCHEDULED_PATHS: ReadonlySet<string> = new Set([
  "/cdn-cgi/local/scheduled",
  "/cdn-cgi/handler/scheduled",
  "/cdn-cgi/mf/scheduled",
]);
/** With `--test-scheduled`. */
const TEST_PATH = "/__scheduled";

const TEXT = "text/plain;charset=UTF-8";
const INVALID_DATE = "TypeError: The value cannot be converted because it is not a valid Date.";
/** Dates beyond are none. */
const MAX_TIME = 8.64e15;

/** For the hot path: false for nearly all of what is none. */
export function mayBeScheduled(target: string): boolean {
  return target.startsWith("/cdn-cgi/") || target.startsWith(TEST_PATH);
}

/** True: `target` (path and query) is such a path, and the exchange will have its answer. */
export function playScheduled(
  exchange: Exchange,
  slot: WorkerSlot,
  target: string,
  testScheduled: boolean,
): boolean {
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const isTest = testScheduled && pathname === TEST_PATH;
  if (!isTest && !SCHEDULED_PATHS.has(pathname)) return false;
  const event = scheduledEventOf(searchParams, Date.now());
  if (event === undefined) {
    exchange.answer(500, TEXT, INVALID_DATE);
    return true;
  }
  const onAnswer = (answer: EventAnswer): void => {
    if (isTest) answerTest(exchange, answer);
    else answerOutcome(exchange, answer, searchParams.get("format") === "json");
  };
  const ends = { onAnswer, onFailure: exchange.fail.bind(exchange) };
  slot.dispatch(new EventDelivery(event, ends));
  return true;
}

/** Undefined for a time that is none. */
export function scheduledEventOf(query: URLSearchParams, now: number): ScheduledEvent | undefined {
  const time = query.get("time") ?? "";
  const scheduledTime = time === "" ? now : Number.parseInt(time, 10);
  if (!(Math.abs(scheduledTime) <= MAX_TIME)) return undefined;
  return { type: "scheduled", cron: query.get("cron") ?? "", scheduledTime };
}

function answerOutcome(
  exchange: Exchange,
  { outcome, noRetry = false }: EventAnswer,
  isJson: boolean,
): void {
  const status = outcome === "ok" ? 200 : 500;
  if (isJson) exchange.answer(status, "application/json", JSON.stringify({ outcome, noRetry }));
  else exchange.answer(status, TEXT, outcome);
}

/** wrangler's is a middleware around the Worker: an exception is answered like one of fetch. */
function answerTest(exchange: Exchange, { outcome, error }: EventAnswer): void {
  if (outcome === "ok") {
    exchange.answer(200, TEXT, "Ran scheduled event", true);
    return;
  }
  const message = error?.message ?? `The scheduled event came to "${outcome}".`;
  const more = error === undefined ? {} : { details: error.stack, name: error.name };
  exchange.fail({ status: 500, title: "Uncaught exception", message, ...more });
}
