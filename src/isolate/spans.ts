/**
 * Spans: what an invocation does, as far as somebody listens (spec/platform.md 16.2, 18). The seam between
 * those who do something worth a span (`fetch`, calls, storage, `tracing.enterSpan`) and the recorders: the one
 * of streaming tails (runtime/tail/), in a Worker that has such consumers, and the one of sampled requests
 * (request-spans.ts). Without them `openSpan` costs two comparisons. Thread: the Worker's.
 */
import type { SpanRef } from "../rpc/contract.ts";

export type SpanValue = string | number | boolean | bigint;

export interface OpenSpan {
  readonly ref: SpanRef;
  /** Of an ended span, these are ignored. */
  set(name: string, value: SpanValue | undefined): void;
  update(info: Readonly<Record<string, unknown>>): void;
  exception(error: unknown): void;
  /** What is made in `fn`, and in what it starts, is inside of the span. */
  run<T>(fn: () => T): T;
  /** As `run` for people who read a trace; to streaming tails what is made in `fn` is beside the span. */
  enclose<T>(fn: () => T): T;
  /** `failure`: what its work threw. */
  end(failure?: { readonly error: unknown }): void;
}

/** What is opened. */
export interface SpanOpening {
  readonly name: string;
  /** "user": the Worker's code. */
  readonly by: "platform" | "user";
  /** For people: the key, keys or statement that it is about. */
  readonly subject?: unknown;
  /** By which another recorder knows it. */
  readonly spanId?: string | undefined;
}

/** Opens a span in what goes on now; undefined where nobody hears of that. */
export type Recorder = (opening: SpanOpening) => OpenSpan | undefined;

export interface TailTracer {
  readonly open: Recorder;
  /** The innermost span of what goes on now, the invocation's own at last. */
  readonly active: () => OpenSpan | undefined;
}

let tail: TailTracer | undefined;
let requests: Recorder | undefined;

/** Of streaming tails. Called once, before the Worker is evaluated. */
export function setTailTracer(own: TailTracer): void {
  tail = own;
}

/** Of sampled requests. Called when there may be one. */
export function setRequestRecorder(own: Recorder): void {
  requests = own;
}

/** What the platform does; `subject` as in SpanOpening. */
export function openSpan(name: string, subject?: unknown): OpenSpan | undefined {
  if (tail === undefined && requests === undefined) return undefined;
  return open({ name, by: "platform", subject });
}

/** `tracing` of the Worker's code. */
export function openUserSpan(name: string): OpenSpan | undefined {
  return open({ name, by: "user" });
}

function open(opening: SpanOpening): OpenSpan | undefined {
  const told = tail?.open(opening);
  const recorded = requests?.({ ...opening, spanId: told?.ref.spanId });
  if (told === undefined) return recorded;
  return recorded === undefined ? told : new TwiceRecorded(told, recorded);
}

/** The innermost that streaming tails hear of. */
export function activeSpan(): OpenSpan | undefined {
  return tail?.active();
}

/** One of which both recorders hear, by one id. */
class TwiceRecorded implements OpenSpan {
  readonly ref: SpanRef;
  readonly #told: OpenSpan;
  readonly #recorded: OpenSpan;

  constructor(told: OpenSpan, recorded: OpenSpan) {
    this.ref = told.ref;
    this.#told = told;
    this.#recorded = recorded;
  }

  set(name: string, value: SpanValue | undefined): void {
    this.#told.set(name, value);
    this.#recorded.set(name, value);
  }

  update(info: Readonly<Record<string, unknown>>): void {
    this.#told.update(info);
    this.#recorded.update(info);
  }

  exception(error: unknown): void {
    this.#told.exception(error);
    this.#recorded.exception(error);
  }

  run<T>(fn: () => T): T {
    return this.#told.run(() => this.#recorded.run(fn));
  }

  enclose<T>(fn: () => T): T {
    return this.#told.enclose(() => this.#recorded.enclose(fn));
  }

  end(failure?: { readonly error: unknown }): void {
    this.#told.end(failure);
    this.#recorded.end(failure);
  }
}

/**
 * Calls `work`, and tells its span to whoever listens: the span ends when what `work` gives has settled, or
 * when it throws. What it does is beside the span, not in it.
 */
export function spanned<T>(
  name: string,
  work: (span: OpenSpan | undefined) => T,
  subject?: unknown,
): T {
  const span = openSpan(name, subject);
  return span === undefined ? work(undefined) : endingWith(span, () => work(span));
}

/** The span ends when what `work` gives has settled, or when it throws. */
export function endingWith<T>(span: OpenSpan, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    span.end({ error });
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then(
    (value: unknown) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      span.end({ error });
      throw error;
    },
  ) as T;
}

/** Attributes in this order; those that are undefined are left out. */
export function describeSpan(
  span: OpenSpan,
  attributes: Readonly<Record<string, SpanValue | undefined>>,
): void {
  for (const name in attributes) span.set(name, attributes[name]);
}

/** Runs `work` in a span that ends with it. */
export async function inSpan<T>(
  name: string,
  work: (span: OpenSpan | undefined) => T | Promise<T>,
): Promise<T> {
  const span = openSpan(name);
  if (span === undefined) return await work(undefined);
  try {
    return await span.run(() => work(span));
  } finally {
    span.end();
  }
}
