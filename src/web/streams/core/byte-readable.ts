/**
 * A byte stream made in JavaScript: the standard's ReadableByteStreamController and its stream in
 * one. Buffers that come in are taken away from whoever gave them.
 */
import { ByobRequest } from "./byob-request.ts";
import { NO_SOURCE, type SourceAlgorithms } from "./default-readable.ts";
import { isPlain, react, reactToStart, settling, soon } from "./promises.ts";
import { ByteQueue, type PullInto, viewOf } from "./pull-into.ts";
import { NOTHING, ReadableCore, type ReadIntoRequest, type ReadRequest } from "./readable.ts";
import { partialRead, wrongBuffer, zeroBytesWritten } from "./texts.ts";
import { isDetached, kindOf, transfer } from "./views.ts";

export class ByteReadable extends ReadableCore {
  readonly supportsByob = true;
  readonly #queue = new ByteQueue();
  #pulls: PullInto[] = [];
  #request: ByobRequest | undefined;
  readonly #highWaterMark: number;
  readonly #allocate: number;
  #source: SourceAlgorithms;
  #isStarted = false;
  #isPulling = false;
  #pullAgain = false;
  #closeRequested = false;

  /** `allocate`: bytes of the buffer that a default read brings, 0 for none. */
  constructor(source: SourceAlgorithms, highWaterMark: number, allocate: number) {
    super();
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.#allocate = allocate;
  }

