/**
 * The record of one invocation that somebody tails: filled while it runs, read once at its end. Owned by
 * TailedWorker.
 */
import type {
  TraceChannelData,
  TraceData,
  TraceEvent,
  TraceExceptionData,
  TraceLogData,
  TraceOutcome,
} from "../../protocol/tail.ts";
import { describe, errorsOf, messageOf } from "./log-values.ts";

/** Production's limit of what is said in one invocation. */
const MAX_SIZE: number = 256 * 1024;
const TOO_MUCH =
  "Log size limit exceeded: More than 256KB of data (across console.log statements, exception, request metadata and headers) was logged during a single request. Subsequent data for this request will not be recorded in logs, appear when tailing this Worker's logs, or in Tail Workers.";

/** Not the Worker's clocks, which stand still. */
const { now } = Date;
const clock = performance;

export class Trace {
  /** What it is; known with the first call of an RPC session only. */
  event: TraceEvent | undefined;
  /** Of a fetch event that was answered. */
  status: number | undefined;
  /** Whose tail handlers led to it. */
  via: readonly string[] = [];
  readonly #script: string;
  readonly #entrypoint: string | undefined;
  readonly #startedAt: number = now();
  readonly #begin: number = clock.now();
  readonly #logs: TraceLogData[] = [];
  readonly #exceptions: TraceExceptionData[] = [];
  readonly #channels: TraceChannelData[] = [];
  #end: "ok" | "exception" | undefined;
  #size = 0;
  #isFull = false;

  constructor(script: string, entrypoint: string | undefined) {
    this.#script = script;
    this.#entrypoint = entrypoint;
  }

  log(level: string, args: readonly unknown[]): void {
    const message = messageOf(args);
    if (!this.#fits(message.length)) return;
    const errors = errorsOf(args);
    const timestamp = now();
    this.#logs.push({ level, message, timestamp, ...(errors !== undefined && { errors }) });
  }

  exception(thrown: unknown): void {
    const found = describe(thrown);
    if (!this.#fits(found.message.length + (found.stack?.length ?? 0))) return;
    this.#exceptions.push({ ...found, timestamp: now() });
  }

  publish(channel: string, message: unknown): void {
    if (this.#fits(channel.length)) this.#channels.push({ channel, message, timestamp: now() });
  }

  /** Its handler has settled; the first time counts. */
  settle(end: "ok" | "exception"): void {
    this.#end ??= end;
  }

  /** `isBroken`: it was ended by force. `hasFailed`: something beside its handler counts, and failed. */
  read(isBroken: boolean, hasFailed: boolean): TraceData {
    const event = this.event ?? { type: "other" };
    return {
      event: event.type === "fetch" ? { ...event, status: this.status } : event,
      eventTimestamp: this.#startedAt,
      scriptName: this.#script,
      entrypoint: this.#entrypoint,
      logs: this.#logs,
      exceptions: this.#exceptions,
      channels: this.#channels,
      outcome: hasFailed ? "exception" : this.#outcome(isBroken),
      truncated: this.#isFull,
      wallTime: Math.round(clock.now() - this.#begin),
      via: this.via,
    };
  }

  #outcome(isBroken: boolean): TraceOutcome {
    if (this.#end !== undefined && !isBroken) return this.#end;
    // A hang, or ctx.abort, has said why.
    return this.#exceptions.length > 0 || this.#end === "exception" ? "exception" : "canceled";
  }

  #fits(size: number): boolean {
    if (this.#isFull) return false;
    this.#size += size;
    if (this.#size <= MAX_SIZE) return true;
    this.#isFull = true;
    this.#logs.push({ level: "warn", message: messageOf([TOO_MUCH]), timestamp: now() });
    return false;
  }
}
