/** Streams and signals as capabilities of a payload; what session and codec need of them. */

import { dataCloneError } from "../codec/errors.ts";
import type { FoundCap } from "../contracts/payload.ts";
import type { StreamKit, StreamSession } from "../contracts/streams.ts";
import { abortSignalDisabled, readableLocked, writableBackedLocked } from "../error-texts.ts";
import { Cap } from "../frames.ts";
import { promiseStreamLength, streamLength } from "./lengths.ts";
import {
  isDisturbed,
  isReadable,
  isReadableLocked,
  isWritable,
  isWritableLocked,
} from "./natives.ts";
import { foreignUse, ownerOf } from "./owners.ts";
import { ReadableDrain, ReadableSource } from "./readable.ts";
import { receiveSignal, sendSignal } from "./signals.ts";
import { WritableDrain, WritableSource } from "./writable.ts";

export const streamKit: StreamKit = { isReadable, isWritable, assertSendable, send, receive };

function assertSendable(session: StreamSession, cap: FoundCap): void {
  if (cap.type === "readable" || cap.type === "writable") {
    const ioType = cap.type === "readable" ? "ReadableStreamSource>" : "Writable";
    const error = foreignUse(ownerOf(cap.value), session.context, ioType);
    if (error !== undefined) throw error;
  }
  if (cap.type === "readable" && isReadableLocked(cap.value)) throw new TypeError(readableLocked);
  if (cap.type === "writable" && isWritableLocked(cap.value))
    throw new TypeError(writableBackedLocked);
  if (cap.type === "signal" && !session.core.host.flags.abortSignalRpc) {
    throw dataCloneError(abortSignalDisabled);
  }
}

function receiveReadable(session: StreamSession, id: number, length: unknown): ReadableStream {
  const { stream } = new ReadableDrain(session, id);
  if (typeof length === "number" && length >= 0) promiseStreamLength(stream, length);
  return stream;
}

function send(session: StreamSession, cap: FoundCap): unknown[] {
  switch (cap.type) {
    case "readable":
      return sendReadable(session, cap.value);
    case "writable":
      return [Cap.writable, new WritableDrain(session, cap.value).id];
    case "signal":
      return sendSignal(session, cap.value);
    default:
      throw new TypeError(`Not a stream: ${cap.type}`);
  }
}

/** With the bytes that it promises, if somebody knows. */
function sendReadable(session: StreamSession, stream: ReadableStream): unknown[] {
  const length = isDisturbed(stream) ? -1 : streamLength(stream);
  const { id } = new ReadableSource(session, stream);
  return length < 0 ? [Cap.readable, id] : [Cap.readable, id, length];
}

function receive(session: StreamSession, cap: readonly unknown[]): object {
  const id = cap[1] as number;
  switch (cap[0]) {
    case Cap.readable:
      return receiveReadable(session, -id, cap[2]);
    case Cap.writable:
      return new WritableSource(session, -id).stream;
    case Cap.signal:
      return receiveSignal(session, cap);
    default:
      throw new TypeError("Unknown capability in RPC message");
  }
}
