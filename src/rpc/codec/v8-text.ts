/**
 * What V8 calls a value in its own messages, without running code of the application: in
 * DataCloneErrors (`#<Promise> could not be cloned.`) and as the text of what was thrown, when that
 * is no Error (spec/rpc.md 2.3, 6). By shape: strings are themselves, functions their source,
 * objects `#<Constructor>`, or `[object Tag]` if they have a `toString` of their own or no
 * constructor.
 */
import { isStub } from "../stub-state.ts";

const plainToString: unknown = Object.prototype.toString;
const tagOf = Object.prototype.toString;
const sourceOf = Function.prototype.toString;

/** Never throws. */
export function describeValue(value: unknown): string {
  try {
    if (typeof value === "symbol") return String(value);
    if (value === null || (typeof value !== "object" && typeof value !== "function")) {
      return `${value as string}`;
    }
    // Stubs are callable here, but no functions in production.
    if (isStub(value)) return `#<${constructorOf(value)}>`;
    if (typeof value === "function") return sourceOf.call(value);
    const name = constructorOf(value);
    if (dataOf(value, "toString") === plainToString && name !== "") return `#<${name}>`;
    return tagOf.call(value);
  } catch {
    // A Proxy that throws in its traps.
    return "#<Object>";
  }
}

/**
 * What an inherited or own data property holds; accessors count as undefined, so that nothing of
 * the application runs.
 */
export function dataOf(object: object, key: string): unknown {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return descriptor.value;
  }
  return undefined;
}

function constructorOf(object: object): string {
  const maker = dataOf(object, "constructor");
  if (typeof maker !== "function") return "";
  const name = dataOf(maker, "name");
  return typeof name === "string" ? name : "";
}
