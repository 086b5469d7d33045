/**
 * What this thread does for traced requests (`--trace`, protocol/spans.ts): a record for each call that
 * its Worker makes, and for each request, event or call from outside that begins here. Records leave on
 * the control port, all of a turn together. One per thread; requests that nobody traces never come here.
 *
 * A Worker records what a caller of another session traces too: whether it is traced goes with the request.
 */

import type { SpanKind, SpanRecord, TracingSpec } from "../protocol/spans.ts";
import type { CallRecord, Context, SpanCall, TraceInfo } from "../rpc/contract.ts";
import { randomHex, traceIdOf } from "../util/trace-id.ts";
import { describeError } from "./errors/error-text.ts";

/** Not the Worker's, which stand still and may be replaced by its code. */
const clock = performance;
const { timeOrigin } = performance;

/** Longest text of a key or statement that is shown, in characters. */
const LONGEST = 48;

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
}

/** `headers` of the request, as in protocol/http.ts; undefined where requests get no such ids. */
export function requestTraceId(number: number, headers: string): string | undefined {
  if (tracing === undefined) return undefined;
  const given = /(?:^|\n)traceparent\n(.*)/i.exec(headers)?.[1];
  return traceIdOf(tracing.seed, number, given ?? "");
}

/** Of a request that begins here; undefined where it is not traced. */
export function rootSpanId(): string | undefined {
  return tracing?.records === true && takeTurn() ? nextId() : undefined;
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
  if (tracing?.records !== true || trace.spanId !== undefined || !takeTurn()) return trace;
  // Numbers that no request has.
  const traceId = trace.traceId ?? traceIdOf(tracing.seed, 0x8000_0000 + ++lastCall, "");
  return { ...trace, traceId, spanId: nextId() };
}

/** A call goes out. */
export function beginSpan({ trace }: Context, call: SpanCall): CallRecord {
  const { target, isResource, kind, path, args } = call;
  const isFetch = kind === "event" && path[0] === "fetch";
  const spanKind: SpanKind = isResource
    ? "resource"
    : target?.durableObject !== undefined
      ? "object"
      : isFetch
        ? "fetch"
        : "rpc";
  return new CallSpan(trace, spanKind, serviceOf(call), () =>
    isFetch ? requestName(args?.[0]) : callName(target?.entrypoint, path, args, isResource),
  );
}

/** An HTTP request to the outside; undefined where nobody traces. */
export function beginNetworkSpan(
  trace: TraceInfo | undefined,
  request: { readonly method: string; readonly url: string },
): CallRecord | undefined {
  if (trace?.spanId === undefined) return undefined;
  const { method, url } = request;
  return new CallSpan(trace, "network", "network", () => `${method} ${url.split("?", 1)[0]}`);
}

class CallSpan implements CallRecord {
  readonly id: string = nextId();
  /** Taken from the trace now: that of an object's context names another event later. */
  readonly #parent: string;
  readonly #traceId: string;
  readonly #kind: SpanKind;
  readonly #service: string;
  readonly #name: () => string;
  readonly #startedAt: number = clock.now();
  #isOver = false;

  constructor(trace: TraceInfo, kind: SpanKind, service: string, name: () => string) {
    this.#parent = trace.spanId ?? "";
    this.#traceId = trace.traceId ?? "";
    this.#kind = kind;
    this.#service = service;
    this.#name = name;
    const root = roots.get(this.#parent);
    if (root !== undefined) root.hasCalls = true;
  }

  resolved(value: unknown): void {
    const isAnswer = this.#kind === "fetch" || this.#kind === "object" || this.#kind === "network";
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
    write({
      traceId: this.#traceId,
      id: this.id,
      parent: this.#parent,
      kind: this.#kind,
      worker,
      service: this.#service,
      name: this.#name(),
      startedAt: timeOrigin + this.#startedAt,
      durationMs: clock.now() - this.#startedAt,
      ...how,
    });
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

  /** Its invocation is over. Requests that called nobody are told by their request line. */
  end(): void {
    roots.delete(this.#id);
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
      startedAt: timeOrigin + this.#startedAt,
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
  if (isResource) {
    const [first] = args ?? [];
    return typeof first === "string" ? `${method} ${shortened(first)}` : method;
  }
  return entrypoint === undefined ? method : `${entrypoint}.${method}`;
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
