/**
 * An open WebSocket of a client and its messages to and from the Worker's thread (protocol/http.ts).
 * Main thread of the host; made by exchange.ts with the handshake. Ends once: with the connection,
 * or with `shutDown` when the thread goes and the connection is to follow.
 */
import type { RawData } from "ws";
import { ToWorker, WEB_SOCKET_WINDOW } from "../protocol/http.ts";
import type { ThreadPort } from "./thread-port.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";
import type { ClientSocket } from "./web-sockets.ts";

/** Credit for small messages goes back in portions. */
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;
/** A client that does not answer a Close of the host's is cut. */
const CLOSE_LIMIT_MS = 1000;
const BROKEN = 1006;
/** workerd's words for a connection that ends without Close. */
const BROKEN_REASON = "WebSocket disconnected without sending Close frame.";

export class WebSocketRelay {
  readonly #socket: ClientSocket;
  readonly #channel: ThreadPort;
  readonly #id: number;
  readonly #onEnd: () => void;
  /** Sent to the thread and not taken yet. */
  #unacknowledged = 0;
  /** Written to the client and not returned as credit yet. */
  #written = 0;
  #isOver = false;

  /** `onEnd`: nothing more is sent for the id; the channel may forget it. */
  constructor(socket: ClientSocket, channel: ThreadPort, id: number, onEnd: () => void) {
    this.#socket = socket;
    this.#channel = channel;
    this.#id = id;
    this.#onEnd = onEnd;
    socket.binaryType = "nodebuffer";
    let closedBy: { readonly code: number; readonly reason: string } | undefined;
    socket.onPeerClose = (code, reason) => {
      closedBy = { code, reason };
      this.#toWorker(ToWorker.webSocketClose, code, reason, false);
    };
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    // Frames that break the rules: `ws` has told its code as if the client had closed with it.
    socket.on("error", () => {
      if (closedBy !== undefined) socket.sendClose(closedBy.code, "");
    });
    socket.on("close", (code, reason) => {
      if (closedBy !== undefined) this.#end(closedBy.code, closedBy.reason);
      else if (code === BROKEN) this.#end(BROKEN, BROKEN_REASON);
      else this.#end(code, reason.toString());
    });
  }

  /** A message of the Worker's. */
  send(data: string | Uint8Array): void {
    const size = sizeOf(data);
    this.#socket.send(data, () => {
      this.#written += size;
      if (this.#written < CREDIT_STEP) return;
      this.#toWorker(ToWorker.webSocketCredit, this.#written);
      this.#written = 0;
    });
  }

  /** The Worker closed its end. */
  close(code: number, reason: string): void {
    if (code === BROKEN) this.#socket.terminate();
    else this.#socket.sendClose(code, reason);
  }

  /** The Worker took messages of that size. */
  onCredit(size: number): void {
    this.#unacknowledged -= size;
    if (this.#socket.isPaused && this.#unacknowledged < WEB_SOCKET_WINDOW) this.#socket.resume();
  }

  /** Its thread goes: both ends hear the same, and neither can hold the other up. */
  shutDown({ code, reason }: WebSocketEnd): void {
    const socket = this.#socket;
    socket.onPeerClose = () => socket.sendClose(code, reason);
    socket.resume();
    socket.sendClose(code, reason);
    setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS).unref();
    this.#end(code, reason);
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#isOver) return;
    const bytes = data as Buffer;
    const message = isBinary ? wholeBytes(bytes) : bytes.toString();
    this.#unacknowledged += sizeOf(message);
    this.#toWorker(ToWorker.webSocketMessage, message);
    if (this.#unacknowledged >= WEB_SOCKET_WINDOW) this.#socket.pause();
  }

  #toWorker(op: number, ...fields: unknown[]): void {
    if (!this.#isOver) this.#channel.send([op, this.#id, ...fields]);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#toWorker(ToWorker.webSocketClose, code, reason, true);
    this.#isOver = true;
    this.#onEnd();
  }
}

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? data.length : data.byteLength;
}

/** A view of a pool would take the whole pool through structured clone. */
function wholeBytes(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes);
}
