/**
 * The thread's side of protocol/http.ts: owns the port to the front door and the exchanges in
 * flight. Everything sent within an event-loop turn leaves as one message. The hot path makes one
 * Invocation, one HttpExchange and one Request per request (spikes.md S9).
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Unsettled } from "../../isolate/hang-detector.ts";
import { Invocation, runInvocation } from "../../isolate/invocation.ts";
import { RootSpan } from "../../isolate/request-spans.ts";
import type { WorkerEvent } from "../../protocol/events.ts";
import {
  BODY_STREAM,
  type HttpBatch,
  type HttpBody,
  ToFrontDoor,
  ToWorker,
} from "../../protocol/http.ts";
import { moveBytes } from "../../protocol/moved-bytes.ts";
import { FRONT_DOOR } from "../../protocol/running.ts";
import { hidden } from "../../util/hidden.ts";
import { countLargeBuffer } from "../../util/large-buffers.ts";
import { httpCompat } from "../../web/compat.ts";
import type { BodySource } from "../../web/http/body-source.ts";
import { type Request, requestFromWire } from "../../web/http/request.ts";
import type { WebSocketData } from "../../web/websocket/websocket.ts";
import { EventRun, type EventTarget } from "../events/event-run.ts";
import { RequestTrace } from "../rpc/request-trace.ts";
import { HttpExchange } from "./exchange.ts";

/** Runs the Worker's default entrypoint; called inside of the invocation. */
export type FetchHandler = (request: Request, invocation: Invocation) => unknown;

export interface EndpointHandlers {
  readonly fetch: FetchHandler;
  readonly events: EventTarget;
}

export class HttpEndpoint {
  readonly #port: MessagePort;
  readonly #handlers: EndpointHandlers;
  readonly #exchanges: Map<number, HttpExchange> = new Map();
  /** Events other than requests, under numbers of the same row. */
  readonly #events: Map<number, EventRun> = new Map();
  readonly #prefix: string;
  #queue: unknown[][] = [];
  #moves: ArrayBuffer[] = [];
  #isScheduled = false;

