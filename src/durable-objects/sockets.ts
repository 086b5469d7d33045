/**
 * The WebSockets that one object has accepted for hibernation: tags, attachments, auto-response
 * (spec/durable-objects.md 18). They belong to the instance and stay while its JavaScript object is
 * gone; the next message constructs it again. In the owner's thread; the client's connection itself
 * is the front door's.
 */

import { logException } from "../isolate/log.ts";
import { activeSpan } from "../isolate/spans.ts";
import { PROTOCOL_ERROR } from "../protocol/http.ts";
import type { HibernatableTrace } from "../protocol/tail.ts";
import type { HibernatableSocket } from "../web/websocket/hibernation.ts";
import type { WebSocketRequestResponsePair } from "../web/websocket/request-response-pair.ts";
import { protocolError, type WebSocketData, type WebSocketSink } from "../web/websocket/sink.ts";
import {
  hibernatedWebSocket,
  hibernateWebSocket,
  hibernationState,
  isWebSocket,
  type WebSocket,
} from "../web/websocket/websocket.ts";
import type { EventCause } from "./event-observer.ts";
import { notOfType } from "./storage/arguments.ts";

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
const LOST = 1006;
const LOST_REASON = "WebSocket disconnected without sending Close frame.";
const MAX_TAGS = 10;
const MAX_TAG_BYTES = 256;
const MAX_AUTO_RESPONSE = 2048;
const MAX_SOCKETS = 32_768;
const MAX_EVENT_TIMEOUT = 604_800_000;

/** What an event ended with. */
export interface Failure {
  readonly error: unknown;
}

export interface SocketsOwner {
  /**
   * Runs an event on the object, constructed if need be; then calls `settled`. Never throws.
   */
  run(
    event: HibernatableTrace,
    cause: EventCause,
    deliver: (object: object) => unknown,
    settled: (failure?: Failure) => void,
  ): void;
  /** Undefined: what was written before is committed; the promise resolves when it is. */
  confirmed(): Promise<void> | undefined;
  /** Answer the close of a client that the handler left unanswered (`web_socket_auto_reply_to_close`). */
  readonly repliesToClose: boolean;
}

export class Sockets {
  readonly #owner: SocketsOwner;
  /** Newest first. */
  #sockets: Socket[] = [];
  #autoResponse: WebSocketRequestResponsePair | null = null;
  #eventTimeout: number | null = null;

  constructor(owner: SocketsOwner) {
    this.#owner = owner;
  }

  get autoResponse(): WebSocketRequestResponsePair | null {
    return this.#autoResponse;
  }

  /** Throws a RangeError for texts over 2,048 bytes. */
  set autoResponse(pair: WebSocketRequestResponsePair | null) {
    if (pair !== null) {
      checkAutoResponse("Request", pair.request);
      checkAutoResponse("Response", pair.response);
    }
    this.#autoResponse = pair;
  }

  get size(): number {
    return this.#sockets.length;
  }

  accept(socket: unknown, tags: unknown): void {
    if (!isWebSocket(socket)) throw notOfType("acceptWebSocket", "DurableObjectState", "WebSocket");
    if (tags !== undefined && !Array.isArray(tags)) {
      throw notOfType("acceptWebSocket", "DurableObjectState", "Array", 2);
    }
    if (this.#sockets.length >= MAX_SOCKETS) {
      throw new Error(
        `only ${MAX_SOCKETS} websockets can be accepted on a single Durable Object instance`,
      );
    }
    const state = new Socket(this.#owner, checkTags(tags ?? []), (closed) => {
      this.#sockets = this.#sockets.filter((other) => other !== closed);
    });
    state.start(
      hibernateWebSocket(socket, {
        message: (data) => this.#onMessage(state, data),
        close: (code, reason) => state.onClose(code, reason),
      }),
      socket,
    );
    this.#sockets = [state, ...this.#sockets];
  }

  list(tag: string | undefined): WebSocket[] {
    return this.#sockets
      .filter(({ tags }) => tag === undefined || tags.includes(tag))
      .map((socket) => socket.webSocket);
  }

  tagsOf(socket: unknown): string[] {
    if (!isWebSocket(socket)) throw notOfType("getTags", "DurableObjectState", "WebSocket");
    return [...this.#stateOf(socket).tags];
  }

  autoResponseTime(socket: unknown): Date | null {
    if (!isWebSocket(socket)) {
      throw notOfType("getWebSocketAutoResponseTimestamp", "DurableObjectState", "WebSocket");
    }
    const state = hibernationState(socket);
    return state instanceof Socket && state.autoTime !== undefined
      ? new Date(state.autoTime)
      : null;
  }

  get eventTimeout(): number | null {
    return this.#eventTimeout;
  }

  setEventTimeout(ms: unknown): void {
    const value = ms === undefined ? 0 : Math.trunc(Number(ms));
    if (value > MAX_EVENT_TIMEOUT) {
      throw new Error(`Event timeout should not exceed ${MAX_EVENT_TIMEOUT} ms.`);
    }
    this.#eventTimeout = value > 0 ? value : null;
  }

  /** The JavaScript object goes: its WebSocket objects go with it. */
  hibernate(): void {
    for (const socket of this.#sockets) socket.hibernate();
  }

  /** The connections are cut; nobody is told. */
  drop(): void {
    for (const socket of this.#sockets.splice(0)) socket.drop();
  }

  #onMessage(state: Socket, data: WebSocketData): void {
    const pair = this.#autoResponse;
    if (pair !== null && data === pair.request) state.autoRespond(pair.response);
    else state.onMessage(data);
  }

  #stateOf(socket: WebSocket): Socket {
    const state = hibernationState(socket);
    if (state instanceof Socket) return state;
    if (state === "accepted") throw new Error("only hibernatable websockets can have tags.");
    throw new Error(
      "you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket.",
    );
  }
}

