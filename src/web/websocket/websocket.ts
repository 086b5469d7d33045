/**
 * The Worker's `WebSocket`. The two ends of a pair (pair.ts) are coupled directly; an end can also be
 * handed to a carrier (the front door, undici) with `carryWebSocket`. Messages wait until
 * `accept()`. Events are dispatched in the async context of the invocation that accepted.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import {
  assertOwnIo,
  type Invocation,
  ioOwner,
  requireInvocation,
} from "../../isolate/invocation.ts";
import { PROTOCOL_ERROR } from "../../protocol/http.ts";
import { httpCompat } from "../compat.ts";
import { Event } from "../events/event.ts";
import { EventTarget } from "../events/event-target.ts";
import { CloseEvent, MessageEvent, NO_ORIGIN } from "../events/events.ts";
import { Blob } from "../forms/blob.ts";
import { defineInterface } from "../interfaces/define-interface.ts";
import { wrongConstructorParameter, wrongParameter } from "../streams/arguments.ts";
import { attachmentOf, serializedAttachment } from "./attachment.ts";
import {
  acceptOptions,
  checkClose,
  checkHibernation,
  cleanProtocols,
  NOT_ACCEPTED,
  parseWebSocketUrl,
  toMessage,
} from "./checks.ts";
import type { HibernatableSocket } from "./hibernation.ts";
import { CLOSED, CLOSING, CONNECTING, OPEN, READY_STATES } from "./ready-state.ts";
import { closeReason, protocolError, type WebSocketData, type WebSocketSink } from "./sink.ts";
import { answerEnded, errorOf, tell, tellError, tellingLoss, uncaught } from "./tell.ts";

export type { WebSocketData, WebSocketSink } from "./sink.ts";

const INTERNAL: unique symbol = Symbol("internal");
const NO_CODE = 1005;
const NOT_ESTABLISHED = "Failed to establish websocket connection";

let sinkOf: (socket: WebSocket) => WebSocketSink;
let isWebSocketBrand: (value: object) => boolean;
let couple: (socket: WebSocket, sink: WebSocketSink) => void;
let carryEnd: (socket: WebSocket, sink: WebSocketSink) => WebSocketSink;
let openDialled: (socket: WebSocket, protocol: string, extensions: string | null) => void;
let failEnd: (socket: WebSocket, error: Error) => void;
let hibernate: (socket: WebSocket, sink: WebSocketSink) => WebSocketSink;
let setHibernating: (socket: WebSocket, state: HibernatableSocket) => void;
let hibernationOf: (socket: WebSocket) => HibernatableSocket | "accepted" | undefined;
let dial: (socket: WebSocket, url: string, protocols: readonly string[]) => void = () => {
  throw new Error("Outbound WebSockets are not available here.");
};

export class WebSocket extends EventTarget {
  #url: string | null = null;
  /** null: the server chose none. */
  #protocol: string | null = "";
  #extensions: string | null = "";
  #readyState = OPEN;
  /** Nothing comes or goes any more. */
  #isOver = false;
  #binaryType: string;
  /** The other end; null until coupled. */
  #peer: WebSocketSink | null = null;
  /** What arrived before `accept`. */
  #inbox: (() => void)[] | null = [];
  /** Set once a carrier took this end over: everything goes there. */
  #redirect: WebSocketSink | null = null;
  #sentClose = false;
  #gotClose = false;
  #attachment: Uint8Array | undefined;
  /** What the other side has closed is still to be closed here, whatever the date says. */
  #staysHalfOpen = false;
  /** A Durable Object took this end over, and keeps it while it hibernates. */
  #hibernating: HibernatableSocket | null = null;
  #run: <T>(fn: () => T) => T = (fn) => fn();
  #release: (() => void) | null = null;
  /** That of an object may come long after this socket's. */
  #forgetEnd: () => void = () => {};
  readonly #owner: Invocation | undefined = ioOwner();

  constructor(url: string | typeof INTERNAL, protocols?: unknown) {
    // biome-ignore lint/complexity/noArguments: an undefined URL is "undefined", an absent one is none
    if (arguments.length === 0) throw wrongConstructorParameter("WebSocket", 1, "string");
    super();
    this.#binaryType = httpCompat().webSocketBlobs ? "blob" : "arraybuffer";
    if (url === INTERNAL) return;
    const written = `${url}`;
    const href = parseWebSocketUrl(written);
    const names = cleanProtocols(protocols);
    this.#url = written;
    this.#readyState = 0;
    this.#accept(requireInvocation());
    dial(this, href, names);
  }

  static {
    sinkOf = (socket) => ({
      get isAnswer() {
        return socket.#redirect !== null;
      },
      message: (data) => socket.#receive(() => socket.#onMessage(data)),
      close: (code, reason) => socket.#receive(() => socket.#onClose(code, reason, code !== 1006)),
    });
    isWebSocketBrand = (value) => #inbox in value;
    couple = (socket, sink) => {
      socket.#peer = sink;
    };
    carryEnd = (socket, sink) => {
      socket.#assertOwn();
      const peer = socket.#peer;
      if (peer === null) throw new TypeError("This WebSocket is not one end of a pair.");
      if (socket.#inbox === null) {
        throw new TypeError("Can't return WebSocket in a Response after calling accept().");
      }
      const waiting = socket.#inbox;
      // Of an end that came from elsewhere and is passed on, nobody else here hears how it ends.
      const isPassedOn = peer.isAnswer === undefined;
      socket.#redirect = isPassedOn ? tellingLoss(sink) : sink;
      socket.#inbox = null;
      for (const event of waiting) event();
      return isPassedOn ? tellingLoss(peer) : peer;
    };
    hibernate = (socket, sink) => {
      socket.#assertOwn();
      const isRedirected = socket.#redirect !== null;
      const isAccepted = socket.#inbox === null && !isRedirected;
      checkHibernation(socket.#hibernating !== null || isAccepted, isRedirected || !socket.#peer);
      return carryEnd(socket, sink);
    };
    setHibernating = (socket, state) => {
      socket.#hibernating = state;
      socket.#inbox = null;
      state.attachment ??= socket.#attachment;
    };
    hibernationOf = (socket) =>
      socket.#hibernating ?? (socket.#inbox === null ? "accepted" : undefined);
    failEnd = (socket, error) => {
      socket.#receive(() => {
        if (socket.#isOver) return;
        const reason = socket.#readyState === CONNECTING ? NOT_ESTABLISHED : "";
        tellError(socket, error);
        socket.#readyState = CLOSED;
        socket.#onClose(1006, reason, false);
      });
    };
    openDialled = (socket, protocol, extensions) => {
      socket.#extensions = extensions;
      socket.#readyState = OPEN;
      socket.#protocol = protocol === "" ? null : protocol;
      socket.#receive(() => socket.#dispatch(new Event("open")));
    };
  }

  get url(): string | null {
    return this.#url;
  }
  get protocol(): string | null {
    return this.#protocol;
  }
  get extensions(): string | null {
    return this.#extensions;
  }
  get readyState(): number {
    this.#assertOwn();
    return this.#hibernating?.readyState ?? this.#readyState;
  }
  get bufferedAmount(): number {
    return 0;
  }
  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(value: string) {
    if (value === "blob" || value === "arraybuffer") this.#binaryType = value;
  }

  /** Start taking messages; those that came before are delivered first. */
  accept(options?: unknown): void {
    this.#assertOwn();
    const { allowHalfOpen } = acceptOptions(options);
    if (this.#url !== null) {
      throw new TypeError(
        "Websockets obtained from the 'new WebSocket()' constructor cannot call accept",
      );
    }
    this.#staysHalfOpen = allowHalfOpen;
    if (this.#hibernating !== null) {
      throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
    }
    this.#accept(requireInvocation());
  }

  send(...args: readonly unknown[]): void {
    this.#assertOwn();
    if (args.length === 0) {
      throw wrongParameter("send", "WebSocket", 1, "ArrayBuffer or ArrayBufferView or string");
    }
    const [data] = args;
    if (this.#inbox !== null || this.#readyState === CONNECTING) throw new TypeError(NOT_ACCEPTED);
    if (this.#sentClose) throw new TypeError("Can't call WebSocket send() after close().");
    if (this.#hibernating !== null) {
      if (this.#hibernating.readyState !== CLOSED) this.#hibernating.send(toMessage(data));
      return;
    }
    if (this.#isOver) return;
    this.#peer?.message(toMessage(data));
  }

  close(code?: number, reason?: string): void {
    this.#assertOwn();
    checkClose(code, reason);
    if (this.#sentClose || this.#isOver) return;
    if (this.#hibernating !== null) {
      this.#sentClose = true;
      this.#hibernating.close(code ?? NO_CODE, reason === undefined ? "" : String(reason));
      return;
    }
    if (this.#inbox !== null) throw new TypeError(NOT_ACCEPTED);
    this.#sendClose(code ?? NO_CODE, reason === undefined ? "" : String(reason));
  }

  serializeAttachment(...args: readonly unknown[]): void {
    const bytes = serializedAttachment(args);
    if (this.#hibernating === null) this.#attachment = bytes;
    else this.#hibernating.attachment = bytes;
  }

  deserializeAttachment(): unknown {
    const bytes = this.#hibernating === null ? this.#attachment : this.#hibernating.attachment;
    return attachmentOf(bytes);
  }

  #assertOwn(): void {
    assertOwnIo(this.#owner, "Native");
  }

  #accept(invocation: Invocation): void {
    if (this.#inbox === null) return;
    const inbox = this.#inbox;
    this.#inbox = null;
    const run = AsyncLocalStorage.snapshot();
    this.#run = (fn) => {
      invocation.resume();
      return run(fn);
    };
    this.#release = invocation.hold();
    this.#forgetEnd = invocation.onEnd(() => this.#drop());
    this.#peer?.accepted?.();
    for (const event of inbox) this.#receive(event);
  }

  /** Deliver in order, never inside the sender's call. */
  #receive(event: () => void): void {
    if (this.#inbox !== null) this.#inbox.push(event);
    else if (this.#redirect !== null) event();
    else queueMicrotask(() => this.#run(event));
  }

  #onMessage(data: WebSocketData): void {
    if (this.#redirect !== null) {
      this.#redirect.message(data);
      return;
    }
    if (this.#gotClose) return;
    this.#dispatch(new MessageEvent("message", { data: this.#present(data), origin: NO_ORIGIN }));
  }

  /**
   * A listener that throws ends the connection, as an `error` of this end, which gets nothing any more. From
   * 2026-09-15 on it was reported, and what throws at a `close` does nothing else.
   */
  #dispatch(event: Event): void {
    const thrown = tell(this, event);
    if (thrown.length === 0 || (httpCompat().compliantDispatch && event.type === "close")) return;
    if (!httpCompat().compliantDispatch) uncaught(thrown[0]);
    const error = errorOf(thrown[0]);
    this.#gotClose = true;
    this.#finish();
    tellError(this, error);
    if (event.type === "open") {
      const close = { code: 1006, reason: NOT_ESTABLISHED, wasClean: false };
      tell(this, new CloseEvent("close", close));
    }
    if (this.#peer?.isAnswer === true) answerEnded("broken");
    if (!this.#sentClose) this.#peer?.close(1006, "");
  }

  #present(data: WebSocketData): unknown {
    if (typeof data === "string") return data;
    const bytes = data.slice();
    return this.#binaryType === "blob" ? new Blob([bytes]) : bytes.buffer;
  }

  #onClose(code: number, reason: string, wasClean: boolean): void {
    if (this.#redirect !== null) {
      this.#redirect.close(code, closeReason(code, reason));
      return;
    }
    if (this.#gotClose) return;
    this.#gotClose = true;
    if (code === PROTOCOL_ERROR) {
      this.#finish();
      tellError(this, protocolError(reason));
      return;
    }
    const event = new CloseEvent("close", { code, reason: closeReason(code, reason), wasClean });
    if (!wasClean) {
      this.#lose(event);
      return;
    }
    this.#readyState = CLOSING;
    if (this.#sentClose) this.#finish();
    else if (httpCompat().webSocketAutoClose && !this.#staysHalfOpen) {
      this.#sendClose(code, reason);
    }
    this.#dispatch(event);
  }

  /** The connection is gone; listeners find the state that it was in. */
  #lose(event: Event): void {
    const state = this.#readyState;
    this.#finish(state);
    if (this.#peer?.isAnswer === true) answerEnded("lost");
    this.#dispatch(event);
    this.#readyState = state === OPEN ? CLOSING : CLOSED;
  }

  #sendClose(code: number, reason: string): void {
    this.#sentClose = true;
    this.#readyState = CLOSING;
    if (this.#gotClose) this.#finish();
    this.#peer?.close(code, reason);
  }

  /** Both sides have closed (or the connection is lost). */
  #finish(state: number = CLOSED): void {
    this.#readyState = state;
    this.#isOver = true;
    this.#release?.();
    this.#release = null;
    this.#forgetEnd();
  }

  /** The invocation ended: the other side sees the connection go, and what it answers nobody hears. */
  #drop(): void {
    if (this.#isOver) return;
    this.#gotClose = true;
    this.#finish();
    if (!this.#sentClose) this.#peer?.close(1006, "");
  }
}
defineInterface(WebSocket, "WebSocket", {
  brand: isWebSocketBrand,
  constants: READY_STATES,
});

/** Two ends that are coupled: what one sends the other gets. */
export function createCoupledEnds(): readonly [WebSocket, WebSocket] {
  const ends = [new WebSocket(INTERNAL), new WebSocket(INTERNAL)] as const;
  couple(ends[0], sinkOf(ends[1]));
  couple(ends[1], sinkOf(ends[0]));
  return ends;
}

/**
 * A Durable Object takes an end of a pair over: what comes from the other end goes to `sink`, the
 * result takes what goes there. Throws production's texts for an end that is in use.
 */
export function hibernateWebSocket(socket: WebSocket, sink: WebSocketSink): WebSocketSink {
  return hibernate(socket, sink);
}

/** What `socket` does from now on; a new one is made for each life of the Durable Object. */
export function hibernatedWebSocket(
  state: HibernatableSocket,
  socket: WebSocket = new WebSocket(INTERNAL),
): WebSocket {
  setHibernating(socket, state);
  return socket;
}

/** "accepted": by `accept()`; undefined: not at all. */
export function hibernationState(socket: WebSocket): HibernatableSocket | "accepted" | undefined {
  return hibernationOf(socket);
}

/**
 * Hand an end of a pair to a carrier: what the other end sends goes to `sink`; the result is what
 * the carrier calls for traffic in the opposite direction. The end itself must not be used after.
 * Used for `new Response(null, { status: 101, webSocket })` by the HTTP endpoint.
 */
export function carryWebSocket(end: WebSocket, sink: WebSocketSink): WebSocketSink {
  return carryEnd(end, sink);
}

/** An end whose other side is a carrier (a fetched WebSocket); not accepted yet. */
export function createCarriedWebSocket(sink: WebSocketSink): {
  readonly socket: WebSocket;
  readonly deliver: WebSocketSink;
  fail(error: Error): void;
} {
  const socket = new WebSocket(INTERNAL);
  couple(socket, sink);
  return { socket, deliver: sinkOf(socket), fail: (error) => failEnd(socket, error) };
}

export function isWebSocket(value: unknown): value is WebSocket {
  return typeof value === "object" && value !== null && isWebSocketBrand(value);
}

/** How `new WebSocket(url)` connects; set once by the fetch code. */
export function setWebSocketDialler(dialler: typeof dial): void {
  dial = dialler;
}

/** For the dialler: couple a connecting socket with its carrier. */
export function connectDialled(
  socket: WebSocket,
  sink: WebSocketSink,
): {
  readonly deliver: WebSocketSink;
  /** `extensions`: as the server named them; null: none. */
  open(protocol: string, extensions: string | null): void;
  fail(error: Error): void;
} {
  couple(socket, sink);
  return {
    deliver: sinkOf(socket),
    open: (protocol, extensions) => openDialled(socket, protocol, extensions),
    fail: (error) => failEnd(socket, error),
  };
}
