/**
 * `Readable.fromWeb`, `toWeb` and their kin of `node:stream`, for the Worker's own web streams:
 * patched on Node's classes when a Worker imports the module. The runtime does not use them.
 */
import stream, { Duplex, Readable, setDefaultHighWaterMark, Writable } from "node:stream";
import { overwrite } from "../isolate/language/polyfill-define.ts";
import { readableBrand, writableBrand } from "../web/streams/brands.ts";
import {
  isNodeReadable,
  nodeReadable,
  nodeWritable,
  ownReadable,
  ownWritable,
} from "../web/streams/node-web-streams.ts";
import type { ReadableStream as OwnReadable } from "../web/streams/readable-stream.ts";
import type { WritableStream as OwnWritable } from "../web/streams/writable-stream.ts";
import { nodeError } from "./errors.ts";

type Static = (...args: unknown[]) => unknown;
type Pair = { readonly readable: unknown; readonly writable: unknown };

const NO_INTEROP = {
  code: "ERR_WEB_STREAM_INTEROP_UNSUPPORTED",
  text: "addAbortSignal() is not supported for web streams by the streams implementation in use",
};
const { addAbortSignal } = stream;

let isDone = false;

/** Once a thread. */
export function adaptNodeStreams(): void {
  if (isDone) return;
  isDone = true;
  // Production's, and Node's own since 22.
  setDefaultHighWaterMark(false, 64 * 1024);
  overwrite(Readable, {
    fromWeb: taking(Readable, "fromWeb", toNode),
    toWeb: giving(Readable, "toWeb", toOwn),
  });
  overwrite(Writable, {
    fromWeb: taking(Writable, "fromWeb", toNode),
    toWeb: giving(Writable, "toWeb", toOwn),
  });
  overwrite(stream, {
    addAbortSignal(signal: AbortSignal, target: unknown): unknown {
      const isOurs = readableBrand.of(target) ?? writableBrand.of(target);
      if (isOurs !== undefined) throw nodeError(TypeError, NO_INTEROP.code, NO_INTEROP.text);
      return Reflect.apply(addAbortSignal, undefined, [signal, target]);
    },
  });
  // Gone from Node 24.
  if (!("asIndexedPairs" in Readable.prototype)) overwrite(Readable.prototype, { asIndexedPairs });
  const bothTo = (convert: (value: unknown) => unknown) => (pair: unknown) => {
    const { readable, writable } = pair as Pair;
    return { readable: convert(readable), writable: convert(writable) };
  };
  overwrite(Duplex, {
    fromWeb: taking(Duplex, "fromWeb", bothTo(toNode)),
    toWeb: giving(Duplex, "toWeb", bothTo(toOwn)),
  });
}

function asIndexedPairs(this: Readable): Readable {
  const pairs = async function* (readable: Readable) {
    let index = 0;
    for await (const chunk of readable) {
      yield [index, chunk];
      index += 1;
    }
  };
  return Readable.from(pairs(this));
}

function taking(holder: object, name: string, convert: (value: unknown) => unknown): Static {
  const method = Reflect.get(holder, name) as Static;
  return (stream, ...rest) => Reflect.apply(method, holder, [convert(stream), ...rest]);
}

function giving(holder: object, name: string, convert: (value: unknown) => unknown): Static {
  const method = Reflect.get(holder, name) as Static;
  return (...args) => convert(Reflect.apply(method, holder, args));
}

function toNode(stream: unknown): unknown {
  if (readableBrand.of(stream) !== undefined) return nodeReadable(stream as OwnReadable);
  return writableBrand.of(stream) === undefined ? stream : nodeWritable(stream as OwnWritable);
}

function toOwn(stream: unknown): unknown {
  return isNodeReadable(stream) ? ownReadable(stream) : ownWritable(stream as WritableStream);
}
