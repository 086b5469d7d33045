/** Node streams as the byte streams that Workers see, with backpressure, and back. */
import { Readable } from "node:stream";
import { openByteStream, readStream } from "./byte-streams.ts";
import type { ReadableStream } from "./readable-stream.ts";

/**
 * A byte stream over a Node stream. Cancelling destroys the source; `mapError` shapes what readers
 * see when the source fails.
 */
export function streamOfNode(
  source: Readable,
  mapError: (error: Error) => Error = (error) => error,
): ReadableStream {
  const { stream, feed } = openByteStream(
    {
      pull: () => void source.resume(),
      cancel: () => void source.destroy(),
    },
    -1,
  );
  source.pause();
  source.on("data", (chunk: Uint8Array) => {
    // Node's chunks share a buffer.
    feed.push(new Uint8Array(chunk));
    if (!feed.isWaitedFor) source.pause();
  });
  source.on("end", () => feed.end());
  source.on("error", (error) => feed.error(mapError(error)));
  source.on("close", () => feed.error(mapError(new Error("the connection was closed"))));
  return stream;
}

/** A Node stream over a web stream of bytes; throws at the first chunk that is not bytes. */
export function nodeOfStream(stream: ReadableStream): Readable {
  return Readable.from(chunksOf(stream), { objectMode: false, highWaterMark: 65_536 });
}

async function* chunksOf(stream: ReadableStream): AsyncGenerator<Uint8Array> {
  const reading = readStream(stream);
  let isDone = false;
  try {
    while (reading.take() || (await reading.wait())) {
      const { value } = reading;
      if (!(value instanceof Uint8Array)) {
        throw new TypeError("This ReadableStream did not return bytes.");
      }
      yield value;
    }
    isDone = true;
  } finally {
    if (!isDone) reading.cancel(undefined).catch(() => {});
  }
}
