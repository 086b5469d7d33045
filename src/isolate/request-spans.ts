/**
 * What this thread does for sampled requests (`--trace`, protocol/spans.ts): a record for each call that
 * its Worker makes and for what else it does (spans.ts), and for each request, event or call from outside that
 * begins here. Records leave on the control port, all of a turn together. One per thread; requests that nobody
 * traces never come here.
 *
 * A Worker records what a caller of another session traces too: whether it is sampled goes with the request.
 */

import type { SpanKind, SpanRecord, TracingSpec } from "../protocol/spans.ts";
import type { CallRecord, SpanCall, SpanRef, TraceInfo } from "../rpc/contract.ts";
import { randomHex, traceIdOf } from "../util/trace-id.ts";
import { describeError } from "./errors/error-text.ts";
import { currentInvocation } from "./invocation.ts";
import { SpanScope } from "./span-scope.ts";
import { type OpenSpan, type SpanOpening, setRequestRecorder } from "./spans.ts";

/** Not the Worker's, which stand still and may be replaced by its code. */
const clock = performance;

/** Longest text of a key or statement that is shown, in characters. */
const LONGEST = 48;

/** Operations of `ctx.storage` and spans of its code in a row in one invocation: a loop makes thousands. */
const MOST_OPERATIONS = 100;

/** More than that is read by nobody, and would cost the requests of a load test more than they do themselves. */
const MOST_ROOTS = 100;
const PERIOD_MS = 1000;

type Write = (spans: readonly SpanRecord[], passedOver: number) => void;

let post: Write = () => {};
let worker = "";
let tracing: TracingSpec | undefined;
let prefix = "";
let lastSpan = 0;
let lastCall = 0;
let waiting: SpanRecord[] = [];
/** Of this period: when it began, requests that are traced, and those that are not. */
let since = 0;
let taken = 0;
let passedOver = 0;
/** By span id: those whose invocations go on. */
const roots: Map<string, RootSpan> = new Map();

/** Set once, when the thread gets its Worker. */
export function setSpanPort(name: string, spec: TracingSpec | undefined, write: Write): void {
  worker = name;
  tracing = spec;
  post = write;
  if (spec?.records === true) expectSpans();
}

/** The name first: to look for the start of a line takes three times as long in the headers of a browser. */
const GIVEN_TRACE = /traceparent(?<=(?:^|\n)traceparent)\n(.*)/i;

/** `headers` of the request, as in protocol/http.ts; undefined where requests get no such ids. */
export function requestTraceId(number: number, headers: string): string | undefined {
  if (tracing === undefined) return undefined;
  const given = GIVEN_TRACE.exec(headers)?.[1];
  return traceIdOf(tracing.seed, number, given ?? "");
}

/** Of a request that begins here: undefined where nobody traces, "" if it is passed over. */
export function rootSpanId(): string | undefined {
  if (tracing?.records !== true) return undefined;
  return takeTurn() ? nextId() : "";
}

function takeTurn(): boolean {
  const now = clock.now();
  if (now - since > PERIOD_MS) {
    since = now;
    taken = 0;
  }
  if (taken < MOST_ROOTS) {
    taken += 1;
    return true;
  }
  if (passedOver === 0) setTimeout(tellPassedOver, PERIOD_MS).unref();
  passedOver += 1;
  return false;
}

function tellPassedOver(): void {
  const count = passedOver;
  passedOver = 0;
  post([], count);
}

/** The trace of a call that came from outside of all Workers, which is a root where this session traces. */
export function adoptedTrace(trace: TraceInfo): TraceInfo {
  if (tracing?.records !== true || trace.sampled !== undefined) {
    if (trace.sampled === true) expectSpans();
    return trace;
  }
  if (!takeTurn()) return { ...trace, sampled: false };
  expectSpans();
  // Numbers that no request has.
  const traceId = trace.traceId ?? traceIdOf(tracing.seed, 0x8000_0000 + ++lastCall, "");
  const { spanId } = trace;
  const isKnown = spanId !== undefined && !roots.has(spanId);
  return {
    ...trace,
    traceId,
    spanId: isKnown ? spanId : nextId(),
    isRoot: !isKnown,
    sampled: true,
  };
}

/** A question goes out in a sampled request. `spanId`: by which another recorder knows it. */
export function beginCall(trace: TraceInfo, call: SpanCall, spanId: string | undefined): CallSpan {
  const { target, isResource, kind, path, args } = call;
  const isFetch = kind === "event" && path[0] === "fetch";
  const spanKind: SpanKind = isResource
    ? "resource"
    : target?.durableObject !== undefined
      ? "object"
      : isFetch
        ? "fetch"
        : "rpc";
  return new CallSpan(trace, spanId, {
    kind: spanKind,
    service: serviceOf(call),
    name: () =>
      isFetch ? requestName(args?.[0]) : callName(target?.entrypoint, path, args, isResource),
  });
}

