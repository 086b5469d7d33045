/**
 * The streams of the platform as the engine uses them: past whatever user code has patched
 * (spec/rpc.md 7). Whoever hosts the engine implements it (`RpcHost.streams`); no code.
 */
import type { StreamKinds } from "./kinds.ts";

/** A stream that was locked for reading. One wait at a time. */
export interface StreamReading {
  /** The chunk that `take` or `wait` found. */
  readonly value: unknown;
  /** A chunk that is there already; false: none at the moment, or at all. */
  take(): boolean;
  /** For the next chunk; false: the stream has ended. Rejects with why it failed. */
  wait(): Promise<boolean>;
  cancel(reason: unknown): Promise<unknown>;
}

/** A stream that was locked for writing. */
export interface StreamWriting {
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

/** What fills a byte stream of the runtime. */
export interface ByteSource {
  /** Somebody waits and nothing is there: ends with a call of the feed, or `cancel`. */
  pull?(): void;
  /** So many of the bytes that were pushed have been read. */
  taken?(bytes: number): void;
  /** Nobody will read any more. */
  cancel?(reason: unknown): unknown;
}

/** The other side of such a stream. */
export interface ByteFeed {
  /** Takes `bytes` over. */
  push(bytes: Uint8Array): void;
  /** What was pushed is still read. */
  end(): void;
  /** At once: what was pushed is dropped. */
  error(error: unknown): void;
  /** After what was pushed. */
  errorAfterwards(error: unknown): void;
}

/** What takes the bytes that are written into a stream of the runtime: one write at a time. */
export interface ByteSink {
  /** True if it has taken them; else it calls `written` or `error` of the drain later. */
  write(bytes: Uint8Array, isOwn: boolean): boolean;
  close(): boolean;
  abort(reason: unknown): unknown;
}

export interface ByteDrain {
  written(): void;
  error(error: unknown): void;
}

/** `Owner`: an invocation. */
export interface StreamPlatform<Owner> extends StreamKinds {
  isLocked(stream: object): boolean;
  /** Somebody has read from it, or cancelled it. */
  isDisturbed(stream: object): boolean;
  /** Undefined: it belongs to nobody. */
  ownerOf(stream: object): Owner | undefined;
  /** Bytes that it promises from its beginning, -1 if unknown. */
  lengthOf(stream: object): number;
  /** Locks it. */
  read(stream: object): StreamReading;
  write(stream: object): StreamWriting;
  /** `length`: bytes that it promises, -1 if unknown. */
  createReadable(
    source: ByteSource,
    owner: Owner,
    length: number,
  ): {
    readonly stream: object;
    readonly feed: ByteFeed;
  };
  /** `notBytes`: what a chunk that is neither bytes nor a string is refused with. */
  createWritable(
    sink: ByteSink,
    owner: Owner,
    notBytes: string,
  ): {
    readonly stream: object;
    readonly drain: ByteDrain;
  };
}
