/**
 * `read()` of a paused byte stream gives all that is there, as in production and in Node up to 24; Node 26
 * gives one chunk, and what iterates a stream or awaits "readable" would see other pieces. Node's own
 * `read` runs over a buffer whose chunks are one. Patched when a Worker imports a module with streams.
 */
import { Readable } from "node:stream";

type Read = (this: Readable, size?: unknown) => unknown;

/** What Node's class keeps, as far as it is needed here. */
interface State {
  buffer: Uint8Array[];
  bufferIndex: number;
  readonly objectMode: boolean;
  readonly flowing: boolean | null;
  readonly decoder: unknown;
}

let isDone = false;

/** Once a thread. */
export function readWhole(): void {
  if (isDone) return;
  isDone = true;
  if (!readsChunks()) return;
  const { prototype } = Readable;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, "read");
  const native = descriptor?.value as Read;
  const value: Read = function read(this: Readable, size) {
    const state = Reflect.get(this, "_readableState") as State | undefined;
    const isWhole = size === undefined || Number.isNaN(size);
    if (!isWhole || state === undefined || state.objectMode || state.flowing || state.decoder) {
      return Reflect.apply(native, this, [size]);
    }
    join(state);
    const restore = joinAfterRead(this, state);
    try {
      return Reflect.apply(native, this, [size]);
    } finally {
      restore();
    }
  };
  Object.defineProperty(prototype, "read", { ...descriptor, value });
}

function readsChunks(): boolean {
  const probe = new Readable({ read() {} });
  probe.push("a");
  probe.push("b");
  const { length } = probe.read() as Buffer;
  probe.destroy();
  return length === 1;
}

function join(state: State): void {
  const { buffer, bufferIndex } = state;
  if (buffer.length - bufferIndex < 2) return;
  state.buffer = [Buffer.concat(buffer.slice(bufferIndex))];
  state.bufferIndex = 0;
}

/**
 * Node's `read` calls `_read` once, which may add chunks at once. Whoever implements it sees the method
 * that it made: the other is gone before it runs.
 */
function joinAfterRead(stream: Readable, state: State): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, "_read");
  if (own === undefined ? !Object.isExtensible(stream) : own.configurable !== true) return () => {};
  let isOver = false;
  const restore = (): void => {
    if (isOver) return;
    isOver = true;
    if (own === undefined) Reflect.deleteProperty(stream, "_read");
    else Object.defineProperty(stream, "_read", own);
  };
  const value = (size: number): void => {
    restore();
    try {
      stream._read(size);
    } finally {
      join(state);
    }
  };
  Object.defineProperty(stream, "_read", { value, writable: true, configurable: true });
  return restore;
}
