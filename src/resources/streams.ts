/**
 * Byte streams in a storage thread: the same classes as in a Worker's, so that the RPC engine carries
 * them (web/streams/platform.ts). What is made belongs to the call that is being answered.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "../rpc/contract.ts";
import type { ByteSource } from "../rpc/contracts/platform-streams.ts";
import { bytesOf } from "../rpc/streams/chunk-bytes.ts";
import { streamPlatform } from "../web/streams/platform.ts";

/** The call that is being answered; set by storage-thread.ts. */
export const calls: AsyncLocalStorage<Context> = new AsyncLocalStorage();

/** Reads `stream` to its end. Throws TypeError for chunks that are not bytes. */
export async function* readChunks(stream: object): AsyncGenerator<Uint8Array, void, void> {
  const reading = streamPlatform.read(stream);
  while (await reading.wait()) {
    const bytes = bytesOf(reading.value);
    if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
    yield bytes;
  }
}

/** A stream of `length` bytes that asks `next` for them; undefined: there are no more. */
export function byteStream(
  length: number,
  next: () => Promise<Uint8Array | undefined>,
  cancel: () => unknown,
): object {
  const owner = calls.getStore();
  if (owner === undefined) throw new Error("A stream is made while a call is answered only.");
  const source: ByteSource = {
    pull: () => {
      next().then(
        (bytes) => (bytes === undefined ? feed.end() : feed.push(bytes)),
        (error: unknown) => feed.error(error),
      );
    },
    cancel,
  };
  const { stream, feed } = streamPlatform.createReadable(source, owner, length);
  return stream;
}

/** Nobody will read it: whoever fills it is told. */
export async function cancelStream(stream: object): Promise<void> {
  await streamPlatform
    .read(stream)
    .cancel(undefined)
    .catch(() => {});
}