const HANDLERS = {
  message: "webSocketMessage",
  close: "webSocketClose",
  error: "webSocketError",
} as const;

type Handler = (...args: readonly unknown[]) => unknown;

class Socket implements HibernatableSocket {
  readonly tags: readonly string[];
  readyState = OPEN;
  attachment: Uint8Array | undefined;
  /** Of the last automatic response, ms since 1970. */
  autoTime: number | undefined;
  readonly #owner: SocketsOwner;
  readonly #onGone: (socket: Socket) => void;
  /** The event that it was accepted in. */
  readonly #cause: EventCause = activeSpan()?.ref;
  #peer: WebSocketSink | undefined;
  #webSocket: WebSocket | undefined;
  #sentClose = false;
  #held: Promise<void> | undefined;
  #isDropped = false;

  constructor(owner: SocketsOwner, tags: readonly string[], onGone: (socket: Socket) => void) {
    this.#owner = owner;
    this.tags = tags;
    this.#onGone = onGone;
  }

  start(peer: WebSocketSink, webSocket: WebSocket): void {
    this.#peer = peer;
    this.#webSocket = hibernatedWebSocket(this, webSocket);
  }

  /** The same one until the object hibernates. */
  get webSocket(): WebSocket {
    this.#webSocket ??= hibernatedWebSocket(this);
    return this.#webSocket;
  }

  send(data: WebSocketData): void {
    this.#afterCommit(() => this.#peer?.message(data));
  }

  close(code: number, reason: string): void {
    if (this.#sentClose || this.readyState === CLOSED) return;
    this.#sentClose = true;
    this.readyState = CLOSING;
    this.#afterCommit(() => this.#peer?.close(code, reason));
  }

  autoRespond(text: string): void {
    this.autoTime = Date.now();
    this.#peer?.message(text);
  }

  onMessage(data: WebSocketData): void {
    const message = typeof data === "string" ? data : data.slice().buffer;
    this.#tell({ type: "webSocket", event: "message" }, () => [this.webSocket, message]);
  }

  onClose(code: number, reason: string): void {
    if (code === PROTOCOL_ERROR) {
      // The client was told already: nothing reaches it any more.
      this.readyState = CLOSING;
      const args = (): unknown[] => [this.webSocket, protocolError(reason)];
      this.#tell({ type: "webSocket", event: "error" }, args, () => this.#onGone(this));
      return;
    }
    const wasClean = code !== LOST;
    this.readyState = this.#sentClose ? CLOSED : CLOSING;
    const text = wasClean ? reason : LOST_REASON;
    this.#tell(
      { type: "webSocket", event: "close", code, wasClean },
      () => [this.webSocket, code, text, wasClean],
      () => {
        if (wasClean && !this.#sentClose && this.#owner.repliesToClose) this.close(code, reason);
        if (this.#sentClose || !wasClean) this.readyState = CLOSED;
        this.#onGone(this);
      },
    );
  }

  hibernate(): void {
    this.#webSocket = undefined;
  }

  drop(): void {
    this.#isDropped = true;
    this.readyState = CLOSED;
    this.#peer?.close(LOST, "");
  }

  /** What a handler throws is logged, and the socket stays open. Then `done` is called. */
  #tell(event: HibernatableTrace, args: () => readonly unknown[], done?: () => void): void {
    this.#owner.run(
      event,
      this.#cause,
      (object) => {
        const handler: unknown = Reflect.get(object, HANDLERS[event.event]);
        return typeof handler === "function"
          ? Reflect.apply(handler as Handler, object, args())
          : undefined;
      },
      (failure) => {
        // An object that ended in order, with the Worker's version, hears nothing of its sockets' ends.
        const isOver = this.#isDropped && failure?.error === undefined;
        if (failure !== undefined && !isOver) logException(failure.error, "Uncaught");
        done?.();
      },
    );
  }

  /** In order, and never before what was written is committed; not at all if that fails. */
  #afterCommit(send: () => void): void {
    const wait = this.#held ?? this.#owner.confirmed();
    if (wait === undefined) {
      send();
      return;
    }
    const held = wait
      .then(send, () => {})
      .finally(() => {
        if (this.#held === held) this.#held = undefined;
      });
    this.#held = held;
  }
}

function checkTags(tags: readonly unknown[]): string[] {
  const names = new Set<string>();
  for (const tag of tags) {
    if (names.size === MAX_TAGS) {
      throw new Error(`a Hibernatable WebSocket cannot have more than ${MAX_TAGS} tags`);
    }
    const name = String(tag);
    if (Buffer.byteLength(name) > MAX_TAG_BYTES) {
      throw new Error(`"${name}" is longer than the max tag length (${MAX_TAG_BYTES} characters).`);
    }
    names.add(name);
  }
  return [...names];
}

function checkAutoResponse(what: "Request" | "Response", text: string): void {
  const size = Buffer.byteLength(text);
  if (size <= MAX_AUTO_RESPONSE) return;
  throw new RangeError(
    `${what} cannot be larger than ${MAX_AUTO_RESPONSE} bytes. A ${what.toLowerCase()} of size ${size} was provided.`,
  );
}
