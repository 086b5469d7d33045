/** What a stream's source gets: the controllers of ReadableStreams, and the BYOB request. */

import { defineInterface } from "../interfaces/define-interface.ts";
import { illegalConstructor, illegalInvocation, wrongParameter } from "./arguments.ts";
import { ByobRequest } from "./core/byob-request.ts";
import { ByteReadable } from "./core/byte-readable.ts";
import { DefaultReadable } from "./core/default-readable.ts";
import { readableClosed, unableToEnqueue, zeroLengthChunk } from "./core/texts.ts";

export class ReadableStreamDefaultController {
  readonly #core: DefaultReadable;

  constructor(core: DefaultReadable) {
    if (!(core instanceof DefaultReadable)) throw illegalConstructor();
    this.#core = core;
  }

  static #of(self: ReadableStreamDefaultController): DefaultReadable {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get desiredSize(): number | null {
    return ReadableStreamDefaultController.#of(this).desiredSize;
  }

  close(): void {
    const core = ReadableStreamDefaultController.#of(this);
    if (!core.isOpen) throw new TypeError(readableClosed);
    core.close();
  }

  enqueue(chunk?: unknown): void {
    const core = ReadableStreamDefaultController.#of(this);
    if (!core.isOpen) throw new TypeError(unableToEnqueue);
    core.enqueue(chunk);
  }

  error(reason?: unknown): void {
    ReadableStreamDefaultController.#of(this).error(reason);
  }
}
defineInterface(ReadableStreamDefaultController, "ReadableStreamDefaultController");

export class ReadableByteStreamController {
  readonly #core: ByteReadable;
  #request: ReadableStreamBYOBRequest | undefined;
  #requestCore: ByobRequest | undefined;

  constructor(core: ByteReadable) {
    if (!(core instanceof ByteReadable)) throw illegalConstructor();
    this.#core = core;
  }

  static #of(self: ReadableByteStreamController): ByteReadable {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    const request = ReadableByteStreamController.#of(this).byobRequest;
    if (request === undefined) return null;
    if (request !== this.#requestCore) {
      this.#requestCore = request;
      this.#request = new ReadableStreamBYOBRequest(request);
    }
    return this.#request ?? null;
  }

  get desiredSize(): number | null {
    return ReadableByteStreamController.#of(this).desiredSize;
  }

  close(): void {
    const core = ReadableByteStreamController.#of(this);
    if (!core.isOpen) throw new TypeError(readableClosed);
    core.close();
  }

  enqueue(chunk?: unknown): void {
    const core = ReadableByteStreamController.#of(this);
    const view = viewOf(chunk);
    if (view === undefined) {
      throw wrongParameter("enqueue", "ReadableByteStreamController", 1, "BufferSource");
    }
    if (view.byteLength === 0) throw new TypeError(zeroLengthChunk);
    if (!core.isOpen) throw new TypeError(unableToEnqueue);
    core.enqueue(view);
  }

  error(reason?: unknown): void {
    ReadableByteStreamController.#of(this).error(reason);
  }
}
defineInterface(ReadableByteStreamController, "ReadableByteStreamController");

export class ReadableStreamBYOBRequest {
  readonly #core: ByobRequest;

  constructor(core: ByobRequest) {
    if (!(core instanceof ByobRequest)) throw illegalConstructor();
    this.#core = core;
  }

  static #of(self: ReadableStreamBYOBRequest): ByobRequest {
    if (typeof self !== "object" || self === null || !(#core in self)) throw illegalInvocation();
    return self.#core;
  }

  get view(): Uint8Array | null {
    return ReadableStreamBYOBRequest.#of(this).view;
  }

  respond(bytesWritten?: unknown): void {
    const core = ReadableStreamBYOBRequest.#of(this);
    core.respond(Math.trunc(Number(bytesWritten)));
  }

  respondWithNewView(view?: unknown): void {
    const core = ReadableStreamBYOBRequest.#of(this);
    const given = viewOf(view);
    if (given === undefined) {
      throw wrongParameter("respondWithNewView", "ReadableStreamBYOBRequest", 1, "BufferSource");
    }
    core.respondWithNewView(given);
  }

  get atLeast(): number | null {
    const core = ReadableStreamBYOBRequest.#of(this);
    return core.view === null ? null : core.atLeast;
  }
}
defineInterface(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");

/** Undefined if it is neither a view nor a buffer. */
function viewOf(value: unknown): ArrayBufferView | undefined {
  if (ArrayBuffer.isView(value)) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}
