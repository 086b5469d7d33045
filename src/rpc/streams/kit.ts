/** Streams and signals as capabilities of a payload; what session and codec need of them. */

import { dataCloneError } from "../codec/errors.ts";
import type { StreamKinds } from "../contracts/kinds.ts";
import type { FoundCap } from "../contracts/payload.ts";
import type { StreamKit, StreamSession } from "../contracts/streams.ts";
import { abortSignalDisabled, readableLocked, writableBackedLocked } from "../error-texts.ts";
import { Cap } from "../frames.ts";
import { foreignUse } from "./owners.ts";
import { platformOf } from "./platform.ts";
import { ReadableDrain, ReadableSource } from "./readable.ts";
import { receiveSignal, sendSignal } from "./signals.ts";
import { WritableDrain, WritableSource } from "./writable.ts";

export function createStreamKit(platform: StreamKinds | undefined): StreamKit {
  return {
    isReadable: (value) => platform?.isReadable(value) === true,
    isWritable: (value) => platform?.isWritable(value) === true,
    assertSendable,
    send,
    receive,
  };
}

function assertSendable(session: StreamSession, cap: FoundCap): void {
  if (cap.type === "readable" || cap.type === "writable") {
    const platform = platformOf(session);
    const isReadable = cap.type === "readable";
    const ioType = isReadable ? "ReadableStreamSource>" : "Writable";
    const error = foreignUse(platform.ownerOf(cap.value), session.context, ioType);
    if (error !== undefined) throw error;
    if (platform.isLocked(cap.value)) {
      throw new TypeError(isReadable ? readableLocked : writableBackedLocked);
    }
  }
  if (cap.type === "signal" && !session.core.host.flags.abortSignalRpc) {
    throw dataCloneError(abortSignalDisabled);
  }
}

function receiveReadable(session: StreamSession, id: number, length: unknown): object {
  const promised = typeof length === "number" && length >= 0 ? length : -1;
  return new ReadableDrain(session, id, promised).stream;
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
function sendReadable(session: StreamSession, stream: object): unknown[] {
  const platform = platformOf(session);
  const length = platform.isDisturbed(stream) ? -1 : platform.lengthOf(stream);
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
