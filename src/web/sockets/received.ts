/**
 * A Socket over RPC: its two streams travel (rpc/streams), the connection stays with the Worker that made it.
 * What the receiver's Socket stands on; socket.ts makes it of what value-types.ts decodes.
 */
import type { TcpTls } from "../../protocol/outbound.ts";
import { readableBrand, writableBrand } from "../streams/brands.ts";
import { Deferred, handled } from "../streams/core/promises.ts";
import type { ReadableStream } from "../streams/readable-stream.ts";
import type { WritableStream } from "../streams/writable-stream.ts";
import type { SocketInfo } from "./ends.ts";
import { socketClosed } from "./texts.ts";

export interface EncodedSocket {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  readonly info: SocketInfo;
  readonly secureTransport: TcpTls;
}

export class ReceivedEnds {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  readonly info: SocketInfo;
  /** Only sockets that are open travel. */
  readonly isOpen = true;
  readonly opened: Deferred<SocketInfo> = new Deferred();
  readonly closed: Deferred<void> = new Deferred();
  #isClosed = false;

  constructor({ readable, writable, info }: EncodedSocket) {
    this.readable = readable;
    this.writable = writable;
    this.info = info;
    this.opened.resolve(info);
    void handled(this.closed.promise);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whoever holds its streams locked notices too. The last word: the maker's connection ends with it. */
  close(): Promise<void> {
    if (this.#isClosed) return this.closed.promise;
    this.#isClosed = true;
    const writable = writableBrand.of(this.writable);
    const canEnd = writable?.state === "writable" && !writable.isClosing;
    const ended = canEnd ? writable.close() : Promise.resolve();
    const cancel = (): void => {
      const cancelled = readableBrand.of(this.readable)?.cancel(new TypeError(socketClosed));
      if (cancelled !== undefined) void handled(cancelled);
      this.closed.resolve();
    };
    void ended.then(cancel, cancel);
    return this.closed.promise;
  }
}