/** An HTTP request to the outside; undefined where nobody traces. */
export function beginNetworkSpan(
  trace: TraceInfo | undefined,
  request: { readonly method: string; readonly url: string },
): CallSpan | undefined {
  if (trace?.sampled !== true) return undefined;
  const { method, url } = request;
  const name = (): string => `${method} ${url.split("?", 1)[0]}`;
  return new CallSpan(trace, undefined, { kind: "network", service: "network", name });
}

const STORAGE = "durable_object_storage_";
const REST = "… and more, which is not recorded";
const scope: SpanScope<CallSpan> = new SpanScope();
/** Whether `scope` was ever used: to ask it costs. */
let hasScopes = false;
/** Of the span that did something last, how many operations. */
let busy = { spanId: "", operations: 0 };

/** What a Worker does without a call that would tell of it. */
function openInner({ name, by, subject, spanId }: SpanOpening): OpenSpan | undefined {
  const trace = currentInvocation()?.trace;
  if (trace?.sampled !== true) return undefined;
  const isStorage = by === "platform" && name.startsWith(STORAGE);
  if (by === "platform" && !isStorage) return undefined;
  const kind = isStorage ? "storage" : "span";
  if (busy.spanId !== trace.spanId) busy = { spanId: trace.spanId ?? "", operations: 0 };
  busy.operations += 1;
  if (busy.operations > MOST_OPERATIONS + 1) return undefined;
  if (busy.operations > MOST_OPERATIONS) return new InnerSpan(trace, spanId, kind, REST);
  const operation = isStorage ? name.slice(STORAGE.length).replace("kv_", "kv.") : name;
  return new InnerSpan(trace, spanId, kind, named(operation, subject));
}

/** There is something to record, now or soon. */
function expectSpans(): void {
  setRequestRecorder(openInner);
}

interface Spanned {
  readonly kind: SpanKind;
  readonly service: string;
  readonly name: () => string;
}

class CallSpan implements CallRecord {
  readonly ref: SpanRef;
  /** Taken from the trace now: that of an object's context names another event later. */
  readonly #parent: string;
  readonly #what: Spanned;
  readonly #startedAt: number = clock.now();
  #isOver = false;

  constructor(trace: TraceInfo, spanId: string | undefined, what: Spanned) {
    const { traceId = "" } = trace;
    this.ref = { traceId, spanId: spanId ?? nextId() };
    const around = hasScopes ? scope.current : undefined;
    this.#parent = around?.ref.traceId === traceId ? around.ref.spanId : (trace.spanId ?? "");
    this.#what = what;
    const root = roots.get(trace.spanId ?? "");
    if (root !== undefined) root.hasCalls = true;
  }

  resolved(value: unknown): void {
    const { kind } = this.#what;
    const isAnswer = kind === "fetch" || kind === "object" || kind === "network";
    this.#end({ outcome: "ok", ...(isAnswer && statusOf(value)) });
  }

  rejected(error: unknown): void {
    this.#end({ outcome: "exception", error: textOf(error) });
  }

  canceled(): void {
    this.#end({ outcome: "canceled" });
  }

  #end(how: Pick<SpanRecord, "outcome" | "error" | "status">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { kind, service, name } = this.#what;
    write({
      traceId: this.ref.traceId,
      id: this.ref.spanId,
      parent: this.#parent,
      kind,
      worker,
      service,
      name: name(),
      startedAt: clock.timeOrigin + this.#startedAt,
      durationMs: clock.now() - this.#startedAt,
      ...how,
    });
  }
}

/** What a Worker does by itself: a span of its code, or an operation of `ctx.storage`. */
class InnerSpan implements OpenSpan {
  readonly ref: SpanRef;
  readonly #record: CallSpan;
  #name: string;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    trace: TraceInfo,
    spanId: string | undefined,
    kind: "span" | "storage",
    name: string,
  ) {
    this.#name = name;
    const service = kind === "span" ? worker : kind;
    this.#record = new CallSpan(trace, spanId, { kind, service, name: () => this.#name });
    this.ref = this.#record.ref;
  }

  /** Attributes are for tails. */
  set(): void {}

  update(info: Readonly<Record<string, unknown>>): void {
    if (info.type === "name") this.#name = String(info.name);
  }

  exception(error: unknown): void {
    this.#failure ??= { error };
  }

  run<T>(fn: () => T): T {
    hasScopes = true;
    return scope.run(this.#record, fn);
  }

  enclose<T>(fn: () => T): T {
    return this.run(fn);
  }

  end(failure: { readonly error: unknown } | undefined = this.#failure): void {
    if (failure === undefined) this.#record.resolved(undefined);
    else this.#record.rejected(failure.error);
  }
}

