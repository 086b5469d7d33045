/**
 * The streams of Node refuse what another invocation does with a native stream of production
 * (spec/rpc.md 4.4): patched on the classes, before user code runs. Node's own algorithms and the
 * runtime (rpc/streams/natives.ts) do not pass here. What is refused leaves the stream as it was, but
 * for the lock of a reader or iterator. Misuse is told in production's words (stream-misuse.ts).
 */

import { foreignIo, ioOwner } from "../../isolate/invocation.ts";
import { overwrite } from "../../isolate/language/polyfill-define.ts";
import type { Context } from "../../rpc/contract.ts";
import type { IoType } from "../../rpc/error-texts.ts";
import { ownerOf, setOwner } from "../../rpc/streams/owners.ts";
import {
  closedError,
  closeStream,
  closeWriter,
  isEnded,
  lockedReadable,
  lockedToTee,
  lockedWritable,
  type Misuse,
  markReleased,
  markTold,
  nativeFailure,
  releasedReader,
  releasedWriter,
} from "./stream-misuse.ts";

const READABLE: IoType = "ReadableStreamSource>";
const WRITABLE: IoType = "Writable";

// biome-ignore lint/suspicious/noExplicitAny: any class fits, whatever its constructor takes.
type NativeClass = new (...args: any[]) => object;
type Method = (this: object, ...args: unknown[]) => unknown;
type Closed = Promise<unknown>;

export function guardStreams(): void {
  guardReadable();
  for (const { prototype } of [ReadableStreamDefaultReader, ReadableStreamBYOBReader]) {
    overwrite(prototype, {
      read: rejecting(prototype, "read", READABLE, releasedReader),
      cancel: rejecting(prototype, "cancel", READABLE, releasedReader),
      releaseLock: releasing(throwing(prototype, "releaseLock", "Canceler")),
    });
    guardClosed(prototype, releasedReader);
  }
  guardWritable();
}

function guardReadable(): void {
  const readable = ReadableStream.prototype;
  const { tee, pipeTo, pipeThrough, values } = readable as unknown as Record<string, Method>;
  overwrite(readable, {
    getReader: handingOn(readable, "getReader", lockedReadable),
    cancel: rejecting(readable, "cancel", READABLE, lockedReadable),
    tee(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, READABLE) ?? lockedToTee(this);
      if (error !== undefined) throw error;
      const branches = call(tee, this, args) as object[];
      for (const branch of branches) setOwner(branch, ownerOf(this));
      return branches;
    },
    pipeTo(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, READABLE) ?? foreign(args[0], WRITABLE) ?? lockedReadable(this);
      return error === undefined ? call(pipeTo, this, args) : Promise.reject(error);
    },
    pipeThrough(this: object, ...args: unknown[]): unknown {
      const { readable, writable } = args[0] as TransformStream;
      const wrongSink = foreign(writable, WRITABLE);
      if (wrongSink !== undefined) throw wrongSink;
      const error = foreign(this, READABLE);
      if (error === undefined) {
        const locked = lockedReadable(this);
        if (locked !== undefined) throw locked;
        return call(pipeThrough, this, args);
      }
      // Production's pipe begins and fails: readers of what it leads to hear of it.
      writable.abort(error).catch(() => {});
      return readable;
    },
    values(this: object, ...args: unknown[]): unknown {
      const locked = lockedReadable(this);
      if (locked !== undefined) throw locked;
      const iterator = call(values, this, args) as AsyncIterator<unknown>;
      const owner = ownerOf(this);
      return owner === undefined ? iterator : guardIterator(iterator, owner);
    },
  });
  Object.defineProperty(readable, Symbol.asyncIterator, { value: readable.values });
}

