/**
 * The record of one event of the Worker that somebody hears of: filled while it runs, told at once to
 * streaming consumers, and read as a whole at its end. Owned by TailedWorker.
 */
import type {
  ExecutionModel,
  JournalHead,
  JournalLine,
  TailStreamEvent,
  TraceChannelData,
  TraceData,
  TraceEvent,
  TraceExceptionData,
  TraceLogData,
  TraceOutcome,
} from "../../protocol/tail.ts";
import type { SpanRef } from "../../rpc/contract.ts";
import { nodeCrypto } from "../../util/late-modules.ts";
import type { AnswerEnd } from "../../web/websocket/tell.ts";
import { describe, errorsOf, messageOf } from "./log-values.ts";
import { onsetOf, returnOf } from "./onset.ts";
import { RecordedSpan, type SpanRecord } from "./span.ts";
import type { JournaledTrace, TraceJournal } from "./trace-journal.ts";

/** Production's limit of what is said in one invocation. */
const MAX_SIZE: number = 256 * 1024;
const TOO_MUCH =
  "Log size limit exceeded: More than 256KB of data (across console.log statements, exception, request metadata and headers) was logged during a single request. Subsequent data for this request will not be recorded in logs, appear when tailing this Worker's logs, or in Tail Workers.";

/** Not the Worker's clocks, which stand still. */
const { now } = Date;
const clock = performance;

export interface TraceOptions {
  /** Null: of a dynamic Worker. */
  readonly script: string | null;
  readonly entrypoint: string | undefined;
  readonly executionModel: ExecutionModel;
  readonly durableObjectId: string | undefined;
  readonly journal: TraceJournal;
  /** The number of its invocation. */
  readonly invocation: number;
  /** What led to it, if somebody traces that. */
  readonly parent: SpanRef | undefined;
  /** Of its request, where that has one. */
  readonly traceId: string | undefined;
  /** Told of each event at once; undefined without streaming consumers. */
  readonly stream: ((event: TailStreamEvent) => void) | undefined;
}

export class Trace implements SpanRecord, JournaledTrace {
  /** What it is. */
  event: TraceEvent | undefined;
  /** Of a fetch event that was answered. */
  status: number | undefined;
  /** Whose tail handlers led to it. */
  via: readonly string[] = [];
  /** The whole of it, as the parent of what happens in it. */
  readonly root: RecordedSpan;
  readonly traceId: string;
  /** A call has come, if it is a session. */
  isCalled = false;
  readonly #options: TraceOptions;
  readonly #startedAt: number = now();
  readonly #begin: number = clock.now();
  readonly #logs: TraceLogData[] = [];
  readonly #exceptions: TraceExceptionData[] = [];
  readonly #channels: TraceChannelData[] = [];
  readonly #spans: Set<RecordedSpan> = new Set();
  readonly #invocationId: string;
  #sequence = 0;
  /** In the journal; 0: not there yet. */
  #number = 0;
  #end: "ok" | "exception" | undefined;
  #hasReturned = false;
  /** The WebSocket that it was answered with was lost. */
  #isCut = false;
  #isOver = false;
  #size = 0;
  #isFull = false;

