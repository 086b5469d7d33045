/**
 * The two streams of a socket and its promises, over a TcpCall: what production does at each end of
 * input, failure and close (spec/platform.md 13). The streams are byte streams of the runtime. Made by
 * socket.ts; `startTls` makes new ones for the same connection.
 */
import type { Invocation } from "../../isolate/invocation.ts";
import type { NetworkFailure } from "../../protocol/outbound.ts";
import { NativeReadable } from "../streams/core/native-readable.ts";
import { NativeWritable } from "../streams/core/native-writable.ts";
import { Deferred, handled } from "../streams/core/promises.ts";
import { Reader, type ReadIntoRequest, type ReadRequest } from "../streams/core/readable.ts";
import { writableClosed } from "../streams/core/texts.ts";
import { Writer } from "../streams/core/writable.ts";
import {
  cannotConnect,
  connectionLost,
  readableClosing,
  socketClosed,
  streamCancelled,
  useFetch,
  writableClosing,
} from "./texts.ts";
import type { TcpCall, TcpEvents } from "./transport.ts";

export interface SocketInfo {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

export interface EndsOptions {
  readonly invocation: Invocation;
  readonly info: SocketInfo;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number | undefined;
  /** Ports 80 and 443 get a hint. */
  readonly port: number;
  /** It waits for the handshake of `startTls`. */
  readonly isUpgrade: boolean;
}

class SocketReadable extends NativeReadable {
  isClosing = false;
  isCancelled = false;
  onSeen: () => void = () => {};

  override read(request: ReadRequest): void {
    if (this.isClosing) request.error(new TypeError(readableClosing));
    else super.read(request);
  }

  override readInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    if (this.isClosing) request.error(new TypeError(readableClosing));
    else super.readInto(view, min, request);
  }

  override cancel(reason: unknown): Promise<unknown> {
    this.isCancelled = true;
    return super.cancel(reason);
  }

  override finish(): void {
    super.finish();
    if (!this.isCancelled && !this.isClosing) this.onSeen();
  }
}

class SocketWritable extends NativeWritable {
  /** What writing fails with now. */
  refusal: string | undefined;
  /** It was closed because the peer had ended: closing it once more is no error, as in production. */
  isEndedByPeer = false;

  override write(chunk: unknown): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(new TypeError(this.refusal));
    return super.write(chunk);
  }

  override close(): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(new TypeError(this.refusal));
    if (this.isEndedByPeer) return Promise.resolve();
    return super.close();
  }
}

export class SocketEnds implements TcpEvents {
  readonly readable: SocketReadable;
  readonly writable: SocketWritable;
  readonly opened: Deferred<SocketInfo> = new Deferred();
  readonly closed: Deferred<void> = new Deferred();
  readonly #options: EndsOptions;
  /** Its streams are another Worker's. */
  isLent = false;
  #call: TcpCall | undefined;
  #isOpen = false;
  #isOver = false;
  #peerEnded = false;
  /** The first write is done when there is a connection. */
  #waitsForOpen = false;
  #closing: Deferred<void> | undefined;
  /** Of the invocation, by what waits. */
  readonly #holds: Map<"open" | "read" | "write" | "close", () => void> = new Map();

  constructor(options: EndsOptions) {
    this.#options = options;
    void handled(this.opened.promise);
    void handled(this.closed.promise);
    this.readable = new SocketReadable({
      pull: () => this.#onPull(),
      taken: (bytes) => this.#call?.taken(bytes),
      cancel: () => {
        this.#release("read");
        // The last word of whoever got the socket (received.ts).
        const isEnded = this.writable.state !== "writable" || this.writable.isClosing;
        if (this.isLent && isEnded) void this.close();
      },
    });
    this.readable.owner = options.invocation;
    this.readable.onSeen = () => this.#onReadToEnd();
    const { highWaterMark } = options;
    this.writable = new SocketWritable(
      {
        write: (bytes, isOwn) => this.#onWrite(bytes, isOwn),
        close: () => {
          this.#call?.end();
          return true;
        },
        abort: () => {},
      },
      highWaterMark === undefined ? {} : { highWaterMark },
    );
    this.writable.owner = options.invocation;
  }

