/** The streams of the platform for the RPC engine (rpc/contracts/platform-streams.ts). */
import type { Context } from "../../rpc/contract.ts";
import type { StreamPlatform } from "../../rpc/contracts/platform-streams.ts";
import { readableBrand, writableBrand } from "./brands.ts";
import { NativeReadable } from "./core/native-readable.ts";
import { NativeWritable } from "./core/native-writable.ts";
import type { ReadableCore } from "./core/readable.ts";
import { Reading, Writing } from "./core/reading.ts";
import type { WritableCore } from "./core/writable.ts";
import { ReadableStream } from "./readable-stream.ts";
import { WritableStream } from "./writable-stream.ts";

/** The engine asks `isReadable` and `isWritable` first. */
function readableOf(stream: object): ReadableCore {
  const core = readableBrand.of(stream);
  if (core === undefined) throw new TypeError("Not a ReadableStream");
  return core;
}

function writableOf(stream: object): WritableCore {
  const core = writableBrand.of(stream);
  if (core === undefined) throw new TypeError("Not a WritableStream");
  return core;
}

export const streamPlatform: StreamPlatform<Context> = {
  isReadable: (value) => readableBrand.of(value) !== undefined,
  isWritable: (value) => writableBrand.of(value) !== undefined,
  isLocked: (stream) => (readableBrand.of(stream) ?? writableOf(stream)).isLocked,
  isDisturbed: (stream) => readableOf(stream).disturbed,
  ownerOf: (stream) => (readableBrand.of(stream) ?? writableOf(stream)).owner,
  lengthOf: (stream) => readableOf(stream).length,
  read: (stream) => new Reading(readableOf(stream)),
  write: (stream) => new Writing(writableOf(stream)),
  createReadable(source, owner, length) {
    const feed = new NativeReadable(source);
    feed.owner = owner;
    feed.length = length;
    return { stream: new ReadableStream(feed), feed };
  },
  createWritable(sink, owner, notBytes) {
    const drain = new NativeWritable(sink, { notBytes });
    drain.owner = owner;
    return { stream: new WritableStream(drain), drain };
  },
};
