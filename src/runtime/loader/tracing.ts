/**
 * `tracing` of `cloudflare:workers` and `ctx` (spec/platform.md 18). Nothing records spans here: they take what
 * they are given and forget it, as production's do in a Worker that nobody traces.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { defineInterface } from "../../web/interfaces/define-interface.ts";
import { wrongParameter } from "../../web/streams/arguments.ts";

const INTERNAL: unique symbol = Symbol("internal");

type Callback = (span: Span, ...args: unknown[]) => unknown;

let isSpan: (value: object) => boolean;

class Span {
  readonly #isTraced = false;

  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }

  static {
    isSpan = (value) => #isTraced in value;
  }

  get isTraced(): boolean {
    return this.#isTraced;
  }

  spanContext(): object {
    return { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  recordException(): void {}

  updateName(): this {
    return this;
  }

  setStatus(status?: unknown): this {
    const code: unknown =
      typeof status === "object" && status !== null ? Reflect.get(status, "code") : undefined;
    if (!["unset", "ok", "error"].includes(String(code))) {
      throw new TypeError("Span status code must be 'unset', 'ok', or 'error'.");
    }
    return this;
  }

  end(): void {}
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
    return this.#enter("enterSpan", args);
  }

  startActiveSpan(...args: unknown[]): unknown {
    return this.#enter("startActiveSpan", args);
  }

  startSpan(): Span {
    return new Span(INTERNAL);
  }

  getActiveSpan(): Span {
    return this.#active.getStore() ?? this.#root;
  }

  withActiveSpan(...args: unknown[]): unknown {
    const [span, callback, ...rest] = args;
    if (typeof span !== "object" || span === null || !isSpan(span)) {
      throw wrongParameter("withActiveSpan", "Tracing", 1, "Span");
    }
    if (typeof callback !== "function") {
      throw wrongParameter("withActiveSpan", "Tracing", 2, "Function");
    }
    return this.#active.run(span as Span, () =>
      (callback as (...args: unknown[]) => unknown)(...rest),
    );
  }

  #enter(method: string, [, callback, ...rest]: readonly unknown[]): unknown {
    if (typeof callback !== "function") throw wrongParameter(method, "Tracing", 2, "Function");
    const span = new Span(INTERNAL);
    return this.#active.run(span, () => (callback as Callback)(span, ...rest));
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
