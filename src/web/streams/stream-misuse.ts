/**
 * What production says when a stream is used in a state in which it cannot be: Node's own texts are
 * about its internals, and do not tell why a stream has failed. Asked by the patched stream classes
 * (owned-streams.ts) before Node is; undefined if there is nothing to say.
 */
import {
  type ByteWriter,
  getWriter,
  isReadableLocked,
  isWritableLocked,
} from "../../rpc/streams/natives.ts";

export type Misuse = (io: object) => Error | undefined;

const readableLocked = "This ReadableStream is currently locked to a reader.";
const writableLocked = "This WritableStream is currently locked to a writer.";
const closedText = "This WritableStream has been closed.";

/** Readers and writers after `releaseLock`. */
const released: WeakSet<object> = new WeakSet();
/** Writers that have said why their stream has failed. */
const told: WeakSet<object> = new WeakSet();
/** Writers whose `close` was called and did not fail. */
const ends: WeakMap<object, "closing" | "closed"> = new WeakMap();

const sizeOf = Object.getOwnPropertyDescriptor(
  WritableStreamDefaultWriter.prototype,
  "desiredSize",
)?.get;
const readyOf = Object.getOwnPropertyDescriptor(
  WritableStreamDefaultWriter.prototype,
  "ready",
)?.get;

export function markReleased(end: object): void {
  released.add(end);
}

export const lockedReadable: Misuse = (stream) =>
  stream instanceof ReadableStream && isReadableLocked(stream)
    ? new TypeError(readableLocked)
    : undefined;

/** Production's text of `tee` ends so. */
export const lockedToTee: Misuse = (stream) =>
  lockedReadable(stream) === undefined
    ? undefined
    : new TypeError(readableLocked.replace(/\.$/, ","));

export const lockedWritable: Misuse = (stream) =>
  stream instanceof WritableStream && isWritableLocked(stream)
    ? new TypeError(writableLocked)
    : undefined;

export const releasedReader: Misuse = (reader) =>
  released.has(reader) ? new TypeError("This ReadableStream reader has been released.") : undefined;

export const releasedWriter: Misuse = (writer) =>
  released.has(writer) ? new TypeError("This WritableStream writer has been released.") : undefined;

export function closedError(): TypeError {
  return new TypeError(closedText);
}

/**
 * Of a writer of a stream that is native in production: if that has failed, its first use tells why,
 * others only that it is closed. Undefined if it has not.
 */
export function nativeFailure(writer: object): Promise<unknown> | undefined {
  if (!hasFailed(writer)) return undefined;
  if (told.has(writer)) return Promise.reject(closedError());
  told.add(writer);
  return failureOf(writer);
}

/** Whoever aborts knows why it has failed. */
export function markTold(writer: object): void {
  told.add(writer);
}

function hasFailed(writer: object): boolean {
  return sizeOf?.call(writer) === null;
}

/** `close` of a writer that was not released. */
export function closeWriter(
  writer: object,
  isNative: boolean,
  close: () => Promise<unknown>,
): Promise<unknown> {
  const failure = isNative
    ? nativeFailure(writer)
    : hasFailed(writer)
      ? failureOf(writer)
      : undefined;
  if (failure !== undefined) return failure;
  const end = ends.get(writer);
  if (end !== undefined) {
    return isNative && end === "closing" ? Promise.resolve() : Promise.reject(closedError());
  }
  ends.set(writer, "closing");
  return close().then(
    () => {
      ends.set(writer, "closed");
    },
    (error: unknown) => {
      ends.delete(writer);
      throw isInvalidState(error) ? closedError() : error;
    },
  );
}

/** Its `close` was called: nothing can be written any more. */
export function isEnded(writer: object): boolean {
  return ends.has(writer);
}

/** `close` of a stream without a writer. */
export function closeStream(
  stream: WritableStream,
  isNative: boolean,
  close: () => Promise<unknown>,
): Promise<unknown> {
  const writer: ByteWriter = getWriter(stream);
  const failure = hasFailed(writer) ? failureOf(writer) : undefined;
  writer.releaseLock();
  if (failure !== undefined) return failure;
  return close().catch((error: unknown) => {
    if (!isInvalidState(error)) throw error;
    if (!isNative) throw closedError();
  });
}

/** Rejects with why it has failed, as `ready` of its writer does. */
async function failureOf(writer: object): Promise<void> {
  await readyOf?.call(writer);
}

function isInvalidState(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_INVALID_STATE";
}
