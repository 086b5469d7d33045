/**
 * `tracing` of `cloudflare:workers` and `ctx` (spec/platform.md 18). Spans are recorded where a streaming tail
 * listens or the request is sampled (isolate/spans.ts); elsewhere they take what they are given and forget it, as production's do.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  activeSpan,
  endingWith,
  type OpenSpan,
  openUserSpan,
  type SpanValue,
} from "../../isolate/spans.ts";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { wrongParameter } from "../../web/streams/arguments.ts";

const INTERNAL: unique symbol = Symbol("internal");
const NOWHERE = { traceId: "0".repeat(32), spanId: "0".repeat(16) };

type Callback = (span: Span, ...args: unknown[]) => unknown;

let isSpan: (value: object) => boolean;
let recorded: (span: Span) => OpenSpan | undefined;

class Span {
  readonly #open: OpenSpan | undefined;

  constructor(key?: unknown, open?: OpenSpan) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#open = open;
  }

  static {
    isSpan = (value) => #open in value;
    recorded = (span) => span.#open;
  }

  get isTraced(): boolean {
    return this.#open !== undefined;
  }

  spanContext(): object {
    const { traceId, spanId } = this.#open?.ref ?? NOWHERE;
    return { traceId, spanId, traceFlags: 0 };
  }

  setAttribute(name?: unknown, value?: unknown): this {
    this.#open?.set(String(name), attributeOf(value));
    return this;
  }

  setAttributes(attributes?: unknown): this {
    if (this.#open === undefined || typeof attributes !== "object" || attributes === null) {
      return this;
    }
    for (const [name, value] of Object.entries(attributes)) {
      this.#open.set(name, attributeOf(value));
    }
    return this;
  }

  recordException(error?: unknown): void {
    this.#open?.exception(error);
  }

  updateName(name?: unknown): this {
    this.#open?.update({ type: "name", name: String(name) });
    return this;
  }

  setStatus(status?: unknown): this {
    const field = (name: string): unknown =>
      typeof status === "object" && status !== null ? Reflect.get(status, name) : undefined;
    const code = String(field("code"));
    if (!["unset", "ok", "error"].includes(code)) {
      throw new TypeError("Span status code must be 'unset', 'ok', or 'error'.");
    }
    const message = field("message");
    this.#open?.update({
      type: "status",
      status: { code, ...(message !== undefined && { message: String(message) }) },
    });
    return this;
  }

  end(): void {
    this.#open?.end();
  }
}
defineInterface(Span, "Span", { brand: (value) => isSpan(value) });

let isTracing: (value: object) => boolean;

class Tracing {
  readonly #active: AsyncLocalStorage<Span> = new AsyncLocalStorage();
  /** What is active where nothing was entered. */
  readonly #root: Span = new Span(INTERNAL);

  static {
    isTracing = (value) => #active in value;
  }

  enterSpan(...args: unknown[]): unknown {
    return this.#enter("enterSpan", args, true);
  }

  startActiveSpan(...args: unknown[]): unknown {
    return this.#enter("startActiveSpan", args, false);
  }

  startSpan(name?: unknown): Span {
    return new Span(INTERNAL, openUserSpan(String(name)));
  }

  getActiveSpan(): Span {
    const entered = this.#active.getStore();
    if (entered !== undefined) return entered;
    const open = activeSpan();
    return open === undefined ? this.#root : new Span(INTERNAL, open);
  }

  withActiveSpan(...args: unknown[]): unknown {
    const [span, callback, ...rest] = args;
    if (typeof span !== "object" || span === null || !isSpan(span)) {
      throw wrongParameter("withActiveSpan", "Tracing", 1, "Span");
    }
    if (typeof callback !== "function") {
      throw wrongParameter("withActiveSpan", "Tracing", 2, "Function");
    }
    return this.#run(span as Span, () => (callback as (...args: unknown[]) => unknown)(...rest));
  }

  /** `ends`: with what the callback returns; else by its own `end`. */
  #enter(method: string, [name, callback, ...rest]: readonly unknown[], ends: boolean): unknown {
    if (typeof callback !== "function") throw wrongParameter(method, "Tracing", 2, "Function");
    const open = openUserSpan(String(name));
    const span = new Span(INTERNAL, open);
    const run = (): unknown => this.#run(span, () => (callback as Callback)(span, ...rest));
    if (open === undefined || !ends) return run();
    return endingWith(open, run);
  }

  #run<T>(span: Span, fn: () => T): T {
    const open = recorded(span);
    const run = (): T => this.#active.run(span, fn);
    return open === undefined ? run() : open.run(run);
  }
}
Object.defineProperty(Tracing.prototype, "Span", {
  value: Span,
  writable: true,
  enumerable: true,
  configurable: true,
});
defineInterface(Tracing, "Tracing", {
  brand: (value) => isTracing(value),
  parameters: { enterSpan: "string", startActiveSpan: "string", startSpan: "string" },
});

/** One per thread: it is the same object everywhere. */
export const tracing: object = new Tracing();

/** Numbers, booleans and texts stay; a BigInt is refused, of the rest the text is kept. */
function attributeOf(value: unknown): SpanValue | undefined {
  if (value === undefined || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint") {
    throw new TypeError("Cannot convert a BigInt value to a number");
  }
  return String(value);
}
