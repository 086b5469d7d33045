/**
 * Node's own web streams for the RPC engine (rpc/contracts/platform-streams.ts), for a process that
 * runs no Worker. Bytes are taken from a link only as they are read.
 */
import { Readable } from "node:stream";
import {
  ReadableStream,
  type ReadableStreamDefaultReader,
  WritableStream,
  type WritableStreamDefaultWriter,
} from "node:stream/web";
import type { Context } from "../rpc/contract.ts";
import type {
  ByteDrain,
  ByteFeed,
  ByteSink,
  ByteSource,
  StreamPlatform,
  StreamReading,
  StreamWriting,
} from "../rpc/contracts/platform-streams.ts";
import { bytesOf } from "../rpc/streams/chunk-bytes.ts";
import { createDeferred, type Deferred } from "../util/deferred.ts";

export const nativeStreams: StreamPlatform<Context> = {
  isReadable: (value) => value instanceof ReadableStream,
  isWritable: (value) => value instanceof WritableStream,
  isLocked: (stream) =>
    (stream instanceof ReadableStream || stream instanceof WritableStream) && stream.locked,
  // Its types name only the older streams; the function knows both.
  isDisturbed: (stream) => Readable.isDisturbed(stream as NodeJS.ReadableStream),
  ownerOf: () => undefined,
  lengthOf: () => -1,
  read: (stream) => new Reading((stream as ReadableStream<unknown>).getReader()),
  write: (stream) => new Writing((stream as WritableStream<unknown>).getWriter()),
  createReadable(source) {
    const feed = new Feed(source);
    return { stream: feed.stream, feed };
  },
  createWritable(sink, _owner, notBytes) {
    const drain = new Drain(sink, notBytes);
    return { stream: drain.stream, drain };
  },
};

class Reading implements StreamReading {
  value: unknown;
  readonly #reader: ReadableStreamDefaultReader<unknown>;

  constructor(reader: ReadableStreamDefaultReader<unknown>) {
    this.#reader = reader;
  }

  /** What a stream of Node's has is known to its reader only after a wait. */
  take(): boolean {
    return false;
  }

  async wait(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    this.value = value;
    return !done;
  }

  cancel(reason: unknown): Promise<unknown> {
    return this.#reader.cancel(reason);
  }
}

class Writing implements StreamWriting {
  readonly #writer: WritableStreamDefaultWriter<unknown>;

  constructor(writer: WritableStreamDefaultWriter<unknown>) {
    this.#writer = writer;
  }

  write(chunk: unknown): Promise<void> {
    return this.#writer.write(chunk);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.#writer.abort(reason);
  }
}

/** A byte stream that asks its source only when somebody reads. */
class Feed implements ByteFeed {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #source: ByteSource;
  readonly #chunks: Uint8Array[] = [];
  /** What comes after the chunks. */
  #last: { readonly error?: unknown } | undefined;
  /** Somebody reads, and nothing is there. */
  #waiting: Deferred<void> | undefined;
  #fail: (error: unknown) => void = () => {};
  #isOver = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.stream = new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      pull: async (controller) => {
        if (this.#chunks.length === 0 && this.#last === undefined) {
          this.#waiting = createDeferred();
          source.pull?.();
          await this.#waiting.promise;
        }
        if (this.#isOver) return;
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          controller.enqueue(chunk);
          source.taken?.(chunk.byteLength);
          return;
        }
        this.#isOver = true;
        if (this.#last !== undefined && "error" in this.#last) controller.error(this.#last.error);
        else {
          controller.close();
          // A reader with a buffer of its own waits for it back.
          controller.byobRequest?.respond(0);
        }
      },
      cancel: (reason: unknown) => {
        this.#isOver = true;
        this.#chunks.length = 0;
        this.#source.cancel?.(reason);
      },
    });
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver || bytes.byteLength === 0) return;
    this.#chunks.push(bytes);
    this.#waiting?.resolve();
  }

  end(): void {
    this.#last ??= {};
    this.#waiting?.resolve();
  }

  error(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks.length = 0;
    this.#fail(error);
    this.#waiting?.resolve();
  }

  errorAfterwards(error: unknown): void {
    this.#last ??= { error };
    this.#waiting?.resolve();
  }
}

/** A stream whose writes wait for the sink, one after the other. */
class Drain implements ByteDrain {
  readonly stream: WritableStream<unknown>;
  #waiting: Deferred<void> | undefined;
  #fail: (error: unknown) => void = () => {};

  constructor(sink: ByteSink, notBytes: string) {
    this.stream = new WritableStream<unknown>({
      start: (controller) => {
        this.#fail = (error) => controller.error(error);
      },
      write: (chunk) => {
        const bytes = bytesOf(chunk);
        if (bytes === undefined) throw new TypeError(notBytes);
        return this.#wait(() => sink.write(bytes, typeof chunk === "string"));
      },
      close: () => this.#wait(() => sink.close()),
      abort: (reason: unknown) => void sink.abort(reason),
    });
  }

  written(): void {
    this.#waiting?.resolve();
  }

  error(error: unknown): void {
    this.#waiting?.reject(error);
    this.#fail(error);
  }

  #wait(begin: () => boolean): Promise<void> | undefined {
    const waiting = createDeferred<void>();
    this.#waiting = waiting;
    return begin() ? undefined : waiting.promise;
  }
}
