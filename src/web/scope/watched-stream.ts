/** A body on its way to a store: whoever sends it wants to know whether it was the body that failed. */
import { bytesOf } from "../../rpc/streams/chunk-bytes.ts";
import { lengthOf, openByteStream, readStream } from "../streams/byte-streams.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";

export interface WatchedStream {
  readonly stream: ReadableStream;
  /** Why `source` failed; undefined if it did not. */
  failure(): { readonly error: unknown } | undefined;
}

/** Locks `source`. Text in it becomes bytes. */
export function watchedStream(source: ReadableStream): WatchedStream {
  const reading = readStream(source);
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure = { error };
    feed.error(error);
  };
  const next = (): void => {
    const bytes = bytesOf(reading.value);
    if (bytes === undefined) {
      const error = new TypeError("This ReadableStream did not return bytes.");
      reading.cancel(error).catch(() => {});
      fail(error);
    } else if (bytes.byteLength === 0) pull();
    else feed.push(new Uint8Array(bytes));
  };
  const pull = (): void => {
    if (reading.take()) next();
    else reading.wait().then((more) => (more ? next() : feed.end()), fail);
  };
  const { stream, feed } = openByteStream(
    { pull, cancel: (reason) => reading.cancel(reason) },
    lengthOf(source),
  );
  return { stream, failure: () => failure };
}
