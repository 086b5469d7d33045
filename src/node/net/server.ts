/**
 * `net.Server` (spec/node.md 8.3): no sockets of its own. It gets the connections of a `connect` handler
 * by their local port, which is only a name (ports.ts).
 */
import { EventEmitter } from "node:events";
import { isSocket, type Socket as PlatformSocket } from "../../web/sockets/socket.ts";
import { StreamCall } from "../../web/sockets/stream-call.ts";
import { invalidType, nodeError } from "../errors.ts";
import type { Listener } from "./arguments.ts";
import { callOnClose, listenArguments } from "./listening.ts";
import { claimPort, listenPort, releasePort, serverAt } from "./ports.ts";
import { Socket } from "./socket.ts";
import { Wire } from "./wire.ts";

const ADDRESS = "0.0.0.0";
const LOCAL_ADDRESS = "240.1.0.1";
/** What is shown of peers that have no address. */
const UNKNOWN_PEER = "240.1.255.254";

interface ServerOptions {
  readonly allowHalfOpen?: boolean;
  readonly pauseOnConnect?: boolean;
}

/** A connection that somebody made to this Worker. */
class AcceptedSocket extends Socket {
  constructor(socket: PlatformSocket, port: number, options: ServerOptions, remote: string) {
    super({ allowHalfOpen: options.allowHalfOpen === true });
    const [, host = UNKNOWN_PEER, from = "0"] = /^(.*):(\d+)$/.exec(remote) ?? [];
    const target = { host, port: Number(from), tls: "off" } as const;
    const ends = { incoming: socket.readable, outgoing: socket.writable };
    const wire = new Wire(target, this, (_target, events) => new StreamCall(ends, events, false));
    this.accept(wire, { address: LOCAL_ADDRESS, port });
  }
}
Object.defineProperty(AcceptedSocket, "name", { value: "Socket" });

/** Hands a connection over; resolves when it is closed. */
let acceptOn: (server: Server, socket: PlatformSocket, remote: string) => Promise<void>;

export class Server extends EventEmitter {
  listening = false;
  maxConnections: number | undefined;
  #port: number | undefined;
  #connections = 0;
  readonly #options: ServerOptions;

  constructor(options?: ServerOptions | Listener, listener?: Listener) {
    super();
    this.#options = typeof options === "object" && options !== null ? options : {};
    const onConnection = typeof options === "function" ? options : listener;
    if (onConnection !== undefined) this.on("connection", onConnection);
  }

  static {
    acceptOn = (server, socket, remote) => server.#accept(socket, remote);
  }

  listen(...args: unknown[]): this {
    if (this.listening) {
      const message = "Listen method has been called more than once without closing.";
      throw nodeError(Error, "ERR_SERVER_ALREADY_LISTEN", message);
    }
    const { port, callback } = listenArguments(args);
    if (callback !== undefined) this.once("listening", callback);
    const wanted = listenPort(port);
    try {
      this.#port = claimPort(wanted, this, ADDRESS);
    } catch (error) {
      queueMicrotask(() => this.emit("error", error));
      return this;
    }
    this.listening = true;
    queueMicrotask(() => this.emit("listening"));
    return this;
  }

  close(callback?: Listener): this {
    const wasListening = this.listening;
    if (this.#port !== undefined) releasePort(this.#port);
    this.#port = undefined;
    this.listening = false;
    callOnClose(this, wasListening, callback);
    if (wasListening) this.#closeWhenIdle();
    return this;
  }

  address(): object | null {
    if (this.#port === undefined) return null;
    return { port: this.#port, family: "IPv4", address: ADDRESS };
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    queueMicrotask(() => callback(null, this.#connections));
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #closeWhenIdle(): void {
    if (this.#connections === 0) queueMicrotask(() => this.emit("close"));
  }

  #accept(socket: PlatformSocket, remote: string): Promise<void> {
    const port = this.#port ?? 0;
    const limit = this.maxConnections;
    if (limit !== undefined && this.#connections >= limit) {
      this.emit("drop", { localAddress: LOCAL_ADDRESS, localPort: port, localFamily: "IPv4" });
      return Promise.resolve();
    }
    this.#connections += 1;
    const accepted = new AcceptedSocket(socket, port, this.#options, remote);
    accepted.server = this;
    if (this.#options.pauseOnConnect === true) accepted.pause();
    return new Promise((resolve) => {
      accepted.once("close", () => {
        this.#connections -= 1;
        if (!this.listening) this.#closeWhenIdle();
        resolve();
      });
      this.emit("connection", accepted);
    });
  }
}

/** Of `cloudflare:node`: a connection goes to the server that listens to its local port. */
export async function handleAsNodeConnection(socket: PlatformSocket): Promise<void> {
  if (typeof socket !== "object" || socket === null || !isSocket(socket)) {
    throw invalidType("socket", "an instance of Socket", socket);
  }
  const { localAddress, remoteAddress = "" } = await socket.opened;
  const port = Number(/:(\d+)$/.exec(localAddress ?? "")?.[1] ?? 0);
  const server = serverAt(port);
  if (!(server instanceof Server)) {
    throw new Error(
      `No net.Server is listening on port ${port}. Call server.listen(${port}) to accept connections arriving on that port.`,
    );
  }
  await acceptOn(server, socket, remoteAddress);
}

/** Of `cloudflare:node`: a handler object, or part of one, whose connections go to net.Servers. */
export function connectHandler(): object {
  return { connect: (socket: PlatformSocket) => handleAsNodeConnection(socket) };
}