function guardWritable(): void {
  const writable = WritableStream.prototype;
  const { close } = writable as unknown as Record<string, Method>;
  overwrite(writable, {
    getWriter: handingOn(writable, "getWriter", lockedWritable),
    close(this: WritableStream): unknown {
      const error = foreign(this, WRITABLE) ?? lockedWritable(this);
      if (error !== undefined) return Promise.reject(error);
      return closeStream(this, ownerOf(this) !== undefined, () => call(close, this, []) as Closed);
    },
    abort: rejecting(writable, "abort", WRITABLE, lockedWritable),
  });
  const writer = WritableStreamDefaultWriter.prototype;
  const { write, abort, close: closeEnd } = writer as unknown as Record<string, Method>;
  overwrite(writer, {
    write(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, WRITABLE) ?? releasedWriter(this);
      if (error !== undefined) return Promise.reject(error);
      if (isEnded(this)) return Promise.reject(closedError());
      const failure = ownerOf(this) === undefined ? undefined : nativeFailure(this);
      if (failure !== undefined) return failure;
      try {
        return call(write, this, args);
      } catch (thrown) {
        // Node 20 does so for a closed stream.
        const { code } = thrown as { code?: unknown };
        if (code !== "ERR_INTERNAL_ASSERTION") throw thrown;
        return Promise.reject(closedError());
      }
    },
    close(this: object): unknown {
      const error = foreign(this, WRITABLE) ?? releasedWriter(this);
      if (error !== undefined) return Promise.reject(error);
      const isNative = ownerOf(this) !== undefined;
      return closeWriter(this, isNative, () => call(closeEnd, this, []) as Closed);
    },
    abort(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, WRITABLE) ?? releasedWriter(this);
      if (error !== undefined) return Promise.reject(error);
      markTold(this);
      return call(abort, this, args);
    },
    releaseLock: releasing(Reflect.get(writer, "releaseLock") as unknown as Method),
  });
  guardClosed(writer, releasedWriter);
}

/** `closed` of a reader or writer, which says after a release what its methods say. */
function guardClosed(prototype: object, misuse: Misuse): void {
  const known = Object.getOwnPropertyDescriptor(prototype, "closed");
  Object.defineProperty(prototype, "closed", {
    ...known,
    get(this: object): unknown {
      const error = misuse(this);
      if (error === undefined) return known?.get?.call(this);
      const rejected = Promise.reject(error);
      rejected.catch(() => {});
      return rejected;
    },
  });
}

/** `releaseLock`, remembered. */
function releasing(releaseLock: Method): Method {
  return {
    method(this: object): void {
      call(releaseLock, this, []);
      markReleased(this);
    },
  }.method;
}

function foreign(io: unknown, type: IoType): Error | undefined {
  return foreignIo(ownerOf(io as object), type);
}

function call(method: unknown, self: object, args: unknown[]): unknown {
  return Reflect.apply(method as Method, self, args);
}

/** A method for another that is refused elsewhere or for `misuse`: `refuse` says how. */
function guarded(
  holder: object,
  name: string,
  type: IoType,
  misuse: Misuse | undefined,
  refuse: (error: Error) => unknown,
): Method {
  const method: unknown = Reflect.get(holder, name);
  return {
    method(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, type) ?? misuse?.(this);
      return error === undefined ? call(method, this, args) : refuse(error);
    },
  }.method;
}

/** Of a method that returns promises. */
function rejecting(holder: object, name: string, type: IoType, misuse?: Misuse): Method {
  return guarded(holder, name, type, misuse, (error) => Promise.reject(error));
}

function throwing(holder: object, name: string, type: IoType): Method {
  return guarded(holder, name, type, undefined, (error) => {
    throw error;
  });
}

/** Readers and writers belong to the owner of their stream; to make one is no use of it. */
function handingOn(prototype: object, name: string, locked: Misuse): Method {
  const method: unknown = Reflect.get(prototype, name);
  return {
    method(this: object, ...args: unknown[]): unknown {
      const error = locked(this);
      if (error !== undefined) throw error;
      const end = call(method, this, args) as object;
      setOwner(end, ownerOf(this));
      return end;
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
  ReadableStreamDefaultReader: ownEnds(ReadableStreamDefaultReader, lockedReadable),
  ReadableStreamBYOBReader: ownEnds(ReadableStreamBYOBReader, lockedReadable),
  WritableStreamDefaultWriter: ownEnds(WritableStreamDefaultWriter, lockedWritable),
  CompressionStream: ownTransforms(CompressionStream),
  DecompressionStream: ownTransforms(DecompressionStream),
};

/** `new ReadableStreamDefaultReader(stream)`: as `getReader`. */
function ownEnds(cls: NativeClass, locked: Misuse): NativeClass {
  return afterConstruction(
    cls,
    (end, [stream]) => setOwner(end, ownerOf(stream as object)),
    ([stream]) => {
      const error = locked(stream as object);
      if (error !== undefined) throw error;
    },
  );
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
  before: (args: unknown[]) => void = () => {},
): NativeClass {
  const proxy = new Proxy(cls, {
    construct(target, args, newTarget) {
      before(args);
      const instance = Reflect.construct(target, args, newTarget) as object;
      finish(instance, args);
      return instance;
    },
  });
  Object.defineProperty(cls.prototype, "constructor", { value: proxy });
  return proxy;
}
