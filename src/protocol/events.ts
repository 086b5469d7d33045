/**
 * Events that are no HTTP requests and no RPC calls, from the host to a Worker's thread: they travel
 * as `event` on the thread's HTTP port (http.ts), under a number like a request's, and are answered
 * with one `eventDone`. Plain data only. A new kind of event is a member of WorkerEvent here, a file
 * of runtime/events/, and whoever makes it.
 */
import type { SerializedError } from "./errors.ts";
import type { MailDecision, ReceivedMail } from "./mail.ts";
import type { QueueBatch, QueueDecision } from "./queues.ts";

/** A cron trigger fires, or somebody plays one. */
export interface ScheduledEvent {
  readonly type: "scheduled";
  readonly cron: string;
  /** Milliseconds since the epoch. */
  readonly scheduledTime: number;
}

/** A batch of messages for a consumer. */
export interface QueueEvent extends QueueBatch {
  readonly type: "queue";
}

/** Somebody has connected to a raw TCP listener. */
export interface ConnectEvent {
  readonly type: "connect";
  /** What the thread claims the connection with (protocol/outbound.ts, `tcpAccept`). */
  readonly ticket: number;
  readonly remoteAddress: string;
  readonly localAddress: string;
}

/** Somebody wrote to the Worker's address. */
export interface EmailEvent {
  readonly type: "email";
  readonly mail: ReceivedMail;
}

export type WorkerEvent = ScheduledEvent | QueueEvent | ConnectEvent | EmailEvent;

/**
 * How an invocation came out, in the words of tail events (spec/platform.md 16.1). Its waitUntil work
 * counts: the answer comes when that is done.
 */
export type EventOutcome = "ok" | "exception" | BreachOutcome;

/** Of an invocation that a limit ended. */
export type BreachOutcome = "exceededCpu" | "exceededMemory";

export interface EventAnswer {
  readonly outcome: EventOutcome;
  /** What the handler threw. */
  readonly error?: SerializedError;
  /** `noRetry()` was called. Of scheduled events. */
  readonly noRetry?: boolean;
  /** What was acknowledged and what is to come again. Of batches. */
  readonly queue?: QueueDecision;
  /** What was done with a message. Of mail. */
  readonly mail?: MailDecision;
}
