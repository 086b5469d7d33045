/**
 * IdentityTransformStream and FixedLengthStream: byte pipes whose writes finish when a reader has
 * taken the bytes. The readable side is a byte stream (BYOB), which Node's TransformStream is not.
 */

import { ioOwner } from "../../isolate/invocation.ts";
import { promiseStreamLength } from "../../rpc/streams/lengths.ts";
import { setOwner } from "../../rpc/streams/owners.ts";
import { defineInterface } from "../interfaces/define-interface.ts";

const NOT_BYTES =
  "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.";

interface Pipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<unknown>;
}

export class IdentityTransformStream extends TransformStream {
  readonly #pipe: Pipe;

  constructor(_options?: object) {
    super();
    this.#pipe = createPipe(-1);
  }

  override get readable(): ReadableStream<Uint8Array> {
    return this.#pipe.readable;
  }

  override get writable(): WritableStream<unknown> {
    return this.#pipe.writable;
  }
}
defineInterface(IdentityTransformStream, "IdentityTransformStream");

export class FixedLengthStream extends IdentityTransformStream {
  readonly #fixed: Pipe;

  constructor(length: number | bigint, _options?: object) {
    super();
    if (length === undefined || (typeof length === "number" && !Number.isInteger(length))) {
      throw new TypeError(
        "Failed to construct 'FixedLengthStream': constructor parameter 1 is not of type 'bigint'.",
      );
    }
    if (length < 0) {
      throw new TypeError(
        "The value cannot be converted because it is negative and this API expects a positive bigint.",
      );
    }
    this.#fixed = createPipe(Number(length));
    promiseStreamLength(this.#fixed.readable, Number(length));
  }

  override get readable(): ReadableStream<Uint8Array> {
    return this.#fixed.readable;
  }

  override get writable(): WritableStream<unknown> {
    return this.#fixed.writable;
  }
}
defineInterface(FixedLengthStream, "FixedLengthStream");
// Production has both accessors on TransformStream.prototype only; own ones must not be listed.
for (const cls of [IdentityTransformStream, FixedLengthStream]) {
  for (const name of ["readable", "writable"]) {
    const descriptor = Object.getOwnPropertyDescriptor(cls.prototype, name);
    Object.defineProperty(cls.prototype, name, { ...descriptor, enumerable: false });
  }
}

/** `length`: bytes that must pass, -1 for any number. */
function createPipe(length: number): Pipe {
  let controller!: ReadableByteStreamController;
  let remaining = length;
  let wanted: (() => void) | null = null;
  let isWanted = false;
  let cancelled: { readonly reason: unknown } | null = null;

  const readable = new ReadableStream(
    {
      type: "bytes",
      start(given) {
        controller = given;
      },
      pull() {
        isWanted = true;
        wanted?.();
      },
      cancel(reason) {
        // Writers hear an Error whatever the reader gave, as in production.
        cancelled = { reason: reasonError(reason) };
        wanted?.();
      },
    },
    { highWaterMark: 0 },
  ) as ReadableStream<Uint8Array>;

  /** Resolves when a reader waits; rejects when it went away. */
  async function demand(): Promise<void> {
    if (!isWanted && cancelled === null) {
      await new Promise<void>((resolve) => {
        wanted = resolve;
      });
      wanted = null;
    }
    if (cancelled !== null) throw cancelled.reason;
    isWanted = false;
  }

  const writable = new WritableStream<unknown>({
    async write(chunk, writer) {
      const bytes = toOwnBytes(chunk);
      if (bytes.byteLength === 0) return;
      if (length >= 0 && bytes.byteLength > remaining) {
        // As production: this write still succeeds, readers and later writers see the error.
        const error = new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
        controller.error(error);
        writer.error(error);
        return;
      }
      await demand();
      remaining -= bytes.byteLength;
      controller.enqueue(bytes);
    },
    close() {
      if (length >= 0 && remaining > 0) {
        controller.error(
          new TypeError("FixedLengthStream did not see all expected bytes before close()."),
        );
        return;
      }
      if (cancelled !== null) return;
      controller.close();
      // A BYOB read that waits only ends when its request is answered.
      controller.byobRequest?.respond(0);
    },
    abort(reason) {
      controller.error(reason);
    },
  });
  const owner = ioOwner();
  setOwner(readable, owner);
  setOwner(writable, owner);
  return { readable, writable };
}

function reasonError(reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return new Error(reason === undefined ? "Stream was cancelled." : String(reason));
}

/** A copy, since enqueue takes the buffer away from the writer. */
function toOwnBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice();
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk).slice();
  throw new TypeError(NOT_BYTES);
}