  /** Calls the source's `start`. */
  begin(): this {
    if (this.#source.start === undefined) {
      soon(this.#started);
      return this;
    }
    try {
      reactToStart(this.#source.start(), this.#started, this.#failed);
    } catch (error) {
      this.error(error);
    }
    return this;
  }

  get desiredSize(): number | null {
    if (this.state === "errored") return null;
    return this.state === "closed" ? 0 : this.#highWaterMark - this.#queue.total;
  }

  get isOpen(): boolean {
    return !this.#closeRequested && this.state === "readable";
  }

  /** Reads are waiting to be filled. */
  get hasPulls(): boolean {
    return this.#pulls.length > 0;
  }

  get byobRequest(): ByobRequest | undefined {
    const first = this.#pulls[0];
    if (this.#request === undefined && first !== undefined) {
      const { buffer, byteOffset, byteLength, filled, minimum } = first;
      const view = new Uint8Array(buffer, byteOffset + filled, byteLength - filled);
      this.#request = new ByobRequest(this, view, Math.max(minimum - filled, 1));
    }
    return this.#request;
  }

  /** Only while `isOpen`. Takes the buffer away; throws if that cannot be. */
  enqueue(chunk: ArrayBufferView): void {
    const { byteOffset, byteLength } = chunk;
    const buffer = transfer(chunk.buffer);
    const first = this.#pulls[0];
    if (first !== undefined) {
      if (isDetached(first.buffer)) throw new TypeError("The buffer of the read is detached.");
      this.#invalidate();
      first.buffer = transfer(first.buffer);
      if (first.waiter === "none") this.#giveUp(first);
    }
    const reader = this.reader;
    if (reader === undefined) this.#queue.push(buffer, byteOffset, byteLength);
    else if (reader.isByob) {
      this.#queue.push(buffer, byteOffset, byteLength);
      for (const pull of this.#fillFromQueue()) this.#commit(pull);
    } else {
      this.#serveFromQueue();
      if (reader.requests.length === 0) this.#queue.push(buffer, byteOffset, byteLength);
      else {
        this.#pulls.shift();
        reader.requests.shift()?.chunk(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
    this.#pullIfNeeded();
  }

  /** Only while `isOpen`. A read that was half filled with an element fails, and this throws. */
  close(): void {
    if (this.#queue.total > 0) {
      this.#closeRequested = true;
      return;
    }
    const first = this.#pulls[0];
    if (first !== undefined && first.filled % first.elementSize !== 0) {
      const error = new TypeError(partialRead);
      this.error(error);
      throw error;
    }
    this.#source = NO_SOURCE;
    this.finish();
  }

  error(error: unknown): void {
    if (this.state !== "readable") return;
    this.#drop();
    this.#source = NO_SOURCE;
    this.fail(error);
  }

  take(): unknown {
    if (this.#queue.total === 0) return NOTHING;
    const chunk = this.#queue.shift();
    this.#queueDrained();
    return chunk;
  }

  wait(request: ReadRequest): void {
    if (this.#allocate > 0) {
      this.#pulls.push({
        buffer: new ArrayBuffer(this.#allocate),
        bufferLength: this.#allocate,
        byteOffset: 0,
        byteLength: this.#allocate,
        filled: 0,
        minimum: 1,
        elementSize: 1,
        make: Uint8Array,
        waiter: "default",
      });
    }
    this.reader?.requests.push(request);
    this.#pullIfNeeded();
  }

  override readInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    this.disturbed = true;
    if (this.state === "errored") {
      request.error(this.storedError);
      return;
    }
    const { make, elementSize } = kindOf(view);
    const { byteOffset, byteLength } = view;
    let pull: PullInto;
    try {
      const buffer = transfer(view.buffer);
      pull = {
        buffer,
        bufferLength: buffer.byteLength,
        byteOffset,
        byteLength,
        filled: 0,
        minimum: min * elementSize,
        elementSize,
        make,
        waiter: "byob",
      };
    } catch (error) {
      request.error(error);
      return;
    }
    if (this.#pulls.length > 0) {
      this.#pulls.push(pull);
      this.reader?.intoRequests.push(request);
      return;
    }
    if (this.state === "closed") {
      request.close(new make(pull.buffer, byteOffset, 0));
      return;
    }
    if (this.#queue.total > 0) {
      if (this.#queue.fill(pull)) {
        const filled = viewOf(pull);
        this.#queueDrained();
        request.chunk(filled);
        return;
      }
      if (this.#closeRequested) {
        const error = new TypeError(partialRead);
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.#pulls.push(pull);
    this.reader?.intoRequests.push(request);
    this.#pullIfNeeded();
  }

  cancelSource(reason: unknown): Promise<unknown> {
    this.#drop();
    const source = this.#source;
    this.#source = NO_SOURCE;
    return settling(() => source.cancel?.(reason));
  }

  releaseSource(): void {
    const first = this.#pulls[0];
    if (first === undefined) return;
    first.waiter = "none";
    this.#pulls = [first];
  }

  /** For a ByobRequest only. */
  respond(written: number): void {
    const first = this.#pulls[0];
    if (first === undefined) return;
    if (this.state === "closed") {
      if (written !== 0) throw new TypeError("The stream is closed: no bytes can be written.");
    } else {
      if (!(written > 0)) throw new TypeError(zeroBytesWritten);
      if (first.filled + written > first.byteLength) {
        throw new RangeError(`Too many bytes [${written}] in response to a BYOB read request.`);
      }
    }
    first.buffer = transfer(first.buffer);
    this.#responded(first, written);
  }

  /** For a ByobRequest only. */
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pulls[0];
    if (first === undefined) return;
    const { byteOffset, byteLength, buffer } = view;
    if (isDetached(buffer as ArrayBuffer)) throw new TypeError("The buffer is detached.");
    if (this.state === "closed") {
      if (byteLength !== 0) throw new TypeError("The stream is closed: no bytes can be written.");
    } else if (byteLength === 0) throw new TypeError(zeroBytesWritten);
    if (
      first.byteOffset + first.filled !== byteOffset ||
      first.bufferLength !== buffer.byteLength ||
      first.filled + byteLength > first.byteLength
    ) {
      throw new RangeError(wrongBuffer);
    }
    first.buffer = transfer(buffer);
    this.#responded(first, byteLength);
  }

  #responded(first: PullInto, written: number): void {
    this.#invalidate();
    if (this.state === "closed") this.#respondedClosed(first);
    else this.#respondedOpen(first, written);
    this.#pullIfNeeded();
  }

  #respondedClosed(first: PullInto): void {
    if (first.waiter === "none") this.#pulls.shift();
    const reader = this.reader;
    if (reader?.isByob !== true) return;
    for (const pull of this.#pulls.splice(0, reader.intoRequests.length)) this.#commit(pull);
  }

  #respondedOpen(first: PullInto, written: number): void {
    first.filled += written;
    if (first.waiter === "none") {
      this.#giveUp(first);
      for (const pull of this.#fillFromQueue()) this.#commit(pull);
      return;
    }
    if (first.filled < first.minimum) return;
    this.#pulls.shift();
    const rest = first.filled % first.elementSize;
    if (rest > 0) {
      this.#queue.pushCopy(first.buffer, first.byteOffset + first.filled - rest, rest);
      first.filled -= rest;
    }
    const others = this.#fillFromQueue();
    this.#commit(first);
    for (const pull of others) this.#commit(pull);
  }

  /** The bytes of a read whose reader was released are for the next. */
  #giveUp(pull: PullInto): void {
    if (pull.filled > 0) this.#queue.pushCopy(pull.buffer, pull.byteOffset, pull.filled);
    this.#pulls.shift();
  }

  /** Default reads that wait. */
  #serveFromQueue(): void {
    const requests = this.reader?.requests;
    while (requests !== undefined && requests.length > 0 && this.#queue.total > 0) {
      const request = requests.shift();
      const chunk = this.#queue.shift();
      this.#queueDrained();
      request?.chunk(chunk);
    }
  }

  /** BYOB reads that the queue can complete; they leave the list. */
  #fillFromQueue(): PullInto[] {
    const done: PullInto[] = [];
    for (;;) {
      const first = this.#pulls[0];
      if (first === undefined || this.#queue.total === 0 || !this.#queue.fill(first)) return done;
      this.#pulls.shift();
      done.push(first);
    }
  }

  #commit(pull: PullInto): void {
    const reader = this.reader;
    const view = viewOf(pull);
    if (pull.waiter === "default") reader?.requests.shift()?.chunk(view);
    else if (this.state === "closed") reader?.intoRequests.shift()?.close(view);
    else reader?.intoRequests.shift()?.chunk(view);
  }

  #queueDrained(): void {
    if (this.#queue.total > 0 || !this.#closeRequested) {
      this.#pullIfNeeded();
      return;
    }
    this.#source = NO_SOURCE;
    this.finish();
  }

  #drop(): void {
    this.#invalidate();
    this.#pulls = [];
    this.#queue.clear();
  }