  /** `idPrefix` makes request ids unique over the threads of a session. */
  constructor(port: MessagePort, idPrefix: string, handlers: EndpointHandlers) {
    this.#port = port;
    this.#handlers = handlers;
    this.#prefix = idPrefix;
    port.on(
      "message",
      hidden((batch: HttpBatch) => this.#receiveBatch(batch)),
    );
  }

  /** Take in what the front door has posted already (the control port may be ahead of this one). */
  receivePending(): void {
    for (;;) {
      const pending = receiveMessageOnPort(this.#port);
      if (pending === undefined) return;
      this.#receiveBatch(pending.message as HttpBatch);
    }
  }

  /** Requests and events whose handlers have not settled. For the hang detector. */
  unsettled(): readonly Unsettled[] {
    const all = [...this.#exchanges.values(), ...this.#events.values()];
    return all.filter(({ isUnsettled }) => isUnsettled);
  }

  /** Queue a message for this turn's batch; the array is the endpoint's from now on. */
  send(message: unknown[]): void {
    this.#queue.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(flush, this);
  }

  /** The same for one that carries `bytes`, which nobody else holds: they are handed over. */
  sendBytes(message: unknown[], bytes: unknown): void {
    if (bytes instanceof Uint8Array) countLargeBuffer(bytes.byteLength);
    moveBytes(bytes, this.#moves);
    this.send(message);
  }

  forget(id: number): void {
    if (!this.#exchanges.delete(id)) this.#events.delete(id);
  }

  /** `invocation` is over by force, and the front door has answered in its place. */
  breakOff(invocation: Invocation): void {
    for (const run of [...this.#exchanges.values(), ...this.#events.values()]) {
      if (run.invocation === invocation) run.breakOff();
    }
  }

  /** Post what is queued now: before the thread says that it is drained. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    const moves = this.#moves;
    this.#queue = [];
    if (moves.length > 0) this.#moves = [];
    this.#port.postMessage(queue, moves);
  }

  #receiveBatch(batch: HttpBatch): void {
    for (const message of batch) this.#receive(message);
  }

  #receive(message: HttpBatch[number]): void {
    const [op, id] = message;
    if (op === ToWorker.request) {
      this.#start(id, message);
      return;
    }
    if (op === ToWorker.event) {
      this.#startEvent(id, message[2] as WorkerEvent);
      return;
    }
    const exchange = this.#exchanges.get(id);
    // Finished here while the message was under way.
    if (exchange === undefined) return;
    switch (op) {
      case ToWorker.bodyChunk:
        countLargeBuffer((message[2] as Uint8Array).byteLength);
        exchange.bodyIn?.push(message[2] as Uint8Array);
        break;
      case ToWorker.bodyEnd:
        exchange.bodyIn?.complete();
        break;
      case ToWorker.abort:
        exchange.abort();
        break;
      case ToWorker.responseCredit:
        exchange.responseCredit(message[2] as number);
        break;
      case ToWorker.webSocketMessage:
        exchange.webSocket?.onMessage(message[2] as WebSocketData);
        break;
      case ToWorker.webSocketClose:
        exchange.webSocket?.onClose(
          message[2] as number,
          message[3] as string,
          message[4] as boolean,
        );
        break;
      case ToWorker.webSocketCredit:
        exchange.webSocket?.onCredit(message[2] as number);
        break;
    }
  }

  #start(id: number, message: HttpBatch[number]): void {
    const body = message[5] as HttpBody;
    const headers = message[4] as string;
    const method = message[2] as string;
    const url = message[3] as string;
    const trace = new RequestTrace(this.#prefix, id, method, url, headers);
    const invocation = new Invocation(trace, { link: FRONT_DOOR, id });
    const bodyLength = body === BODY_STREAM ? announcedLength(headers) : null;
    const exchange = new HttpExchange(id, invocation, bodyLength, this);
    if (trace.spanId !== undefined) exchange.span = new RootSpan(trace, "request", trace.name);
    this.#exchanges.set(id, exchange);
    const request = requestFromWire({
      method,
      url,
      headers,
      body: (body === BODY_STREAM ? exchange.bodyIn : body) as BodySource,
      cf: message[6] as string | null,
      owner: invocation,
    });
    exchange.request = request;
    invocation.onEnd((reason) => {
      // ctx.abort: an answer is still owed.
      if (reason !== undefined) exchange.fail(reason);
    });
    runInvocation(invocation, dispatch, this.#handlers.fetch, request, exchange);
  }

  #startEvent(id: number, event: WorkerEvent): void {
    const trace = new RequestTrace(this.#prefix, id, event.type, "");
    const invocation = new Invocation(trace, { link: FRONT_DOOR, id });
    const run = new EventRun(id, invocation, this);
    if (trace.spanId !== undefined) run.span = new RootSpan(trace, "event", event.type);
    this.#events.set(id, run);
    // At once: what follows may be a loop without end.
    this.send([ToFrontDoor.eventBegun, id]);
    this.flush();
    run.start(event, this.#handlers.events);
  }
}

function flush(endpoint: HttpEndpoint): void {
  endpoint.flush();
}

function dispatch(handler: FetchHandler, request: Request, exchange: HttpExchange): void {
  let result: unknown;
  try {
    result = handler(request, exchange.invocation);
  } catch (error) {
    exchange.fail(error);
    return;
  }
  if (isThenable(result) && (result instanceof Promise || httpCompat().unwrapsThenables)) {
    // Thenables of any kind, an RpcPromise included (unwrap_custom_thenables).
    Promise.resolve(result).then(
      (response) => exchange.respond(response),
      (error) => exchange.fail(error),
    );
  } else exchange.respond(result);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** Content-Length in a header string of protocol/http.ts, -1 if there is none. */
function announcedLength(headers: string): number {
  const found = /(?:^|\n)content-length\n(\d+)(?:\n|$)/i.exec(headers);
  return found === null ? -1 : Number(found[1]);
}
