/**
 * The outside of the classes that are Node's own: order of members, what they say of a foreign
 * `this`, and how they print are production's. Called once when the globals are installed, before
 * they are taken from the scope.
 */
import type { InspectOptions, inspect } from "node:util";
import { inspect as nodeInspect } from "node:util";
import { streamLength } from "../../rpc/streams/lengths.ts";
import { sortMembers } from "../interfaces/define-interface.ts";
import { guardMembers } from "../interfaces/guards.ts";
import { defineInspection, type InspectView } from "../interfaces/inspect.ts";

const PLAIN = [
  "AbortController",
  "AbortSignal",
  "CustomEvent",
  "Event",
  "EventTarget",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLPattern",
] as const;

/** These only print as production's do. */
const STREAMS = [
  "ByteLengthQueuingStrategy",
  "CompressionStream",
  "CountQueuingStrategy",
  "DecompressionStream",
  "ReadableByteStreamController",
  "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest",
  "ReadableStreamDefaultController",
  "ReadableStreamDefaultReader",
  "TextDecoderStream",
  "TextEncoderStream",
  "TransformStream",
  "TransformStreamDefaultController",
  "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
] as const;

export function shapeNatives(): void {
  for (const name of PLAIN) {
    guard(name);
    define(name, {});
  }
  guard("URLSearchParams");
  define("URLSearchParams", { entries: (params) => [...(params as URLSearchParams)] });
  for (const name of STREAMS) define(name, {});
  const readable = stateReader(ReadableStream.prototype);
  define("ReadableStream", {
    more(stream) {
      const { state, supportsBYOB } = readable(stream);
      const length = streamLength(stream as ReadableStream);
      return { state, supportsBYOB, length: length < 0 ? undefined : BigInt(length) };
    },
  });
  const writable = stateReader(WritableStream.prototype);
  define("WritableStream", {
    more: (stream) => ({ state: writable(stream).state, expectsBytes: false }),
  });
}

const isBelow = Object.prototype.isPrototypeOf;

function guard(name: string): void {
  const cls: unknown = Reflect.get(globalThis, name);
  if (typeof cls !== "function") return;
  const prototype = cls.prototype as object;
  sortMembers(prototype, name);
  guardMembers(prototype, name, { brand: (value) => isBelow.call(prototype, value) });
}

function define(name: string, view: InspectView): void {
  const cls: unknown = Reflect.get(globalThis, name);
  if (typeof cls === "function") defineInspection(cls.prototype as object, view);
}

/** What Node's own text of a stream says of its state, which nothing else tells. */
function stateReader(
  prototype: object,
): (stream: object) => { readonly state: string; readonly supportsBYOB: boolean } {
  const show = Reflect.get(prototype, nodeInspect.custom) as (
    this: object,
    depth: number,
    options: InspectOptions,
    show: typeof inspect,
  ) => string;
  return (stream) => {
    const text = show.call(stream, 2, { depth: 2 }, nodeInspect);
    return {
      state: /state: '(\w+)'/.exec(text)?.[1] ?? "readable",
      supportsBYOB: /supportsBYOB: true/.test(text),
    };
  };
}
