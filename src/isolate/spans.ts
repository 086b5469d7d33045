/**
 * Spans: what an invocation does, as far as somebody listens (spec/platform.md 16.2, 18). The seam between
 * those who do something worth a span (`fetch`, calls, storage, `tracing.enterSpan`) and the recorder of
 * streaming tails (runtime/tail/), which is there only in a Worker that has such consumers: without it
 * `openSpan` costs a comparison. Thread: the Worker's.
 */

export type SpanValue = string | number | boolean | bigint;

/** Where a span is in its trace. */
export interface SpanRef {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

export interface OpenSpan {
  readonly ref: SpanRef;
  /** Of an ended span, these are ignored. */
  set(name: string, value: SpanValue | undefined): void;
  update(info: Readonly<Record<string, unknown>>): void;
  exception(error: unknown): void;
  /** What is made in `fn`, and in what it starts, is inside of the span. */
  run<T>(fn: () => T): T;
  end(): void;
}

export interface Tracer {
  /** A span in what goes on now; undefined where nobody hears of that. */
  open(name: string): OpenSpan | undefined;
  /** The innermost span of what goes on now, the invocation's own at last. */
  active(): OpenSpan | undefined;
}

let tracer: Tracer | undefined;

/** Called once, before the Worker is evaluated. */
export function setTracer(own: Tracer): void {
  tracer = own;
}

export function openSpan(name: string): OpenSpan | undefined {
  return tracer?.open(name);
}

export function activeSpan(): OpenSpan | undefined {
  return tracer?.active();
}

/**
 * Calls `work`, and tells its span to whoever listens: the span ends when what `work` gives has settled, or
 * when it throws. What it does is beside the span, not in it.
 */
export function spanned<T>(name: string, work: (span: OpenSpan | undefined) => T): T {
  const span = tracer?.open(name);
  return span === undefined ? work(undefined) : endingWith(span, () => work(span));
}

function endingWith<T>(span: OpenSpan, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    span.end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => span.end()) as T;
  span.end();
  return result;
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
  const span = tracer?.open(name);
  if (span === undefined) return await work(undefined);
  try {
    return await span.run(() => work(span));
  } finally {
    span.end();
  }
}
