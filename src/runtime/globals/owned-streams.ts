/**
 * The streams of Node refuse what another invocation does with a native stream of production
 * (spec/rpc.md 4.4): patched on the classes, before user code runs. Node's own algorithms and the
 * runtime (rpc/streams/natives.ts) do not pass here. What is refused leaves the stream as it was.
 */
import type { IoType } from "../../rpc/error-texts.ts";
import { foreignUse, ownerOf, setOwner } from "../../rpc/streams/owners.ts";
import { currentInvocation } from "../invocation.ts";

const READABLE: IoType = "ReadableStreamSource";
const WRITABLE: IoType = "Writable";
/** What production says; Node 20 throws an error about its own internals. */
const CLOSED = "This WritableStream has been closed.";

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
      const error = foreign(this, READABLE);
      if (error === undefined) return call(pipeThrough, this, args);
      // Production's pipe begins and fails: readers of what it leads to hear of it.
      const { readable, writable } = args[0] as TransformStream;
      writable.abort(error).catch(() => {});
      return readable;
    },
    values(this: object, ...args: unknown[]): unknown {
      const error = foreign(this, READABLE);
      return error === undefined ? call(values, this, args) : failingIterator(error);
    },
  });
  Object.defineProperty(readable, Symbol.asyncIterator, { value: readable.values });
  for (const { prototype } of [ReadableStreamDefaultReader, ReadableStreamBYOBReader]) {
    replace(prototype, {
      read: rejecting(prototype, "read", READABLE),
      cancel: rejecting(prototype, "cancel", READABLE),
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

function failingIterator(error: Error): AsyncIterableIterator<never> {
  const fail = (): Promise<never> => Promise.reject(error);
  return {
    next: fail,
    return: fail,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