  #invalidate(): void {
    if (this.#request === undefined) return;
    this.#request.stream = undefined;
    this.#request.view = null;
    this.#request = undefined;
  }

  readonly #started = (): void => {
    this.#isStarted = true;
    this.#pullIfNeeded();
  };

  readonly #pulled = (): void => {
    this.#isPulling = false;
    if (!this.#pullAgain) return;
    this.#pullAgain = false;
    this.#pullIfNeeded();
  };

  readonly #failed = (error: unknown): void => {
    this.error(error);
  };

  #pullIfNeeded(): void {
    if (this.#source.pull === undefined || !this.#shouldPull()) return;
    if (this.#isPulling) {
      this.#pullAgain = true;
      return;
    }
    this.#isPulling = true;
    let result: unknown;
    try {
      result = this.#source.pull();
    } catch (error) {
      soon(() => this.error(error));
      return;
    }
    if (!isPlain(result)) react(Promise.resolve(result), this.#pulled, this.#failed);
    else if (this.#pullAgain) soon(this.#pulled);
    // The standard says so a microtask later; nobody can tell, and it saves a promise a chunk.
    else this.#isPulling = false;
  }

  #shouldPull(): boolean {
    if (!this.isOpen || !this.#isStarted) return false;
    const reader = this.reader;
    if (reader !== undefined && reader.requests.length + reader.intoRequests.length > 0)
      return true;
    return this.#highWaterMark - this.#queue.total > 0;
  }
}
