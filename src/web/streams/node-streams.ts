/** Node streams as the byte streams that Workers see, with backpressure, and back. */
import type { Readable } from "node:stream";
import { Readable as NodeReadable } from "node:stream";
import { cancel, getReader, read } from "../../rpc/streams/natives.ts";

/**
 * A BYOB-capable stream over a Node stream. Cancelling destroys the source; `mapError` shapes what
 * readers see when the source fails.
 */
export function streamOfNode(
  source: Readable,
  mapError: (error: Error) => Error = (error) => error,
): ReadableStream<Uint8Array> {
  let isOver = false;
  return new ReadableStream(
    {
      type: "bytes",
      start(controller) {
        source.pause();
        source.on("data", (chunk: Uint8Array) => {
          if (isOver || chunk.byteLength === 0) return;
          // The controller takes the buffer away, and Node's chunks share theirs: copy.
          controller.enqueue(new Uint8Array(chunk));
          if ((controller.desiredSize ?? 0) <= 0) source.pause();
        });
        source.on("end", () => {
          if (isOver) return;
          isOver = true;
          controller.close();
          controller.byobRequest?.respond(0);
        });
        source.on("error", (error) => {
          if (isOver) return;
          isOver = true;
          controller.error(mapError(error));
        });
        source.on("close", () => {
          if (isOver) return;
          isOver = true;
          controller.error(mapError(new Error("the connection was closed")));
        });
      },
      pull() {
        source.resume();
      },
      cancel() {
        isOver = true;
        source.destroy();
      },
    },
    { highWaterMark: 0 },
  ) as ReadableStream<Uint8Array>;
}

/** A Node stream over a web stream of bytes; throws at the first chunk that is not bytes. */
export function nodeOfStream(stream: ReadableStream<Uint8Array>): Readable {
  return NodeReadable.from(chunksOf(stream), { objectMode: false, highWaterMark: 65_536 });
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = getReader(stream);
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await read(reader);
      if (done) {
        isDone = true;
        return;
      }
      if (!(value instanceof Uint8Array)) {
        throw new TypeError("This ReadableStream did not return bytes.");
      }
      yield value;
    }
  } finally {
    if (!isDone) cancel(reader, undefined).catch(() => {});
  }
}
