/**
 * A WebSocket in the answer to a `fetch` over a service binding: the callee's end travels as two
 * byte streams, so that order, credit and the end of a lost session are those of streams
 * (rpc/streams). Each message is a frame of its own: kind, length (4 bytes), payload. The last
 * frame of a direction is its Close; then the stream ends. Used by value-types.ts.
 */

import { currentInvocation } from "../../isolate/invocation.ts";
import { openByteStream, readStream, writeStream } from "../streams/byte-streams.ts";
import { NativeWritable } from "../streams/core/native-writable.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import { WritableStream } from "../streams/writable-stream.ts";
import { KeptSocket } from "./kept-socket.ts";
import { NO_CLOSE_FRAME } from "./sink.ts";
import {
  carryWebSocket,
  createCarriedWebSocket,
  type WebSocket,
  type WebSocketData,
  type WebSocketSink,
} from "./websocket.ts";

export interface EncodedWebSocket {
  readonly fromCallee: ReadableStream;
  readonly toCallee: WritableStream;
}

const TEXT = 0;
const BINARY = 1;
const CLOSE = 2;
const HEAD_BYTES = 5;
/** Small messages that wait leave as one chunk. */
const CHUNK_BYTES: number = 64 * 1024;
const LOST = 1006;

/** Takes the callee's end over. Throws TypeError for an end that was accepted. */
export function encodeWebSocket(end: WebSocket): EncodedWebSocket {
  const queue = new FrameQueue();
  const deliver = endingOnce(carryWebSocket(end, queue));
  const parser = new FrameParser(deliver);
  const lost = (): void => {
    queue.drop();
    deliver.close(LOST, NO_CLOSE_FRAME);
  };
  const { stream, feed } = openByteStream(
    {
      pull: () => {
        void queue.take().then((chunk) => {
          if (chunk === undefined) feed.end();
          else feed.push(chunk);
        });
      },
      cancel: lost,
    },
    -1,
  );
  const sink = new NativeWritable({
    write: (bytes, isOwn) => {
      parser.push(isOwn ? bytes : bytes.slice());
      return true;
    },
    close: () => {
      deliver.close(LOST, NO_CLOSE_FRAME);
      return true;
    },
    abort: lost,
  });
  return { fromCallee: stream, toCallee: new WritableStream(sink) };
}

/** The caller's end: accepted by the Worker, or handed on by it. */
export function decodeWebSocket({ fromCallee, toCallee }: EncodedWebSocket): WebSocket {
  const queue = new FrameQueue();
  const invocation = currentInvocation();
  const kept = new KeptSocket(invocation);
  const { socket, deliver } = createCarriedWebSocket({
    accepted: () => kept.begin(),
    message: (data) => queue.message(data),
    close: (code, reason) => {
      queue.close(code, reason);
      // The end of the invocation would overtake it.
      invocation?.waitUntil(sent);
    },
  });
  const sink = endingOnce({
    message: (data) => deliver.message(data),
    close: (code, reason) => {
      deliver.close(code, reason);
      kept.end();
    },
  });
  void receive(fromCallee, sink).finally(() => {
    // Without Close: the session is lost.
    sink.close(LOST, NO_CLOSE_FRAME);
  });
  const sent = transmit(queue, toCallee);
  return socket;
}

/** Never rejects. */
async function receive(stream: ReadableStream, sink: WebSocketSink): Promise<void> {
  const parser = new FrameParser(sink);
  const reading = readStream(stream);
  try {
    while (reading.take() || (await reading.wait())) parser.push(reading.value as Uint8Array);
  } catch {
    // The caller of this tells the Worker.
  }
}

/** Never rejects. */
async function transmit(queue: FrameQueue, stream: WritableStream): Promise<void> {
  const writing = writeStream(stream);
  try {
    for (;;) {
      const chunk = await queue.take();
      if (chunk === undefined) {
        if (queue.isBroken) await writing.abort(undefined);
        else await writing.close();
        return;
      }
      await writing.write(chunk);
    }
  } catch {
    // Nobody is there to take it; the other direction tells the Worker.
    queue.drop();
  }
}

/** Whatever comes after the first close is not told. */
function endingOnce(sink: WebSocketSink): WebSocketSink {
  let isOver = false;
  return {
    message: (data) => {
      if (!isOver) sink.message(data);
    },
    close: (code, reason) => {
      if (isOver) return;
      isOver = true;
      sink.close(code, reason);
    },
  };
}

/** Frames of messages on their way out: what was not taken yet waits in the sender's memory. */
class FrameQueue implements WebSocketSink {
  /** The connection is to be cut instead of closed. */
  isBroken = false;
  #frames: Uint8Array[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  message(data: WebSocketData): void {
    if (this.#isEnded) return;
    this.#add(
      typeof data === "string" ? frame(TEXT, new TextEncoder().encode(data)) : frame(BINARY, data),
    );
  }

  close(code: number, reason: string): void {
    if (this.#isEnded) return;
    if (code === LOST) {
      this.isBroken = true;
      this.#frames = [];
    } else {
      const text = new TextEncoder().encode(reason);
      const payload = new Uint8Array(2 + text.length);
      new DataView(payload.buffer).setUint16(0, code);
      payload.set(text, 2);
      this.#add(frame(CLOSE, payload));
    }
    this.#end();
  }

  /** Nobody will take what waits. */
  drop(): void {
    this.#frames = [];
    this.#end();
  }

  /** The next chunk; undefined at the end. One taker at a time. */
  async take(): Promise<Uint8Array | undefined> {
    while (this.#frames.length === 0) {
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    let count = 0;
    let length = 0;
    for (const { byteLength } of this.#frames) {
      if (count > 0 && length + byteLength > CHUNK_BYTES) break;
      count += 1;
      length += byteLength;
    }
    return joined(this.#frames.splice(0, count), length);
  }

  #add(bytes: Uint8Array): void {
    this.#frames.push(bytes);
    this.#resume();
  }

  #end(): void {
    this.#isEnded = true;
    this.#resume();
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** Bytes in, messages out. */
class FrameParser {
  readonly #sink: WebSocketSink;
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** What is missing to go on: a head, or a head with its payload. */
  #wanted = HEAD_BYTES;

  constructor(sink: WebSocketSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    if (this.#length < this.#wanted) return;
    const bytes = joined(this.#chunks, this.#length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    this.#wanted = HEAD_BYTES;
    while (bytes.byteLength - at >= HEAD_BYTES) {
      const end = at + HEAD_BYTES + view.getUint32(at + 1);
      if (end > bytes.byteLength) {
        this.#wanted = end - at;
        break;
      }
      this.#deliver(bytes[at] as number, bytes.subarray(at + HEAD_BYTES, end));
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#chunks = [rest];
    this.#length = rest.byteLength;
  }

  #deliver(kind: number, payload: Uint8Array): void {
    if (kind === TEXT) this.#sink.message(new TextDecoder("utf-8", KEEP_BOM).decode(payload));
    else if (kind === BINARY) this.#sink.message(payload.slice());
    else {
      const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
      this.#sink.close(code, new TextDecoder("utf-8", KEEP_BOM).decode(payload.subarray(2)));
    }
  }
}

const KEEP_BOM: { readonly ignoreBOM: boolean } = { ignoreBOM: true };

function frame(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.byteLength);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, payload.byteLength);
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
