/**
 * Unix sockets and named pipes between the threads of two processes, on bare handles
 * (pipe-binding.ts says why). Runs in a Worker's thread.
 */
import { getSystemErrorMap } from "node:util";
import { hidden } from "../../util/hidden.ts";
import type { ByteSocket, ByteSocketEvents } from "./byte-socket.ts";
import {
  bytesOrError,
  connectRequest,
  lastWriteWaits,
  newServerHandle,
  newSocketHandle,
  type PipeHandle,
  shutdownRequest,
  writeRequest,
} from "./pipe-binding.ts";

const EOF = -4095;
const BACKLOG = 511;
const READ_BYTES = 64 * 1024;
const errorNames = getSystemErrorMap();

/**
 * What all sockets of this thread read into, one after the other. A buffer for each read, which is
 * Node's way, costs more than a small call.
 */
let readBuffer: Buffer | undefined;

/** The other end closed with bytes of ours unread; its own were all read before. */
function isReset(number: number): boolean {
  return errorNames.get(number)?.[0] === "ECONNRESET";
}

/** In Node's words. */
function systemError(call: string, number: number, path?: string): Error {
  const [code, text] = errorNames.get(number) ?? [`error ${number}`, "unknown error"];
  const where = path === undefined ? "" : ` ${path}`;
  const details = call === "listen" ? `: ${text}` : "";
  return Object.assign(new Error(`${call} ${code}${details}${where}`), { code, syscall: call });
}

/** Calls back with the connection or an Error. */
export function connectPipe(path: string, done: (outcome: ByteSocket | Error) => void): void {
  const handle = newSocketHandle();
  const fail = (number: number): void => {
    handle.close(ignore);
    done(systemError("connect", number, path));
  };
  const request = connectRequest((status) => {
    if (status === 0) done(new PipeSocket(handle));
    else fail(status);
  });
  const failed = handle.connect(request, path);
  if (typeof failed === "number" && failed !== 0) setImmediate(fail, failed);
}

export interface PipeServer {
  /** Takes no more connections; those that there are go on. */
  close(): void;
}

/** Throws if it cannot listen there. */
export function listenPipe(path: string, onConnection: (socket: ByteSocket) => void): PipeServer {
  const handle = newServerHandle((status, client) => {
    if (status === 0 && client !== undefined) onConnection(new PipeSocket(client));
  });
  const failed = handle.bind(path) || handle.listen(BACKLOG);
  if (failed !== 0) {
    handle.close(ignore);
    throw systemError("listen", failed, path);
  }
  let isOpen = true;
  return {
    close() {
      if (isOpen) handle.close(ignore);
      isOpen = false;
    },
  };
}

class PipeSocket implements ByteSocket {
  bytesRead = 0;
  bufferedBytes = 0;
  readonly #handle: PipeHandle;
  #events: ByteSocketEvents | undefined;
  #error: Error | undefined;
  #isEnding = false;
  #isClosed = false;
  #isGone = false;
  readonly #onSent: (() => void)[] = [];

  constructor(handle: PipeHandle) {
    this.#handle = handle;
    handle.onread = hidden(() => this.#onRead());
    readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    handle.useUserBuffer(readBuffer);
  }

  start(events: ByteSocketEvents): void {
    this.#events = events;
    if (this.#isGone) setImmediate(() => events.close(this.#error));
    if (this.#isClosed) return;
    const failed = this.#handle.readStart();
    if (failed !== 0) this.#fail("read", failed);
  }

  write(chunks: Uint8Array[]): void {
    if (this.#isClosed || this.#isEnding) return;
    let size = 0;
    for (const chunk of chunks) size += chunk.byteLength;
    const request = writeRequest((status) => {
      this.bufferedBytes -= size;
      this.#onWritten(status);
      if (this.bufferedBytes === 0) this.#tellSent();
    }, chunks);
    const [only] = chunks;
    const failed =
      chunks.length === 1 && only !== undefined
        ? this.#handle.writeBuffer(request, only)
        : this.#handle.writev(request, chunks, true);
    this.#onWritten(failed);
    if (failed === 0 && lastWriteWaits()) this.bufferedBytes += size;
  }

  whenSent(done: () => void): void {
    this.#onSent.push(done);
    if (this.bufferedBytes === 0 || this.#isGone) setImmediate(() => this.#tellSent());
  }

  #tellSent(): void {
    for (const done of this.#onSent.splice(0)) done();
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    const failed = this.#handle.shutdown(shutdownRequest(() => this.destroy()));
    if (failed !== 0) this.destroy();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handle.close(
      hidden(() => {
        this.#isGone = true;
        this.#tellSent();
        this.#events?.close(this.#error);
      }),
    );
  }

  #onRead(): undefined {
    const size = bytesOrError();
    if (size > 0 && readBuffer !== undefined) {
      this.bytesRead += size;
      this.#events?.data(readBuffer.subarray(0, size));
    } else if (size === EOF || isReset(size)) this.#events?.end();
    else if (size < 0) this.#fail("read", size);
  }

  #onWritten(status: number): void {
    // Nobody reads there any more: what the other end sent before is read yet, and then its end.
    if (status !== 0 && errorNames.get(status)?.[0] !== "EPIPE") this.#fail("write", status);
  }

  #fail(call: string, number: number): void {
    this.#error ??= systemError(call, number);
    this.destroy();
  }
}

const ignore: () => void = hidden(() => {});