/** A request, an event, or a call from outside of all traced Workers, from its begin to its end. */
export class RootSpan {
  hasCalls = false;
  readonly #trace: TraceInfo;
  readonly #id: string;
  readonly #kind: "request" | "event" | "rpc";
  readonly #startedAt: number = clock.now();
  #name: string;
  #answeredAt: number | undefined;
  #how: Pick<SpanRecord, "outcome" | "error" | "status"> = { outcome: "canceled" };

  /** `trace` has a span id. */
  constructor(trace: TraceInfo, kind: "request" | "event" | "rpc", name: string) {
    this.#trace = trace;
    this.#id = trace.spanId ?? "";
    this.#kind = kind;
    this.#name = name;
    roots.set(this.#id, this);
  }

  /** What is known of it with its first call only. */
  rename(name: string): void {
    this.#name = name;
  }

  answered(
    outcome: SpanRecord["outcome"],
    details: { status?: number; error?: unknown } = {},
  ): void {
    if (this.#answeredAt !== undefined) return;
    this.#answeredAt = clock.now();
    const { status, error } = details;
    this.#how = {
      outcome,
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error: textOf(error) }),
    };
  }

  /** Its invocation is over, or does no more of its own; once. Requests that called nobody are told by their request line. */
  end(): void {
    if (!roots.delete(this.#id)) return;
    if (!this.hasCalls && this.#kind === "request") return;
    const now = clock.now();
    const answeredAt = this.#answeredAt ?? now;
    const afterMs = now - answeredAt;
    const requestId = this.#trace.requestId.split(" ", 1)[0] ?? "";
    write({
      traceId: this.#trace.traceId ?? "",
      id: this.#id,
      parent: "",
      kind: this.#kind,
      worker,
      service: worker,
      name: this.#name,
      ...(requestId !== "" && { requestId }),
      startedAt: clock.timeOrigin + this.#startedAt,
      durationMs: answeredAt - this.#startedAt,
      afterMs,
      ...this.#how,
    });
  }
}

function nextId(): string {
  if (prefix === "") prefix = randomHex(8);
  lastSpan += 1;
  return prefix + lastSpan.toString(16).padStart(8, "0");
}

function write(span: SpanRecord): void {
  waiting.push(span);
  if (waiting.length > 1) return;
  setImmediate(() => {
    const spans = waiting;
    waiting = [];
    post(spans, 0);
  });
}

function serviceOf({ target, isResource }: SpanCall): string {
  if (target === undefined) return worker;
  if (isResource) return target.entrypoint ?? target.service;
  return target.service;
}

function requestName(request: unknown): string {
  const { method = "", url = "" } = (request ?? {}) as { method?: string; url?: string };
  return `${method} ${URL.canParse(url) ? new URL(url).pathname : url}`;
}

/** `Admin.method`, `Counter.increment`, `put "key"`. */
function callName(
  entrypoint: string | undefined,
  path: readonly string[],
  args: readonly unknown[] | undefined,
  isResource: boolean,
): string {
  const method = path.join(".");
  if (isResource) return named(method, args?.[0]);
  return entrypoint === undefined ? method : `${entrypoint}.${method}`;
}

/** With its keys or statements. Messages have neither, and what is in them is nobody's name. */
function named(operation: string, subject: unknown): string {
  const texts = (Array.isArray(subject) ? subject : [subject]).map(subjectText);
  const found = texts.filter((text) => text !== undefined);
  return found.length === 0 ? operation : `${operation} ${shortened(found.join(", "))}`;
}

function subjectText(subject: unknown): string | undefined {
  if (typeof subject === "string") return subject;
  const isStatement = typeof subject === "object" && subject !== null && "sql" in subject;
  return isStatement && typeof subject.sql === "string" ? subject.sql : undefined;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return JSON.stringify(line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line);
}

function statusOf(value: unknown): { status: number } | undefined {
  const status = (value as { readonly status?: unknown } | null | undefined)?.status;
  return typeof status === "number" ? { status } : undefined;
}

function textOf(error: unknown): string {
  const { name, message } = describeError(error);
  return `${name}: ${message}`.split("\n", 1)[0] ?? "";
}
