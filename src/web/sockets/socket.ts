/**
 * `Socket` and `connect` of `cloudflare:sockets` (spec/platform.md 13). The connection is not in this
 * thread (open.ts); a Socket has two streams of bytes and what ends.ts knows of it.
 */
import { assertOwnIo, requireInvocation } from "../../isolate/invocation.ts";
import type { TcpTls } from "../../protocol/outbound.ts";
import { readableDisturbed } from "../../rpc/error-texts.ts";
import { httpCompat } from "../compat.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { dictionary, illegalConstructor, wrongParameter } from "../streams/arguments.ts";
import { ReadableStream } from "../streams/readable-stream.ts";
import { WritableStream } from "../streams/writable-stream.ts";
import { parseAddress, parseOptions, type SocketOptions } from "./address.ts";
import { type EndsOptions, SocketEnds, type SocketInfo } from "./ends.ts";
import { openTcp } from "./open.ts";
import { type EncodedSocket, ReceivedEnds } from "./received.ts";
import { alreadyTls, closedBeforeTls, notStartTls, socketNotOpen, startedBefore } from "./texts.ts";
import type { TcpCall, TcpEvents } from "./transport.ts";

/** What a Socket is made of. */
class Parts {
  readonly ends: SocketEnds | ReceivedEnds;
  /** Of a connection that is this Worker's. */
  readonly options: EndsOptions | undefined;
  readonly secureTransport: TcpTls;

  constructor(
    ends: SocketEnds | ReceivedEnds,
    options: EndsOptions | undefined,
    secureTransport: TcpTls,
  ) {
    this.ends = ends;
    this.options = options;
    this.secureTransport = secureTransport;
  }
}

/** What travels over RPC, for value-types.ts. */
export let encodeSocket: (socket: Socket) => EncodedSocket;
export let decodeSocket: (data: EncodedSocket) => Socket;

export class Socket {
  readonly #parts: Parts;
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;
  #isUpgraded = false;
  #hasStartedTls = false;

  constructor(parts: Parts) {
    if (!(parts instanceof Parts)) throw illegalConstructor();
    this.#parts = parts;
    const { ends } = parts;
    if (ends instanceof ReceivedEnds) {
      this.#readable = ends.readable;
      this.#writable = ends.writable;
    } else {
      this.#readable = new ReadableStream(ends.readable);
      this.#writable = new WritableStream(ends.writable);
    }
  }

  static {
    encodeSocket = (socket) => {
      const { ends, secureTransport } = socket.#parts;
      if (!ends.isOpen) throw new DOMException(socketNotOpen, "DataCloneError");
      const { readable, writable } = socket;
      if (ends.isClosed && !readable.locked) throw new TypeError(readableDisturbed);
      if (!(ends instanceof ReceivedEnds)) ends.isLent = true;
      return { readable, writable, info: ends.info, secureTransport };
    };
    decodeSocket = (data) =>
      new Socket(new Parts(new ReceivedEnds(data), undefined, data.secureTransport));
  }

  static isSocket(value: object): value is Socket {
    return #parts in value;
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }

  get closed(): Promise<void> {
    return this.#parts.ends.closed.promise;
  }

  get opened(): Promise<SocketInfo> {
    return this.#parts.ends.opened.promise;
  }

  get upgraded(): boolean {
    return this.#isUpgraded;
  }

  get secureTransport(): TcpTls {
    return this.#parts.secureTransport;
  }

  close(): Promise<void> {
    return this.#parts.ends.close();
  }

  startTls(options?: unknown): Socket {
    const { ends, options: given, secureTransport } = this.#parts;
    if (given !== undefined) assertOwnIo(given.invocation, "Writable");
    if (secureTransport === "on") throw new TypeError(alreadyTls);
    if (secureTransport !== "starttls") throw new TypeError(notStartTls);
    if (given === undefined || ends instanceof ReceivedEnds) throw new TypeError(startedBefore);
    if (this.#hasStartedTls) {
      throw new TypeError(this.#isUpgraded ? closedBeforeTls : startedBefore);
    }
    if (ends.isClosed) throw new TypeError(closedBeforeTls);
    const { expectedServerHostname: name } = dictionary(options, () =>
      wrongParameter("startTls", "Socket", 1, "TlsOptions"),
    ) as { readonly expectedServerHostname?: unknown };
    this.#hasStartedTls = true;
    const next = { ...given, isUpgrade: true };
    const secured = new SocketEnds(next);
    ends.upgrade(secured, name === undefined ? undefined : String(name));
    void ends.closed.promise.then(() => {
      this.#isUpgraded = true;
    });
    return new Socket(new Parts(secured, next, "on"));
  }
}
export const isSocket: (value: object) => value is Socket = Socket.isSocket;
Reflect.deleteProperty(Socket, "isSocket");
defineInterface(Socket, "Socket", { brand: isSocket });

/** `connect` of `cloudflare:sockets`. */
export function connect(address?: unknown, options?: unknown): Socket {
  const { host, port, text } = parseAddress(address);
  const settings = parseOptions(options);
  const info = infoOf(text, undefined);
  return createSocket({ info, port, settings }, (events) =>
    openTcp({ host, port, tls: settings.secureTransport }, events),
  );
}
Object.defineProperty(connect, "length", { value: 2, configurable: true });
// The bundle has another function of this name.
Object.defineProperty(connect, "name", { value: "connect", configurable: true });

/** What `opened` gives. */
export function infoOf(
  remoteAddress: string | undefined,
  localAddress: string | undefined,
): SocketInfo {
  if (httpCompat().fullResults) return { remoteAddress, localAddress };
  return {
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(localAddress !== undefined && { localAddress }),
  } as SocketInfo;
}

/** A socket over the connection that `open` makes; throws at module scope. */
export function createSocket(
  {
    info,
    port,
    settings,
  }: { readonly info: SocketInfo; readonly port: number; readonly settings: SocketOptions },
  open: (events: TcpEvents) => TcpCall,
): Socket {
  const { allowHalfOpen, highWaterMark, secureTransport } = settings;
  const invocation = requireInvocation("connect");
  const options = { invocation, info, port, allowHalfOpen, highWaterMark, isUpgrade: false };
  const ends = new SocketEnds(options);
  ends.start(open(ends));
  return new Socket(new Parts(ends, options, secureTransport));
}
