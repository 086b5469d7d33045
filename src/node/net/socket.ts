/**
 * `net.Socket` (spec/node.md 8.3): a Duplex of Node's own streams over a Wire. It inherits from
 * nothing that leads to the machine, and what does (the wire) is private.
 */
import { Duplex } from "node:stream";
import type { NetworkFailure, TcpTls } from "../../protocol/outbound.ts";
import { nodeError, received } from "../errors.ts";
import {
  assertSocketOptions,
  type ConnectOptions,
  type Listener,
  normalizeArgs,
  placeOf,
} from "./arguments.ts";
import { brokenError, connectError } from "./errors.ts";
import { Wire, type WireListener, type WireTarget } from "./wire.ts";

type Done = (error?: Error | null) => void;

/** What production shows as a Worker's own end. */
const LOCAL_ADDRESS = "240.1.0.1";
const FIRST_LOCAL_PORT = 49_152;
const LOCAL_PORTS = 16_384;
let localPorts = 0;

interface OnRead {
  readonly buffer: Uint8Array | (() => Uint8Array);
  readonly callback: (bytes: number, buffer: Uint8Array) => unknown;
}

/** The wire of a socket, once: it is another's afterwards. Set by the class. */
export let takeWire: (socket: object) => Wire | undefined;

export class Socket extends Duplex implements WireListener {
  connecting = false;
  bytesRead = 0;
  timeout: number | undefined;
  server: unknown = null;
  autoSelectFamilyAttemptedAddresses: string[] = [];
  readonly _pendingData = null;
  readonly _pendingEncoding = "";
  #wire: Wire | undefined;
  #isOpen = false;
  #written = 0;
  /** Of the reader: bytes that it has not made room for. */
  #owed = 0;
  #remote: { readonly host: string; readonly port: number } | undefined;
  #local: { readonly address: string; readonly port: number } | undefined;
  #waiting: Done | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onRead: OnRead | undefined;

  constructor(options: ConnectOptions | number = {}) {
    const given = typeof options === "object" && options !== null ? options : {};
    assertSocketOptions(given);
    const { allowHalfOpen = false, signal } = given;
    super({
      allowHalfOpen: Boolean(allowHalfOpen),
      emitClose: false,
      autoDestroy: true,
      decodeStrings: true,
      ...pick(given, "highWaterMark", "readableHighWaterMark", "writableHighWaterMark"),
    });
    this.#onRead = onReadOf(given.onread);
    if (signal !== undefined && signal !== null) this.#follow(signal as AbortSignal);
  }

