/**
 * WebSocket handshakes of the front door, on `ws`, which is loaded with the first upgrade of a host
 * process. Main thread of the host; called by front-door.ts (load) and exchange.ts (accept).
 */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket as Socket, WebSocketServer } from "ws";
import { MAX_WEB_SOCKET_MESSAGE } from "../protocol/http.ts";
import { readResponseHead } from "./response-head.ts";

/** How an upgraded connection ended or is to end. */
export type CloseListener = (code: number, reason: string) => void;

/**
 * A WebSocket whose closing handshake is the Worker's: `ws` answers a client's Close by itself,
 * through `close`; here that only tells `onPeerClose`, and the Worker's own code goes out.
 */
export interface ClientSocket extends Socket {
  onPeerClose: CloseListener | undefined;
  /** What it writes to, from the handshake on. */
  connection: Duplex | undefined;
  /** Bytes of a message that is too large, by the heads of its frames. */
  readonly incomingSize: number;
  /** Send Close; 1005 without a code. The connection ends with the client's answer. */
  sendClose(code: number, reason: string): void;
}

/** A request to upgrade that nobody has answered yet. */
export class PendingUpgrade {
  readonly #server: WebSocketServer;
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #head: Buffer;
  /** What to answer with if it does not come to a WebSocket. */
  readonly response: ServerResponse;

  constructor(server: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.#server = server;
    this.#request = request;
    this.#socket = socket;
    this.#head = head;
    this.response = new ServerResponse(request);
    // The parser has let go of the connection: it ends with the answer.
    this.response.shouldKeepAlive = false;
    this.response.assignSocket(socket as never);
    this.response.once("finish", () => socket.end());
    socket.on("readable", readNothing);
    socket.on("end", destroy);
  }

  /**
   * Completes the handshake with the Worker's headers. Throws if the client's half is malformed.
   * `compresses`: permessage-deflate, if the client offers it.
   */
  accept(headers: string, compresses: boolean): ClientSocket {
    const socket = this.#socket;
    if (!compresses) delete this.#request.headers["sec-websocket-extensions"];
    this.response.detachSocket(socket as never);
    socket.off("readable", readNothing);
    socket.off("end", destroy);
    let failure: Error | undefined;
    let accepted: ClientSocket | undefined;
    this.#server.once("wsClientError", (error) => {
      failure = error;
    });
    responseHeaders.set(this.#request, headers);
    this.#server.handleUpgrade(this.#request, socket, this.#head, (client) => {
      accepted = client as ClientSocket;
      accepted.connection = socket;
    });
    this.#server.removeAllListeners("wsClientError");
    if (accepted !== undefined) return accepted;
    if (!socket.destroyed) this.response.assignSocket(socket as never);
    throw failure ?? new Error("The client has gone.");
  }
}

/** Loads `ws`, once. */
export async function loadWebSockets(): Promise<WebSocketServer> {
  loading ??= makeServer();
  return await loading;
}

let loading: Promise<WebSocketServer> | undefined;
const responseHeaders: WeakMap<IncomingMessage, string> = new WeakMap();

async function makeServer(): Promise<WebSocketServer> {
  const { WebSocket, WebSocketServer } = await import("ws");
  class ClientWebSocket extends WebSocket implements ClientSocket {
    onPeerClose: CloseListener | undefined;
    connection: Duplex | undefined;

    /** `ws` tells it only here, before it is inflated; at least one byte too many. */
    get incomingSize(): number {
      const receiver: unknown = Reflect.get(this, "_receiver");
      const size: unknown =
        typeof receiver === "object" && receiver !== null
          ? Reflect.get(receiver, "_totalPayloadLength")
          : undefined;
      return Math.max(typeof size === "number" ? size : 0, MAX_WEB_SOCKET_MESSAGE + 1);
    }

    /** Called by `ws` itself: for a Close of the client's, and for frames that break the rules. */
    override close(code?: number, reason?: string | Buffer): void {
      if (this.readyState !== WebSocket.OPEN) super.close(code, reason);
      else this.onPeerClose?.(code ?? 1005, reason?.toString() ?? "");
    }

    sendClose(code: number, reason: string): void {
      if (code === 1005) super.close();
      else super.close(code, reason);
    }
  }
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_WEB_SOCKET_MESSAGE,
    WebSocket: ClientWebSocket,
    perMessageDeflate: true,
    // What is no UTF-8 becomes U+FFFD, as in production.
    skipUTF8Validation: true,
    // The Worker chooses: the client judges whether it offered that.
    handleProtocols: (_offered, request) =>
      fieldOf(responseHeaders.get(request) ?? "", "sec-websocket-protocol") ?? false,
  });
  server.on("headers", (lines, request) => {
    const { fields } = readResponseHead(responseHeaders.get(request) ?? "");
    const isOffered = request.headers["sec-websocket-protocol"] !== undefined;
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const name = (fields[i] as string).toLowerCase();
      if (HANDSHAKE_FIELDS.has(name) || (isOffered && name === "sec-websocket-protocol")) continue;
      // `ws` writes the head as UTF-8; the fields are UTF-8 bytes in Latin-1 form.
      const value = Buffer.from(fields[i + 1] as string, "latin1").toString("utf8");
      lines.push(`${fields[i]}: ${value}`);
    }
  });
  return server;
}

/** Those that `ws` answers for. */
const HANDSHAKE_FIELDS: ReadonlySet<string> = new Set([
  "upgrade",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-version",
]);

function fieldOf(headers: string, name: string): string | undefined {
  const parts = headers.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    if ((parts[i] as string).toLowerCase() === name) return parts[i + 1];
  }
  return undefined;
}

/** While nobody reads, the end of the connection is seen only by looking for it. */
function readNothing(this: Duplex): void {
  this.read(0);
}

function destroy(this: Duplex): void {
  this.destroy();
}
