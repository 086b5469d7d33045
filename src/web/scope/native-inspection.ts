/**
 * How the classes that are Node's own print: as production's do, not as Node's. Called once when the
 * globals are installed, before they are taken from the scope.
 */
import type { InspectOptions, inspect } from "node:util";
import { inspect as nodeInspect } from "node:util";
import { streamLength } from "../../rpc/streams/lengths.ts";
import { defineInspection, type InspectView } from "../interfaces/inspect.ts";

const PLAIN = [
  "AbortController",
  "AbortSignal",
  "ByteLengthQueuingStrategy",
  "CompressionStream",
  "CountQueuingStrategy",
  "CustomEvent",
  "DecompressionStream",
  "Event",
  "EventTarget",
  "ReadableByteStreamController",
  "ReadableStreamBYOBReader",
  "ReadableStreamBYOBRequest",
  "ReadableStreamDefaultController",
  "ReadableStreamDefaultReader",
  "TextDecoder",
  "TextDecoderStream",
  "TextEncoder",
  "TextEncoderStream",
  "TransformStream",
  "TransformStreamDefaultController",
  "URL",
  "URLPattern",
  "WritableStreamDefaultController",
  "WritableStreamDefaultWriter",
] as const;

export function inspectNatives(): void {
  for (const name of PLAIN) define(name, {});
  define("URLSearchParams", { entries: (params) => [...(params as URLSearchParams)] });
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
