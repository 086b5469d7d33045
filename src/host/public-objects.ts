/**
 * The public address of local R2 buckets in the front door: asks the storage thread for an object
 * and sends it to the client. Main thread of the host; owned by host.ts.
 */
import { STATUS_CODES } from "node:http";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { BODY_STREAM, ToWorker } from "../protocol/http.ts";
import {
  type FromStorage,
  PUBLIC_OBJECTS_PATH,
  type ToStorage,
} from "../protocol/public-object.ts";
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { Exchange } from "./exchange.ts";
import type { StorageThreads } from "./storage-threads.ts";
import type { ThreadPort } from "./thread-port.ts";

/** Headers that play a part. */
const HEADERS = [
  "range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
] as const;

export class PublicObjects {
  readonly #storage: StorageThreads;
  /** Worker -> the buckets that it binds. */
  readonly #buckets: Map<string, ReadonlySet<string>> = new Map();

  constructor(storage: StorageThreads) {
    this.#storage = storage;
  }

  /** A Worker's new bindings; undefined when it is removed. */
  update(worker: string, bindings: readonly BindingSpec[] | undefined): void {
    const ids = (bindings ?? []).flatMap((binding) =>
      binding.type === "resource" && binding.kind === "r2" ? [binding.id] : [],
    );
    if (ids.length === 0) this.#buckets.delete(worker);
    else this.#buckets.set(worker, new Set(ids));
  }

  /** False if it is for the Worker: another path, or no Worker of the session binds a bucket. */
  serve(exchange: Exchange): boolean {
    const { pathname } = new URL(exchange.url);
    if (this.#buckets.size === 0 || !pathname.startsWith(PUBLIC_OBJECTS_PATH)) return false;
    const rest = pathname.slice(PUBLIC_OBJECTS_PATH.length);
    if (rest !== "" && !rest.startsWith("/")) return false;
    const [, bucket = "", key = ""] = /^\/([^/]*)\/(.*)$/s.exec(rest)?.map(decoded) ?? [];
    const isKnown = [...this.#buckets.values()].some((ids) => ids.has(bucket));
    const { method = "GET", headers } = exchange.request;
    const { port1, port2 } = new MessageChannel();
    new ObjectStream(exchange, port1);
    const wanted: Record<string, string> = {};
    for (const name of HEADERS) {
      const value = headers[name];
      if (value !== undefined) wanted[name] = value;
    }
    this.#storage.post("values", {
      type: "public-object",
      port: port2,
      bucket: isKnown ? bucket : undefined,
      key,
      method,
      headers: wanted,
    });
    return true;
  }
}

/** What cannot be decoded is nothing that anybody could have stored. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** One answer of the storage thread. Stands where a thread's port stands for other exchanges. */
class ObjectStream implements ThreadPort {
  readonly webSocketEnd = undefined;
  readonly #exchange: Exchange;
  readonly #port: MessagePort;
  #isOver = false;

  constructor(exchange: Exchange, port: MessagePort) {
    this.#exchange = exchange;
    this.#port = port;
    exchange.serveFrom(this);
    port.on("message", (message: FromStorage) => this.#onMessage(message));
    // The thread has died.
    port.on("close", () => this.#fail("The thread of local storage has ended."));
  }

  #onMessage(message: FromStorage): void {
    const exchange = this.#exchange;
    switch (message.type) {
      case "head": {
        const { status, headers, body } = message;
        const reason = STATUS_CODES[status] ?? "";
        if (typeof body === "number")
          exchange.onResponse(status, reason, headers, BODY_STREAM, body);
        else {
          this.#isOver = true;
          exchange.onResponse(status, reason, headers, body, -1);
        }
        break;
      }
      case "chunk":
        exchange.onBodyChunk(message.bytes);
        break;
      case "end":
        this.#isOver = true;
        exchange.onBodyEnd();
        break;
      case "failed":
        this.#fail(message.message);
        break;
    }
  }

  #fail(message: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.fail({ status: 500, title: "Object cannot be read", message });
  }

  /** From the exchange: credit, or the end of it. */
  send([op, , bytes]: unknown[]): void {
    if (op === ToWorker.abort) this.leave();
    if (op === ToWorker.responseCredit) this.#port.postMessage(bytes as ToStorage);
  }

  /** It is given no body of a request. */
  sendBytes(): void {}

  leave(): void {
    this.#isOver = true;
    this.#port.close();
  }

  /** Nor this. */
  sealLater(): void {}
}
