/**
 * Carries one request body from the socket to the thread. Small bodies of a known length that are complete
 * before the batch leaves travel inside the request message; the rest is streamed, with the socket paused
 * while the Worker owes credit. Made by exchange.ts when a request with a body is dispatched, not
 * before: until then the body stays on the socket.
 */
import type { IncomingMessage } from "node:http";
import { BODY_STREAM, STREAM_CHUNK, STREAM_WINDOW, ToWorker } from "../protocol/http.ts";
import { moveBytes } from "../protocol/moved-bytes.ts";
import { concatBytes } from "../util/bytes.ts";
import type { ThreadPort } from "./thread-port.ts";

const INLINE_LIMIT: number = 64 * 1024;
/** Indices of headers and body in the request message. */
const HEADERS = 4;
const BODY = 5;
/** A chunked body has no length in the Worker either: R2 does not take it, whatever its size. */
const HAS_LENGTH = /(?:^|\n)content-length\n/i;

export class RequestBody {
  readonly #request: IncomingMessage;
  readonly #channel: ThreadPort;
  readonly #id: number;
  /** The queued request message and the bytes so far; undefined once sealed. */
  #head: { readonly message: unknown[]; readonly chunks: Uint8Array[]; size: number } | undefined;
  #isEnded = false;
  #isClosed = false;
  /** Bytes sent for which the Worker has not given credit. */
  #owed = 0;

  /** `message` is the request message, already queued on `channel`. */
  constructor(request: IncomingMessage, channel: ThreadPort, id: number, message: unknown[]) {
    this.#request = request;
    this.#channel = channel;
    this.#id = id;
    this.#head = { message, chunks: [], size: 0 };
    channel.sealLater(this);
    request.on("data", (chunk: Buffer) => this.#onData(chunk));
    request.on("end", () => this.#onEnd());
  }

  /** The batch with the request message leaves now: decide how the body travels. */
  seal(moves: ArrayBuffer[]): void {
    const head = this.#head;
    if (head === undefined || this.#isClosed) return;
    this.#head = undefined;
    const isShort = this.#isEnded && head.size <= INLINE_LIMIT;
    if (isShort && HAS_LENGTH.test(String(head.message[HEADERS]))) {
      const { chunks, size } = head;
      const body = chunks.length === 1 ? chunks[0] : concatBytes(chunks, size);
      head.message[BODY] = body;
      moveBytes(body, moves);
      return;
    }
    head.message[BODY] = BODY_STREAM;
    for (const chunk of head.chunks) this.#send(chunk);
    if (this.#isEnded) this.#channel.send([ToWorker.bodyEnd, this.#id]);
  }

  /** The Worker took that many bytes. */
  onCredit(bytes: number): void {
    this.#owed -= bytes;
    if (this.#isClosed || this.#isEnded) return;
    if (this.#request.isPaused() && STREAM_WINDOW - this.#owed >= STREAM_CHUNK) {
      this.#request.resume();
    }
  }

  /** Nothing more is sent; what still arrives is read and dropped, so the connection stays usable. */
  discard(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#request.removeAllListeners("data");
    this.#request.resume();
  }

  #onData(chunk: Buffer): void {
    const head = this.#head;
    if (head !== undefined) {
      head.chunks.push(ownBytes(chunk));
      head.size += chunk.byteLength;
      // More cannot travel inline and not all of it may be in flight at once.
      if (head.size > INLINE_LIMIT) this.#request.pause();
      return;
    }
    this.#send(ownBytes(chunk));
  }

  #onEnd(): void {
    this.#isEnded = true;
    if (this.#head === undefined && !this.#isClosed) {
      this.#channel.send([ToWorker.bodyEnd, this.#id]);
    }
  }

  #send(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.byteLength; from += STREAM_CHUNK) {
      const piece =
        bytes.byteLength <= STREAM_CHUNK ? bytes : bytes.slice(from, from + STREAM_CHUNK);
      this.#owed += piece.byteLength;
      this.#channel.sendBytes([ToWorker.bodyChunk, this.#id, piece], piece);
    }
    if (this.#isClosed || this.#isEnded) return;
    if (STREAM_WINDOW - this.#owed < STREAM_CHUNK) this.#request.pause();
    else if (this.#request.isPaused()) this.#request.resume();
  }
}

/**
 * For one of drover's own paths. Beyond `limit` bytes the rest is dropped, and what is given is longer than
 * that. "broken": the client went away.
 */
export async function readWholeBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | "broken"> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (size <= limit) chunks.push(chunk);
      size += chunk.byteLength;
    }
  } catch {
    return "broken";
  }
  return Buffer.concat(chunks);
}

/** Structured clone copies a view's whole ArrayBuffer: cut views of larger ones out of them. */
function ownBytes(chunk: Buffer): Uint8Array {
  return chunk.byteLength === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
}