  static {
    takeWire = (socket) => {
      if (!(#wire in socket)) return undefined;
      const wire = socket.#wire;
      socket.#wire = undefined;
      return wire;
    };
  }

  connect(...args: unknown[]): this {
    const [options, callback] = Array.isArray(args[0])
      ? normalizeArgs(args[0])
      : normalizeArgs(args);
    const place = placeOf(options);
    if (callback !== null) this.once("connect", callback);
    if (options.timeout !== undefined) this.setTimeout(Number(options.timeout));
    this.connecting = true;
    this.#remote = place;
    const address = typeof options.localAddress === "string" ? options.localAddress : LOCAL_ADDRESS;
    this.#local = { address, port: nextLocalPort() };
    this.emit("connectionAttempt", place.host, place.port, familyOf(place.host));
    this.autoSelectFamilyAttemptedAddresses = [`${place.host}:${place.port}`];
    try {
      this.adopt({ ...place, tls: this.transport() });
    } catch (error) {
      // At module scope.
      this.destroy(error as Error);
    }
    return this;
  }

  /** Opens the wire; a subclass takes one that is there. */
  protected adopt(target: WireTarget): void {
    this.#wire = new Wire(target, this);
  }

  /** For a subclass: from here on `wire` is this socket's, which hears of it. */
  protected carry(wire: Wire): void {
    this.#wire = wire;
    this.#remote = wire.target;
    this.#local ??= { address: LOCAL_ADDRESS, port: nextLocalPort() };
    this.connecting = true;
  }

  /** A connection that somebody accepted: it is open already. */
  protected accept(wire: Wire, local: { readonly address: string; readonly port: number }): void {
    this.carry(wire);
    this.#local = local;
    this.connecting = false;
    this.#isOpen = true;
  }

  protected transport(): TcpTls {
    return "starttls";
  }

  /** What the listeners of an open connection hear, in production's order. */
  protected announce(): void {
    this.emit("connect");
    this.emit("ready");
  }

  onOpen(): void {
    if (this.destroyed || this.#isOpen) return;
    this.connecting = false;
    this.#isOpen = true;
    this.#touch();
    this.announce();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
    if (!this.isPaused() && this.readableFlowing !== false) this.read(0);
  }

  onSecure(): void {}

  onData(bytes: Uint8Array): void {
    const { byteLength } = bytes;
    this.bytesRead += byteLength;
    this.#touch();
    if (this.destroyed) return;
    if (this.#onRead !== undefined) {
      this.#wire?.taken(byteLength);
      this.#giveTo(this.#onRead, bytes);
      return;
    }
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, byteLength);
    if (this.push(chunk)) this.#wire?.taken(byteLength);
    else this.#owed += byteLength;
  }

  onEnd(): void {
    if (this.destroyed) return;
    this.push(null);
    // Nobody may be reading: the end has no bytes to wait for.
    if (this.readableLength === 0) this.read(0);
  }

  onDrain(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  onClosed(failure: NetworkFailure | null): void {
    if (!this.#isOpen) this.#failToOpen(failure);
    else if (failure !== null) this.destroy(brokenError(failure));
    else if (!this.readableEnded) this.onEnd();
    this.#wire = undefined;
  }

  #failToOpen(failure: NetworkFailure | null): void {
    const error = connectError(failure, this.#remote ?? { host: "", port: 0 });
    if ("syscall" in error && error.syscall === "getaddrinfo") {
      this.emit("lookup", error, undefined, undefined, this.#remote?.host);
    }
    this.destroy(error);
  }

  override _read(): void {
    const owed = this.#owed;
    this.#owed = 0;
    if (owed > 0) this.#wire?.taken(owed);
  }

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, done: Done): void {
    if (this.connecting) {
      this.#waiting = () => this._write(chunk, encoding, done);
      return;
    }
    const wire = this.#wire;
    if (wire === undefined || this.destroyed) {
      done(nodeError(Error, "ERR_SOCKET_CLOSED", "Socket is closed"));
      return;
    }
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    this.#written += bytes.byteLength;
    this.#touch();
    // The memory of Buffers is shared: what leaves is a copy.
    if (wire.write(new Uint8Array(bytes))) done();
    else this.#waiting = done;
  }

  override _writev(chunks: { chunk: Uint8Array; encoding: BufferEncoding }[], done: Done): void {
    const parts = chunks.map(({ chunk, encoding }) =>
      typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk,
    );
    this._write(Buffer.concat(parts), "utf8", done);
  }

  override _final(done: Done): void {
    if (this.connecting) {
      this.#waiting = () => this._final(done);
      return;
    }
    this.#wire?.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.connecting = false;
    this.#clearTimer();
    const wire = this.#wire;
    this.#wire = undefined;
    if (error === null && this.writableFinished) wire?.close();
    else wire?.abort();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#isOpen) waiting?.(error);
    done(error);
    process.nextTick(() => this.emit("close", error !== null));
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  resetAndDestroy(): this {
    this.destroy();
    return this;
  }

  setTimeout(ms: number, callback?: Listener): this {
    if (typeof ms !== "number") {
      const message = `The "msecs" argument must be of type number. Received ${received(ms)}`;
      throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
    }
    this.timeout = ms;
    this.#touch();
    if (callback === undefined) return this;
    if (ms === 0) this.removeListener("timeout", callback);
    else this.once("timeout", callback);
    return this;
  }

  setNoDelay(_enable?: boolean): this {
    return this;
  }

  setKeepAlive(_enable?: boolean, _delay?: number): this {
    return this;
  }

  /** In production these two return nothing. */
  ref(): void {}

  unref(): void {}

  address(): object {
    if (this.#local === undefined || this.#remote === undefined) return {};
    const { address, port } = this.#local;
    return { port, family: familyName(address), address };
  }

  get bytesWritten(): number {
    return this.#written + this.writableLength;
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get pending(): boolean {
    return this.#remote === undefined || this.connecting;
  }

  get readyState(): string {
    if (this.connecting) return "opening";
    if (this.readable && this.writable) return "open";
    if (this.readable) return "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  get remoteAddress(): string | undefined {
    return this.#remote?.host;
  }

  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.#remote === undefined ? undefined : familyName(this.#remote.host);
  }

  get localAddress(): string | undefined {
    return this.#local?.address;
  }

  get localPort(): number | undefined {
    return this.#local?.port;
  }

  get localFamily(): string | undefined {
    return this.#local === undefined ? undefined : familyName(this.#local.address);
  }

  #follow(signal: AbortSignal): void {
    const abort = (): void => {
      const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
      error.name = "AbortError";
      this.destroy(Object.assign(error, { cause: signal.reason as unknown }));
    };
    if (signal.aborted) queueMicrotask(abort);
    else signal.addEventListener("abort", abort, { once: true });
  }

  /** Bytes are read into the user's own buffer. */
  #giveTo({ buffer, callback }: OnRead, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const target = typeof buffer === "function" ? buffer() : buffer;
      const part = bytes.subarray(at, at + target.byteLength);
      target.set(part);
      at += part.byteLength;
      if (callback.call(this, part.byteLength, target) === false) this.pause();
    }
  }

  /** Something happened: the timeout starts anew. */
  #touch(): void {
    this.#clearTimer();
    if (!this.timeout || this.destroyed) return;
    this.#timer = setTimeout(() => {
      if (this.#wire?.isOver !== true) this.emit("timeout");
    }, this.timeout);
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function nextLocalPort(): number {
  localPorts = (localPorts + 1) % LOCAL_PORTS;
  return FIRST_LOCAL_PORT + localPorts;
}

function familyOf(host: string): 4 | 6 {
  return host.includes(":") ? 6 : 4;
}

function familyName(host: string): string {
  return `IPv${familyOf(host)}`;
}

function pick(options: ConnectOptions, ...names: readonly string[]): object {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

function onReadOf(value: unknown): OnRead | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { buffer, callback } = value as Partial<OnRead>;
  const isBuffer = buffer instanceof Uint8Array || typeof buffer === "function";
  if (!isBuffer || typeof callback !== "function") return undefined;
  return { buffer, callback };
}