  constructor(options: TraceOptions) {
    this.#options = options;
    const { parent, stream } = options;
    const isLive = stream !== undefined;
    this.traceId = parent?.traceId ?? options.traceId ?? (isLive ? id(16) : "");
    this.#invocationId = isLive ? id(16) : "";
    this.root = new RecordedSpan(this, isLive ? id(8) : "");
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Its handler has come to an end. */
  get isSettled(): boolean {
    return this.#end !== undefined;
  }

  get hasException(): boolean {
    return this.#exceptions.length > 0;
  }

  /** Whether spans are told to anybody. */
  get isLive(): boolean {
    return this.#options.stream !== undefined && !this.#isOver;
  }

  /** The id of the caller's span that it follows from. */
  get parentSpan(): string | undefined {
    return this.#options.parent?.spanId;
  }

  /** It begins, and this is what it is; the first time counts. */
  begin(event: TraceEvent): void {
    if (this.event !== undefined) return;
    this.event = event;
    this.#number = this.#options.journal.begin(this, this.#head(event));
    const { executionModel, entrypoint, durableObjectId, parent } = this.#options;
    if (!this.isLive) return;
    this.tell(parent?.spanId, {
      type: "onset",
      executionModel,
      spanId: this.root.ref.spanId,
      scriptTags: [],
      ...(entrypoint !== undefined && { entrypoint }),
      ...(durableObjectId !== undefined && { durableObjectId }),
      info: onsetOf(event),
    });
  }

  /** To streaming consumers. `span`: the span in which it happened. */
  tell(spanId: string | undefined, event: TailStreamEvent["event"]): void {
    if (!this.isLive) return;
    this.#options.stream?.({
      spanContext: { traceId: this.traceId, ...(spanId !== undefined && { spanId }) },
      invocationId: this.#invocationId,
      timestamp: new Date(now()),
      sequence: this.#sequence++,
      event,
    });
  }

  log(level: string, args: readonly unknown[], span: RecordedSpan): void {
    const message = messageOf(args);
    if (!this.#fits(message.length)) return;
    const errors = errorsOf(args);
    const timestamp = now();
    const log = { level, message, timestamp, ...(errors !== undefined && { errors }) };
    this.#logs.push(log);
    if (this.#number > 0) this.#options.journal.add({ trace: this.#number, log });
    this.#tellLog(level, message, errors, span);
  }

  /** `hasStack`: what resets a Durable Object is shown without. */
  exception(thrown: unknown, hasStack = true): void {
    const { stack, ...rest } = describe(thrown);
    const found = hasStack && stack !== undefined ? { ...rest, stack } : rest;
    if (!this.#fits(found.message.length + (stack?.length ?? 0))) return;
    const exception = { ...found, timestamp: now() };
    this.#exceptions.push(exception);
    if (this.#number > 0) this.#options.journal.add({ trace: this.#number, exception });
    this.tell(this.root.ref.spanId, { type: "exception", ...found });
  }

  publish(channel: string, message: unknown, span: RecordedSpan): void {
    if (!this.#fits(channel.length)) return;
    this.#channels.push({ channel, message, timestamp: now() });
    this.tell(span.ref.spanId, { type: "diagnosticChannel", channel, message });
  }

  /** Its handler has settled; the first time counts. */
  settle(end: "ok" | "exception"): void {
    this.#end ??= end;
    if (end === "ok") this.returned();
  }

  /** Of a session: a call on its entrypoint is over; what it throws is the caller's. */
  settleCall(isOk: boolean): void {
    this.#end ??= "ok";
    if (isOk) this.returned();
  }

  /** The WebSocket that it was answered with has ended, by a listener that threw or without a close. */
  answerEnded(end: AnswerEnd): void {
    if (end === "lost") {
      this.#isCut = true;
      return;
    }
    this.exception(new Error("Network connection lost."), false);
    this.#end = "exception";
  }

  /** Its handler has given its result. */
  returned(): void {
    if (this.#hasReturned || this.event === undefined) return;
    this.#hasReturned = true;
    const info = returnOf(this.event, this.status);
    this.tell(this.root.ref.spanId, { type: "return", ...(info !== undefined && { info }) });
  }

  openSpan(name: string, parent: RecordedSpan): RecordedSpan {
    const span = new RecordedSpan(this, id(8));
    this.#spans.add(span);
    this.tell(parent.ref.spanId, { type: "spanOpen", name, spanId: span.ref.spanId });
    return span;
  }

  spanEnded(span: RecordedSpan): void {
    this.#spans.delete(span);
  }

  /** It is over: spans that are still open end, and everybody hears how it came out. */
  close(outcome: TraceOutcome): TraceData {
    for (const span of this.#spans) span.end();
    const wallTime = Math.round(clock.now() - this.#begin);
    this.tell(this.root.ref.spanId, { type: "outcome", outcome, cpuTime: 0, wallTime });
    this.#isOver = true;
    if (this.#number > 0) this.#options.journal.end(this.#number);
    const { script, entrypoint, executionModel, durableObjectId } = this.#options;
    const event = this.event ?? { type: "other" };
    return {
      event: event.type === "fetch" ? { ...event, status: this.status } : event,
      eventTimestamp: this.#startedAt,
      scriptName: script,
      entrypoint,
      executionModel,
      durableObjectId,
      logs: this.#logs,
      exceptions: this.#exceptions,
      channels: this.#channels,
      outcome,
      truncated: this.#isFull,
      wallTime,
      via: this.via,
    };
  }

  /** For the journal, when it is written anew. */
  *lines(trace: number): Iterable<JournalLine> {
    if (this.event !== undefined) yield { trace, head: this.#head(this.event) };
    for (const log of this.#logs) yield { trace, log };
    for (const exception of this.#exceptions) yield { trace, exception };
  }

  #head(event: TraceEvent): JournalHead {
    const { script, entrypoint, executionModel, durableObjectId, invocation } = this.#options;
    return {
      event,
      eventTimestamp: this.#startedAt,
      scriptName: script,
      entrypoint,
      executionModel,
      durableObjectId,
      via: this.via,
      invocation,
      ...(this.isLive && {
        stream: {
          traceId: this.traceId,
          invocationId: this.#invocationId,
          spanId: this.root.ref.spanId,
          parent: this.parentSpan,
        },
      }),
    };
  }

  /** As far as it is known. `isBroken`: it was ended by force. */
  outcome(isBroken: boolean): TraceOutcome {
    if (this.#end !== undefined && !isBroken) {
      return this.#end === "ok" && this.#isCut ? "responseStreamDisconnected" : this.#end;
    }
    // A hang, or ctx.abort, has said why.
    return this.#exceptions.length > 0 || this.#end === "exception" ? "exception" : "canceled";
  }

  #tellLog(
    level: string,
    message: string,
    errors: ReturnType<typeof errorsOf>,
    span: RecordedSpan,
  ): void {
    if (!this.isLive) return;
    this.tell(span.ref.spanId, {
      type: "log",
      level,
      message: JSON.parse(message) as unknown,
      ...(errors !== undefined && { errorInfo: errors }),
    });
  }

  #fits(size: number): boolean {
    if (this.#isFull) return false;
    this.#size += size;
    if (this.#size <= MAX_SIZE) return true;
    this.#isFull = true;
    const message = messageOf([TOO_MUCH]);
    this.#logs.push({ level: "warn", message, timestamp: now() });
    this.#tellLog("warn", message, undefined, this.root);
    return false;
  }
}

/** Of so many random bytes. */
function id(bytes: number): string {
  return nodeCrypto().randomBytes(bytes).toString("hex");
}