  /** Its connection: once, before anything else happens. */
  start(call: TcpCall): void {
    this.#call = call;
    this.#hold("open");
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What `opened` gives. */
  get info(): SocketInfo {
    return this.#options.info;
  }

  get isClosed(): boolean {
    return this.#isOver || this.#closing !== undefined;
  }

  /**
   * Settles when what was written is flushed and the connection ended. Called again it says what `closed`
   * does: it rejects for a connection that there never was.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) return handled(this.closed.promise.then());
    const closing = new Deferred<void>();
    this.#closing = closing;
    const { readable, writable } = this;
    readable.reader?.failRequests(new TypeError(socketClosed));
    readable.isClosing = true;
    if (readable.state === "readable") readable.finish();
    writable.refusal ??= writableClosing;
    if (this.#isOver) this.#finishClosing();
    else {
      this.#hold("close");
      const drained = writable.drained();
      if (drained === undefined) this.#call?.close();
      else void drained.then(() => this.#call?.close());
    }
    return closing.promise;
  }

  /** Hands the connection over to `next`, which waits for the handshake. */
  upgrade(next: SocketEnds, serverName: string | undefined): void {
    const { readable, writable } = this;
    this.#isOver = true;
    const call = this.#call as TcpCall;
    readable.reader?.failRequests(new TypeError(socketClosed));
    if (!readable.isLocked) new Reader(readable, false);
    if (!writable.isLocked) new Writer(writable);
    readable.isClosing = true;
    next.start(call);
    const handOver = (): void => {
      call.listen(next);
      call.startTls(serverName);
      this.#releaseAll();
      this.opened.resolve(this.info);
      this.closed.resolve();
    };
    const drained = writable.drained();
    if (drained === undefined) handOver();
    else void drained.then(handOver);
  }

  onOpen(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#release("open");
    if (this.#waitsForOpen) this.onDrain();
    this.opened.resolve(this.info);
  }

  onData(bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (this.readable.isOpen) {
      this.readable.push(bytes);
      this.#release("read");
    }
    // Nobody wants it: the end must still be found.
    else this.#call?.taken(byteLength);
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.readable.isWaitedFor) this.readable.end();
    this.#release("read");
  }

  onDrain(): void {
    this.#release("write");
    this.writable.written();
  }

  onSecure(): void {
    this.onOpen();
  }

  onClosed(failure: NetworkFailure | null): void {
    this.#isOver = true;
    this.#releaseAll();
    if (!this.#isOpen) this.#failToOpen(failure);
    else if (this.#closing === undefined && failure !== null) this.#loseConnection();
    else if (this.#closing === undefined) {
      // `closed` comes when the reader has seen the end.
      this.onEnd();
      return;
    }
    this.closed.resolve();
    this.#finishClosing();
  }

  /** In production's order: clients of databases decide by what they hear first. */
  #failToOpen(failure: NetworkFailure | null): void {
    const error = this.#openError(failure);
    this.closed.reject(error);
    this.opened.reject(error);
    const { readable, writable } = this;
    const reads = readable.reader?.takeRequests() ?? [];
    if (!readable.isClosing) {
      readable.isCancelled = true;
      readable.end();
    }
    writable.error(new Error(`jsg.Error: ${error.message}`));
    for (const read of reads) read.error(new Error(streamCancelled));
  }

  #openError(failure: NetworkFailure | null): Error {
    const { isUpgrade, port } = this.#options;
    // Production says no more than the first half; a developer wants to know why.
    if (isUpgrade)
      return new Error(`internal error (${failure?.message ?? "the connection ended"})`);
    return new Error(port === 80 || port === 443 ? `${cannotConnect}${useFetch}` : cannotConnect);
  }

  #loseConnection(): void {
    const lost = (): Error => Object.assign(new Error(connectionLost), { retryable: true });
    this.readable.isCancelled = true;
    this.readable.errorAfterwards(lost());
    this.writable.error(lost());
  }

  #finishClosing(): void {
    if (this.#closing === undefined) return;
    const { writable } = this;
    writable.refusal = writableClosed;
    if (writable.state === "writable") writable.error(new TypeError(socketClosed));
    this.#closing.resolve();
  }

  /** The reader has seen the end of what the peer sends. */
  #onReadToEnd(): void {
    if (this.#options.allowHalfOpen || this.#closing !== undefined) return;
    const { writable } = this;
    const end = (): void => {
      if (writable.state === "writable" && !writable.isClosing) {
        void handled(writable.close());
        writable.isEndedByPeer = true;
      }
      this.#call?.close();
      this.closed.resolve();
    };
    const drained = writable.drained();
    if (drained === undefined) end();
    else void drained.then(end);
  }

  #onPull(): void {
    if (this.#peerEnded) this.readable.end();
    else this.#hold("read");
  }

  #onWrite(bytes: Uint8Array, isOwn: boolean): boolean {
    const isWhole = isOwn && bytes.byteLength === bytes.buffer.byteLength;
    const own = isWhole ? bytes : bytes.slice();
    const gate = this.#options.invocation.gates?.output?.();
    if (gate !== undefined) {
      gate.then(
        () => {
          if (this.#call?.write(own) === true) this.writable.written();
        },
        (error: unknown) => this.writable.error(error),
      );
      return false;
    }
    const hasRoom = this.#call?.write(own) === true;
    this.#waitsForOpen = !this.#isOpen && hasRoom;
    if (hasRoom && this.#isOpen) return true;
    this.#hold("write");
    return false;
  }

  #hold(what: "open" | "read" | "write" | "close"): void {
    if (this.#holds.has(what) || this.#isOver) return;
    this.#holds.set(what, this.#options.invocation.hold());
  }

  #release(what: "open" | "read" | "write" | "close"): void {
    const release = this.#holds.get(what);
    this.#holds.delete(what);
    release?.();
  }

  #releaseAll(): void {
    for (const what of [...this.#holds.keys()]) this.#release(what);
  }
}
