/**
 * What objects of the platform look like when they are printed, as production prints them
 * (spec/platform.md 19.1): by `console`, and by node:util's inspect, which both ask the object
 * itself. Runs in a Worker's thread.
 */
import type { InspectOptions, inspect } from "node:util";
import { types } from "node:util";
import { INSTANCE_MEMBERS, MEMBERS } from "./members.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const LINE_WIDTH = 80;

type Show = (value: unknown) => string;

export interface InspectView {
  /** Instead of the members: `'key' => value`, with their number behind the name. */
  readonly entries?: (object: object) => readonly (readonly [string, unknown])[];
  /** Shown in brackets behind everything else: [state]: 'readable'. */
  readonly more?: (object: object) => Readonly<Record<string, unknown>>;
}

/** Make instances of a class print as `view` says; default: their accessors by name. */
export function defineInspection(prototype: object, view: InspectView = {}): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: object, depth: number | null, options: InspectOptions, show: typeof inspect) {
      try {
        return inspectObject(this, view, { depth, options, show });
      } catch {
        // The bare prototype, or something that has it as its own.
        return `Object [${nameOf(this)}] {}`;
      }
    },
    configurable: true,
    writable: true,
  });
}

interface Printing {
  /** Levels that may be shown below this object; null: all. */
  readonly depth: number | null;
  readonly options: InspectOptions;
  readonly show: typeof inspect;
}

function inspectObject(object: object, view: InspectView, printing: Printing): string {
  const name = nameOf(object);
  const { depth, options, show } = printing;
  if (depth !== null && depth < 0) return `[${name}]`;
  const below = { ...options, depth: depth === null ? null : depth - 1 };
  const showInner: Show = (value) => show(hideHostState(value), below);
  const more = Object.entries(view.more?.(object) ?? {}).map(
    ([key, value]) => `[${key}]: ${showInner(value)}`,
  );
  const width = options.breakLength ?? LINE_WIDTH;
  if (view.entries !== undefined) {
    const entries = view.entries(object);
    const parts = entries.map(([key, value]) => `${showInner(key)} => ${showInner(value)}`);
    return layOut(`${name}(${entries.length})`, [...parts, ...more], width, true);
  }
  const parts = membersOf(object).map(([key, value]) => `${showKey(key)}: ${showInner(value)}`);
  return layOut(name, [...parts, ...more], width, false);
}

/** One line if it is short enough, by the rule that Node's and production's formatting share. */
function layOut(
  prefix: string,
  parts: readonly string[],
  width: number,
  countsPrefix: boolean,
): string {
  if (parts.length === 0) return `${prefix} {}`;
  const braces = countsPrefix ? prefix.length + 2 : 1;
  const length = parts.reduce((sum, part) => sum + withoutColors(part).length, 0);
  const isShort = 2 * parts.length + braces + 10 + length <= width;
  if (isShort && !parts.some((part) => part.includes("\n"))) {
    return `${prefix} { ${parts.join(", ")} }`;
  }
  const indented = parts.map((part) => part.replaceAll("\n", "\n  "));
  return `${prefix} {\n  ${indented.join(",\n  ")}\n}`;
}

function withoutColors(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI codes
  return text.replace(/\u001b\[\d+m/g, "");
}

function nameOf(object: object): string {
  for (let proto = object; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const own = Object.getOwnPropertyDescriptor(proto, "constructor")?.value;
    if (typeof own === "function" && own.name !== "") return String(own.name);
  }
  return "Object";
}

function showKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
}

/**
 * Own properties, then the accessors of the class itself, then what its parents add, in
 * production's order. Constants count only as inherited ones.
 */
function membersOf(object: object): [string, unknown][] {
  const members = new Map<string, unknown>();
  const add = (key: string): void => {
    if (members.has(key)) return;
    try {
      members.set(key, Reflect.get(object, key));
    } catch {
      // An accessor on the bare prototype has nothing to show.
    }
  };
  const own = Object.keys(object).filter((key) => key !== "constructor");
  const order = listed(nameOf(object));
  for (const key of [...order.filter((key) => own.includes(key)), ...own]) add(key);
  let isOwnClass = true;
  for (let proto = Object.getPrototypeOf(object); proto !== null; ) {
    if (proto === Object.prototype) break;
    const name = Object.getOwnPropertyDescriptor(proto, "constructor")?.value?.name;
    const own = Object.getOwnPropertyDescriptors(proto) as Record<string, PropertyDescriptor>;
    for (const key of new Set([...listed(name), ...Object.keys(own)])) {
      const descriptor = own[key];
      if (descriptor === undefined || key === "constructor") continue;
      const isConstant =
        !isOwnClass && descriptor.enumerable && typeof descriptor.value === "number";
      if (descriptor.get !== undefined || isConstant) add(key);
    }
    isOwnClass = false;
    proto = Object.getPrototypeOf(proto);
  }
  return [...members];
}

function listed(name: unknown): readonly string[] {
  const text = typeof name === "string" ? [INSTANCE_MEMBERS[name], MEMBERS[name]] : [];
  return text.flatMap((members) => members?.split(" ") ?? []);
}

/** What Node 20 keeps of an async context on each promise, by the names of the symbols. */
const HOST_STATE = new Set([
  "async_id_symbol",
  "trigger_async_id_symbol",
  "kResourceStore",
  "destroyed",
]);

/**
 * Promises carry the host's bookkeeping as enumerable properties where Node has no other place for
 * it. It stays where it is, but nobody who prints or lists a promise comes across it.
 */
export function hideHostState<T>(value: T): T {
  if (!types.isPromise(value)) return value;
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (!HOST_STATE.has(symbol.description ?? "")) continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, symbol);
    if (descriptor?.enumerable && descriptor.configurable) {
      Object.defineProperty(value, symbol, { enumerable: false });
    }
  }
  return value;
}
