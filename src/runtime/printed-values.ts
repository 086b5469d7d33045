/**
 * Where Node's formatting of values and production's differ, apart from objects of the platform,
 * which print themselves (web/interfaces/inspect.ts): promises without the host's bookkeeping,
 * symbols as names without brackets, Proxies as what they are. Used by the Worker's console.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type InspectOptions, inspect, types } from "node:util";
import { hideHostState } from "../web/interfaces/inspect.ts";

/** As deep and as far as inspect looks. */
const DEPTH = 3;
const LENGTH = 100;

/** Around symbols while they are laid out: private characters that no sane text has. */
const OPEN = "\uf8f0";
const CLOSE = "\uf8f1";

const IN_BRACKETS = new RegExp(`\\[${OPEN}([^${CLOSE}]*)${CLOSE}\\]: `, "g");

export interface PrintOptions {
  readonly inspectOptions: InspectOptions;
  /** The formatted text as it is to be shown. */
  readonly finish: (text: string) => string;
}

/** Node prints symbol names bare from version 24 on. */
const HAS_BRACKETS = inspect({ [Symbol("a")]: 1 }).includes("[");

/** It shows Proxies as production does from version 26 on. */
const SHOWS_PROXIES = inspect(new Proxy({}, {})).startsWith("Proxy(");

const HAS_HOST_STATE = hasHostState();

export function printOptions(colors: boolean): PrintOptions {
  if (!HAS_BRACKETS) return { inspectOptions: { colors }, finish: (text) => text };
  let isMarked = false;
  const stylize = (text: string, type: string): string => {
    const shown = colors ? colored(text, type) : text;
    if (type !== "symbol") return shown;
    isMarked = true;
    return OPEN + shown + CLOSE;
  };
  // `stylize` is what inspect calls its own painter; the types do not know that it takes another.
  const inspectOptions: InspectOptions & { stylize: typeof stylize } = { stylize };
  const finish = (text: string): string => {
    if (!isMarked) return text;
    isMarked = false;
    return text.replace(IN_BRACKETS, "$1: ").replaceAll(OPEN, "").replaceAll(CLOSE, "");
  };
  return { inspectOptions, finish };
}

function colored(text: string, type: string): string {
  const style = (inspect.styles as Record<string, string | undefined>)[type];
  const codes = style === undefined ? undefined : inspect.colors[style];
  return codes === undefined ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
}

/** The arguments of a console call, fit to be formatted. Runs no code of the Worker. */
export function printed(args: readonly unknown[]): unknown[] {
  if (HAS_HOST_STATE) for (const arg of args) prepare(arg, DEPTH);
  if (SHOWS_PROXIES) return [...args];
  return args.map((arg) => (types.isProxy(arg) ? new ShownProxy(arg as object) : arg));
}

/** A Proxy is shown around its target, whose traps are not asked. */
class ShownProxy {
  readonly #proxy: object;

  constructor(proxy: object) {
    this.#proxy = proxy;
  }

  [inspect.custom](depth: number | null, options: InspectOptions, show: typeof inspect): string {
    const text = show(this.#proxy, { ...options, depth });
    return hasOwnText(this.#proxy) ? text : `Proxy(${text})`;
  }
}

/** Stubs and bindings are Proxies too, which say themselves what they look like. */
function hasOwnText(proxy: object): boolean {
  const text = inspect(proxy, { customInspect: true, depth: -1 });
  return text !== inspect(proxy, { customInspect: false, depth: -1 });
}

/** Hides the host's state on every promise that will be shown. */
function prepare(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return;
  hideHostState(value);
  if (depth === 0 || ArrayBuffer.isView(value)) return;
  let rest = LENGTH;
  for (const part of partsOf(value)) {
    if (rest-- === 0) return;
    prepare(part, depth - 1);
  }
}

/** What is shown inside a value; getters are not asked. */
function* partsOf(value: object): Generator<unknown> {
  if (types.isMap(value)) for (const entry of Map.prototype.entries.call(value)) yield* entry;
  if (types.isSet(value)) yield* Set.prototype.values.call(value);
  const keys = Array.isArray(value)
    ? Array.from({ length: Math.min(value.length, LENGTH) }, (_, at) => String(at))
    : Object.keys(value);
  for (const key of keys) yield Object.getOwnPropertyDescriptor(value, key)?.value;
}

/** Whether promises carry the async context about, as up to Node 22. */
function hasHostState(): boolean {
  const storage = new AsyncLocalStorage<number>();
  const symbols = storage.run(1, () => Object.getOwnPropertySymbols(Promise.resolve()));
  storage.disable();
  return symbols.length > 0;
}
