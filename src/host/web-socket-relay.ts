/**
 * An open WebSocket of a client and its messages to and from the Worker's thread (protocol/http.ts).
 * Main thread of the host; made by exchange.ts with the handshake. Ends once: with the connection,
 * or with `shutDown` when the thread goes and the connection is to follow.
 */
import type { RawData } from "ws";
import { PROTOCOL_ERROR, ToWorker, WEB_SOCKET_WINDOW } from "../protocol/http.ts";
import type { ThreadPort } from "./thread-port.ts";
import { corkForTurn } from "./turn-cork.ts";
import type { WebSocketEnd } from "./web-socket-ends.ts";
import { describeViolation } from "./web-socket-violations.ts";
import type { ClientSocket } from "./web-sockets.ts";

/** Credit for small messages goes back in portions. */
const CREDIT_STEP = WEB_SOCKET_WINDOW / 4;
/** A client that does not answer a Close of the host's is cut. */
const CLOSE_LIMIT_MS = 1000;
const BROKEN = 1006;
const VIOLATION = 1002;
const TOO_LARGE = 1009;
/** Bytes of a Close frame's reason. */
const MAX_REASON = 123;
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
  /** Messages that are being compressed or written. */
  #sending = 0;
  /** The connection is to be cut behind them. */
  #isBroken = false;
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
      // `ws` tells the code of frames that break the rules as if the client had closed with it, and
      // then what is wrong with them.
      queueMicrotask(() => {
        if (closedBy !== undefined) {
          this.#toWorker(ToWorker.webSocketClose, closedBy.code, closedBy.reason, false);
        }
      });
    };
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("error", (error) => {
      if (closedBy === undefined) return;
      const { code } = closedBy;
      const isViolation = code === VIOLATION || code === TOO_LARGE;
      const description = isViolation ? describeViolation(error, socket.incomingSize) : "";
      if (isViolation) closedBy = { code: PROTOCOL_ERROR, reason: description };
      socket.sendClose(code, description.slice(0, MAX_REASON));
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
    corkForTurn(this.#socket.connection);
    this.#sending += 1;
    this.#socket.send(data, () => {
      this.#sending -= 1;
      if (this.#isBroken && this.#sending === 0) this.#socket.terminate();
      this.#written += size;
      if (this.#written < CREDIT_STEP) return;
      this.#toWorker(ToWorker.webSocketCredit, this.#written);
      this.#written = 0;
    });
  }

  /** The Worker closed its end, or it broke: then too the client gets what was sent before. */
  close(code: number, reason: string): void {
    if (code !== BROKEN) this.#socket.sendClose(code, reason);
    else if (this.#sending === 0) this.#socket.terminate();
    else {
      this.#isBroken = true;
      setTimeout(() => this.#socket.terminate(), CLOSE_LIMIT_MS).unref();
    }
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
