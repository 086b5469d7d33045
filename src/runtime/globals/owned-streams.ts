/**
 * The streams of Node refuse what another invocation does with a native stream of production
 * (spec/rpc.md 4.4): patched on the classes, before user code runs. Node's own algorithms and the
 * runtime (rpc/streams/natives.ts) do not pass here. What is refused leaves the stream as it was, but
 * for the lock of a reader or iterator.
 */
import type { Context } from "../../rpc/contract.ts";
import type { IoType } from "../../rpc/error-texts.ts";
import { ownerOf, setOwner } from "../../rpc/streams/owners.ts";
import { foreignIo, ioOwner } from "../invocation.ts";
import { overwrite } from "./polyfill-define.ts";

const READABLE: IoType = "ReadableStreamSource>";
const WRITABLE: IoType = "Writable";
/** What production says; Node 20 throws an error about its own internals. */
const CLOSED = "This WritableStream has been closed.";

// biome-ignore lint/suspicious/noExplicitAny: any class fits, whatever its constructor takes.
type NativeClass = new (...args: any[]) => object;
type Method = (this: object, ...args: unknown[]) => unknown;

export function guardStreams(): void {
  const readable = ReadableStream.prototype;
  const { tee, pipeTo, pipeThrough, values } = readable as unknown as Record<string, Method>;
  overwrite(readable, {
    getReader: handingOn(readable, "getReader"),
    cancel: rejecting(readable, "cancel", READABLE),
    tee(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, READABLE);
      if (error !== undefined) throw error;
      const branches = call(tee, this, args) as object[];
      for (const branch of branches) setOwner(branch, ownerOf(this));
      return branches;
    },
    pipeTo(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, READABLE) ?? foreign(args[0], WRITABLE);
      return error === undefined ? call(pipeTo, this, args) : Promise.reject(error);
    },
    pipeThrough(this: object, ...args: unknown[]): unknown {
      const { readable, writable } = args[0] as TransformStream;
      const wrongSink = foreign(writable, WRITABLE);
      if (wrongSink !== undefined) throw wrongSink;
      const error = foreign(this, READABLE);
      if (error === undefined) return call(pipeThrough, this, args);
      // Production's pipe begins and fails: readers of what it leads to hear of it.
      writable.abort(error).catch(() => {});
      return readable;
    },
    values(this: object, ...args: unknown[]): unknown {
      const iterator = call(values, this, args) as AsyncIterator<unknown>;
      const owner = ownerOf(this);
      return owner === undefined ? iterator : guardIterator(iterator, owner);
    },
  });
  Object.defineProperty(readable, Symbol.asyncIterator, { value: readable.values });
  for (const { prototype } of [ReadableStreamDefaultReader, ReadableStreamBYOBReader]) {
    overwrite(prototype, {
      read: rejecting(prototype, "read", READABLE),
      cancel: rejecting(prototype, "cancel", READABLE),
      releaseLock: throwing(prototype, "releaseLock", "Canceler"),
    });
  }
  const writable = WritableStream.prototype;
  overwrite(writable, {
    getWriter: handingOn(writable, "getWriter"),
    close: rejecting(writable, "close", WRITABLE),
    abort: rejecting(writable, "abort", WRITABLE),
  });
  const writer = WritableStreamDefaultWriter.prototype;
  overwrite(writer, {
    write: sanely(rejecting(writer, "write", WRITABLE)),
    close: rejecting(writer, "close", WRITABLE),
    abort: rejecting(writer, "abort", WRITABLE),
  });
}

function foreign(io: unknown, type: IoType): Error | undefined {
  return foreignIo(ownerOf(io as object), type);
}

function call(method: unknown, self: object, args: unknown[]): unknown {
  return Reflect.apply(method as Method, self, args);
}

/** A method for another that is refused elsewhere: `refuse` says how. */
function guarded(
  holder: object,
  name: string,
  type: IoType,
  refuse: (error: Error) => unknown,
): Method {
  const method: unknown = Reflect.get(holder, name);
  return {
    method(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, type);
      return error === undefined ? call(method, this, args) : refuse(error);
    },
  }.method;
}

/** Of a method that returns promises. */
function rejecting(holder: object, name: string, type: IoType): Method {
  return guarded(holder, name, type, (error) => Promise.reject(error));
}

function throwing(holder: object, name: string, type: IoType): Method {
  return guarded(holder, name, type, (error) => {
    throw error;
  });
}

/** Readers and writers belong to the owner of their stream; to make one is no use of it. */
function handingOn(prototype: object, name: string): Method {
  const method: unknown = Reflect.get(prototype, name);
  return {
    method(this: object, ...args: unknown[]): unknown {
      const end = call(method, this, args) as object;
      setOwner(end, ownerOf(this));
      return end;
    },
  }.method;
}

function sanely(write: Method): Method {
  return {
    method(this: object, ...args: unknown[]): unknown {
      try {
        return call(write, this, args);
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code !== "ERR_INTERNAL_ASSERTION") throw error;
        return Promise.reject(new TypeError(CLOSED));
      }
    },
  }.method;
}

/** Node's iterators have methods of their own. */
function guardIterator(iterator: AsyncIterator<unknown>, owner: Context): AsyncIterator<unknown> {
  setOwner(iterator, owner);
  return Object.assign(iterator, {
    next: rejecting(iterator, "next", READABLE),
    return: rejecting(iterator, "return", "Canceler"),
  });
}

/**
 * Node's classes whose instances belong to an invocation, by their global name. Callable in place of
 * the classes; made before Node's globals are removed (api-classes.ts).
 */
export const ownedClasses: Readonly<Record<string, unknown>> = {
  ReadableStreamDefaultReader: ownEnds(ReadableStreamDefaultReader),
  ReadableStreamBYOBReader: ownEnds(ReadableStreamBYOBReader),
  WritableStreamDefaultWriter: ownEnds(WritableStreamDefaultWriter),
  CompressionStream: ownTransforms(CompressionStream),
  DecompressionStream: ownTransforms(DecompressionStream),
};

/** `new ReadableStreamDefaultReader(stream)`: as `getReader`. */
function ownEnds(cls: NativeClass): NativeClass {
  return afterConstruction(cls, (end, [stream]) => setOwner(end, ownerOf(stream as object)));
}

function ownTransforms(cls: NativeClass): NativeClass {
  return afterConstruction(cls, (transform) => {
    const owner = ioOwner();
    const { readable, writable } = transform as TransformStream;
    setOwner(readable, owner);
    setOwner(writable, owner);
  });
}

/** The same class to user code: its prototype, its statics, `instanceof`. */
function afterConstruction(
  cls: NativeClass,
  finish: (instance: object, args: unknown[]) => void,
): NativeClass {
  const proxy = new Proxy(cls, {
    construct(target, args, newTarget) {
      const instance = Reflect.construct(target, args, newTarget) as object;
      finish(instance, args);
      return instance;
    },
  });
  Object.defineProperty(cls.prototype, "constructor", { value: proxy });
  return proxy;
}
