/** DataCloneErrors and the naming of what could not be serialized (spec/rpc.md 2.3). */

import { couldNotBeCloned, unsupportedType } from "../error-texts.ts";
import { isStub } from "../stub-state.ts";
import { defineValue } from "./define.ts";

/** As production: a DOMException with code 25. */
export function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}

export function unsupported(value: object): DOMException {
  return dataCloneError(unsupportedType(constructorName(value)));
}

export function notCloneable(what: string): DOMException {
  return dataCloneError(couldNotBeCloned(what));
}

/** V8's name of the constructor of an object: "Object" when nothing else is known. */
export function constructorName(value: object): string {
  let object: object | null = value;
  while (object !== null) {
    const maker = ownData(object, "constructor");
    if (typeof maker === "function" && maker.name !== "") {
      return isStub(value) ? maker.name : (internalName(object) ?? maker.name);
    }
    object = Object.getPrototypeOf(object);
  }
  return "Object";
}

/** What production calls the class of this prototype, if it is one of RPC: "JsRpcTarget". */
function internalName(prototype: object): string | undefined {
  const tag = ownData(prototype, Symbol.toStringTag);
  return typeof tag === "string" && tag.startsWith("JsRpc") ? tag : undefined;
}

function ownData(object: object, key: string | symbol): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** Constructors that an error keeps by its current name (spec/rpc.md 2.4). */
const enhanced: readonly string[] = [
  "Error",
  "TypeError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "EvalError",
  "URIError",
  "AggregateError",
  "SuppressedError",
];
/** Constructors that survive as text, the WebAssembly ones included (spec/rpc.md 6). */
const textual: readonly string[] = [...enhanced, "CompileError", "LinkError", "RuntimeError"];

const constructors: ReadonlyMap<string, new (message?: string) => Error> = collect();

/** An error as a value: `name` decides the constructor, other names become an own property. */
export function makeError(name: string, message: string): Error {
  const known = enhanced.includes(name) ? constructorOf(name) : undefined;
  if (known !== undefined) return construct(known, message);
  const error = new Error(message);
  if (name !== "Error") {
    defineValue(error, "name", name);
  }
  return error;
}

/** An error from its text only: an unknown name becomes part of the message (spec/rpc.md 6). */
export function makeErrorFromText(name: string, message: string): Error {
  const known = textual.includes(name) ? constructorOf(name) : undefined;
  if (known !== undefined) return construct(known, message);
  if (name === "" || name === "SuspendError") return new Error(message);
  return new Error(message === "" ? name : `${name}: ${message}`);
}

function construct(ErrorClass: new (message?: string) => Error, message: string): Error {
  if (ErrorClass.name === "AggregateError") {
    const error = new AggregateError([], message);
    // Its own `errors` is only what the sender had: the properties that follow set it.
    Reflect.deleteProperty(error, "errors");
    return error;
  }
  if (ErrorClass.name === "SuppressedError") {
    const error = Reflect.construct(ErrorClass, [undefined, undefined, message]) as Error;
    Reflect.deleteProperty(error, "error");
    Reflect.deleteProperty(error, "suppressed");
    return error;
  }
  return new ErrorClass(message);
}

/** SuppressedError is not there yet when this file is loaded: Node gets it from the runtime. */
function constructorOf(name: string): (new (message?: string) => Error) | undefined {
  const known = constructors.get(name);
  if (known !== undefined || name !== "SuppressedError") return known;
  const polyfill = (globalThis as Record<string, unknown>)[name];
  return typeof polyfill === "function" ? (polyfill as new () => Error) : undefined;
}

function collect(): Map<string, new (message?: string) => Error> {
  const found = new Map<string, new (message?: string) => Error>();
  const wasm = (globalThis as { WebAssembly?: Record<string, unknown> }).WebAssembly;
  for (const name of textual) {
    const value = (globalThis as Record<string, unknown>)[name] ?? wasm?.[name];
    if (typeof value === "function") found.set(name, value as new (message?: string) => Error);
  }
  return found;
}
