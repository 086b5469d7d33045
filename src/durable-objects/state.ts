/** `ctx` of a Durable Object (spec/durable-objects.md 9). A thin face of the instance. */

import { defineInterface } from "../web/interfaces/define-interface.ts";
import { WebSocketRequestResponsePair } from "../web/websocket/request-response-pair.ts";
import type { WebSocket } from "../web/websocket/websocket.ts";
import { ABORTED, resetError } from "./errors.ts";
import type { DurableObjectId } from "./object-id.ts";
import type { Sockets } from "./sockets.ts";
import { notOfType } from "./storage/arguments.ts";
import type { DurableObjectStorage } from "./storage/storage.ts";

const INTERNAL: unique symbol = Symbol("internal");

const NO_FACETS = "Durable Object facets are not supported by drover yet.";

/** What `ctx` asks of its instance. */
export interface StateInstance {
  readonly id: DurableObjectId;
  readonly context: { waitUntil(task: unknown): void };
  readonly sockets: Sockets;
  retriesAlarm: boolean;
  blockConcurrency<T>(callback: () => T | Promise<T>): Promise<T>;
  break(error: unknown): void;
}

export interface StateOptions {
  readonly instance: StateInstance;
  readonly storage: DurableObjectStorage;
  readonly exports: object | undefined;
}

export class DurableObjectState {
  declare readonly facets: DurableObjectFacets;
  declare readonly container: undefined;
  declare readonly storage: DurableObjectStorage;
  declare readonly id: DurableObjectId;
  declare readonly props: object;
  declare readonly exports: object | undefined;
  readonly #instance: StateInstance;

  constructor(token: typeof INTERNAL, options: StateOptions) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
    this.#instance = options.instance;
    const own = {
      facets: new DurableObjectFacets(INTERNAL),
      container: undefined,
      storage: options.storage,
      id: options.instance.id,
      props: {},
      exports: options.exports,
    };
    for (const [name, value] of Object.entries(own)) {
      Object.defineProperty(this, name, { value, enumerable: true });
    }
  }

  waitUntil(task: unknown): void {
    this.#instance.context.waitUntil(task);
  }

  blockConcurrencyWhile<T>(callback: () => T | Promise<T>): Promise<T> {
    if (typeof callback !== "function") {
      throw notOfType("blockConcurrencyWhile", "DurableObjectState", "function");
    }
    return this.#instance.blockConcurrency(callback);
  }

  acceptWebSocket(socket: unknown, tags?: unknown): void {
    this.#instance.sockets.accept(socket, tags);
  }

  getWebSockets(tag?: unknown): WebSocket[] {
    return this.#instance.sockets.list(tag === undefined ? undefined : String(tag));
  }

  getTags(socket: unknown): string[] {
    return this.#instance.sockets.tagsOf(socket);
  }

  setWebSocketAutoResponse(pair?: unknown): void {
    if (pair !== undefined && pair !== null && !(pair instanceof WebSocketRequestResponsePair)) {
      throw notOfType(
        "setWebSocketAutoResponse",
        "DurableObjectState",
        "WebSocketRequestResponsePair",
      );
    }
    this.#instance.sockets.autoResponse = pair ?? null;
  }

  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    return this.#instance.sockets.autoResponse;
  }

  getWebSocketAutoResponseTimestamp(socket: unknown): Date | null {
    return this.#instance.sockets.autoResponseTime(socket);
  }

  setHibernatableWebSocketEventTimeout(ms?: unknown): void {
    this.#instance.sockets.setEventTimeout(ms);
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    return this.#instance.sockets.eventTimeout;
  }

  /**
   * Ends the instance; throws, as nothing of it runs on. `retryAlarm: false`: an alarm whose handler
   * runs is not run again.
   */
  abort(reason?: unknown, options?: { readonly retryAlarm?: unknown }): never {
    if (options?.retryAlarm === false) this.#instance.retriesAlarm = false;
    const error = new Error(reason === undefined ? ABORTED : String(reason));
    this.#instance.break(resetError(error));
    throw error;
  }
}
defineInterface(DurableObjectState, "DurableObjectState");

export class DurableObjectFacets {
  constructor(token: typeof INTERNAL) {
    if (token !== INTERNAL) throw new TypeError("Illegal constructor");
  }

  get(): never {
    throw new Error(NO_FACETS);
  }
  abort(): never {
    throw new Error(NO_FACETS);
  }
  delete(): never {
    throw new Error(NO_FACETS);
  }
  clone(): never {
    throw new Error(NO_FACETS);
  }
}
defineInterface(DurableObjectFacets, "DurableObjectFacets");

export function createState(options: StateOptions): DurableObjectState {
  return new DurableObjectState(INTERNAL, options);
}
