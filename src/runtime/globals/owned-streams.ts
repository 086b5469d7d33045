/**
 * The streams of Node refuse what another invocation does with a native stream of production
 * (spec/rpc.md 4.4): patched on the classes, before user code runs. Node's own algorithms and the
 * runtime (rpc/streams/natives.ts) do not pass here. What is refused leaves the stream as it was.
 */
import type { Context } from "../../rpc/contract.ts";
import type { IoType } from "../../rpc/error-texts.ts";
import { foreignUse, ownerOf, setOwner } from "../../rpc/streams/owners.ts";
import { currentInvocation, ioOwner } from "../invocation.ts";

const READABLE: IoType = "ReadableStreamSource>";
const WRITABLE: IoType = "Writable";
/** What production says; Node 20 throws an error about its own internals. */
const CLOSED = "This WritableStream has been closed.";

// biome-ignore lint/suspicious/noExplicitAny: any class fits, whatever its constructor takes.
type NativeClass = new (...args: any[]) => object;
type Method = (this: object, ...args: unknown[]) => unknown;

/** `replace`: a native-looking method for another (native-fixes.ts). */
export function guardStreams(replace: (target: object, members: object) => void): void {
  const readable = ReadableStream.prototype;
  const { getReader, tee, pipeTo, pipeThrough, values } = readable as unknown as Record<
    string,
    Method
  >;
  replace(readable, {
    getReader: handingOn(getReader),
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
    replace(prototype, {
      read: rejecting(prototype, "read", READABLE),
      cancel: rejecting(prototype, "cancel", READABLE),
      releaseLock: throwing(prototype, "releaseLock", "Canceler"),
    });
  }
  const writable = WritableStream.prototype;
  replace(writable, {
    getWriter: handingOn((writable as unknown as Record<string, Method>).getWriter),
    close: rejecting(writable, "close", WRITABLE),
    abort: rejecting(writable, "abort", WRITABLE),
  });
  const writer = WritableStreamDefaultWriter.prototype;
  replace(writer, {
    write: sanely(rejecting(writer, "write", WRITABLE)),
    close: rejecting(writer, "close", WRITABLE),
    abort: rejecting(writer, "abort", WRITABLE),
  });
}

function foreign(io: unknown, type: IoType): Error | undefined {
  const owner = ownerOf(io as object);
  return owner === undefined ? undefined : foreignUse(owner, currentInvocation(), type);
}

function call(method: Method | undefined, self: object, args: unknown[]): unknown {
  return Reflect.apply(method as Method, self, args);
}

/** A method that returns promises. */
function rejecting(prototype: object, name: string, type: IoType): Method {
  const method = Reflect.get(prototype, name) as Method;
  return {
    method(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, type);
      return error === undefined ? Reflect.apply(method, this, args) : Promise.reject(error);
    },
  }.method;
}

function throwing(prototype: object, name: string, type: IoType): Method {
  const method = Reflect.get(prototype, name) as Method;
  return {
    method(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, type);
      if (error !== undefined) throw error;
      return Reflect.apply(method, this, args);
    },
  }.method;
}

/** Readers and writers belong to the owner of their stream; to make one is no use of it. */
function handingOn(method: Method | undefined): Method {
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
        return Reflect.apply(write, this, args);
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
