/**
 * One external request and its response, from its arrival at the front door to the last byte.
 * Lives on the host's main thread. Parked in a worker-slot.ts (nothing read, nothing sent) or
 * started on a thread's channel; ends exactly once, with exactly one log entry.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { BODY_STREAM, type HttpBody, type HttpMessage, ToWorker } from "../protocol/http.ts";
import { BLOCKED, isImage } from "../util/image-guard.ts";
import { codeAnswer } from "./answer-coding.ts";
import { type AnswerTaker, deliverAnswer } from "./answer-messages.ts";
import { writeAnswer } from "./answer-writer.ts";
import { cfObjectFor } from "./cf-object.ts";
import type { Delivery, Failure } from "./delivery.ts";
import { type ErrorReport, writeErrorPage } from "./error-page.ts";
import type { HostMap } from "./host-map.ts";
import { addTail } from "./live-reload.ts";
import { RequestBody, readWholeBody } from "./request-body.ts";
import type { RequestHead } from "./request-head.ts";
import type { FinishedRequest } from "./request-packer.ts";
import { ResponseBody, type ResponseBodyOwner } from "./response-body.ts";
import { contentTypeOf } from "./response-head.ts";
import type { ThreadPort } from "./thread-port.ts";
import { type WebSocketEnd, WORKER_CRASHED, WORKER_RESTARTED } from "./web-socket-ends.ts";
import { WebSocketRelay } from "./web-socket-relay.ts";
import type { PendingUpgrade } from "./web-sockets.ts";

/** The client's connection and its exchanges without complete response, oldest first. */
export interface Connection {
  readonly address: string;
  readonly open: Exchange[];
}

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly head: RequestHead;
  /** Full request.url. */
  readonly url: string;
  /** Where the Worker sees another host than the client. */
  readonly hostMap: HostMap | undefined;
  readonly worker: string;
  /** The client waits for "100 Continue". */
  readonly expectsContinue: boolean;
  /** The client wants a WebSocket. */
  readonly upgrade: PendingUpgrade | undefined;
  /** `--live-reload` */
  readonly liveReload?: boolean;
  /** The log line names the request. */
  readonly hasId?: boolean;
  /** Called once, at the end. */
  readonly log: (request: FinishedRequest) => void;
}

/** "left": the client went away. "cut": the body cannot be completed, the connection was closed. */
type ResponseEnd = "whole" | "left" | "cut";

export class Exchange implements Delivery, AnswerTaker, ResponseBodyOwner {
  readonly #options: ExchangeOptions;
  readonly #startedAt: number = performance.now();
  #channel: ThreadPort | undefined;
  #id = 0;
  /** Of the thread that was asked. */
  #idPrefix: string | undefined;
  #traceSeed: string | undefined;
  #body: RequestBody | undefined;
  #isDone = false;
  /** Of the answer, where it is streamed. */
  #answerBody: ResponseBody | undefined;
  #onAbandoned: (() => void) | undefined;
  /** Said in its log line. */
  note: string | undefined;
  /** An answer that is no image is not passed on (util/image-guard.ts). */
  mustBeImage = false;
  /** Since the handshake: the exchange is logged, and over with the connection. */
  #webSocket: WebSocketRelay | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    options.connection.open.push(this);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get request(): IncomingMessage {
    return this.#options.request;
  }

  /** Pages get a script: they must not be encoded before. */
  get changesPages(): boolean {
    return this.#options.liveReload === true;
  }

  get isHead(): boolean {
    return this.#options.request.method === "HEAD";
  }

  /** Full request.url. */
  get url(): string {
    return this.#options.url;
  }

  /** What the client accepts, "" if it does not say. */
  get acceptEncoding(): string {
    return this.#options.head.acceptEncoding;
  }

  /** No answer has begun, and asking again is harmless: another thread may take it over. */
  get isReplayable(): boolean {
    const { request, response, head } = this.#options;
    if (this.#isDone || response.headersSent || head.hasBody) return false;
    return request.method === "GET" || request.method === "HEAD";
  }

  /** While it waits for a thread: `onAbandoned` is called if the client goes away. */
  park(onAbandoned: () => void): void {
    this.#onAbandoned = onAbandoned;
  }

  /** The request goes to a thread, as number `id`. Again after its thread is gone. */
  start(channel: ThreadPort, id: number): void {
    const { request, response, head, url, hostMap, expectsContinue } = this.#options;
    this.#onAbandoned = undefined;
    this.#channel = channel;
    this.#idPrefix = channel.idPrefix;
    this.#traceSeed = channel.traceSeed;
    this.#id = id;
    const cf = cfObjectFor(head.acceptEncoding);
    const headers = hostMap?.toWorker(head.headers) ?? head.headers;
    const message = [ToWorker.request, id, request.method, url, headers, null, cf];
    channel.send(message);
    if (!head.hasBody) return;
    if (expectsContinue) response.writeContinue();
    this.#body = new RequestBody(request, channel, id, message);
  }

  /**
   * Reads the request's body for one of drover's own paths. Beyond `limit` bytes the rest is dropped, and
   * what is given is longer than that. "broken": the client went away.
   */
  takeBody(limit: number): Promise<Buffer | "broken"> {
    const { request, response, expectsContinue } = this.#options;
    if (expectsContinue) response.writeContinue();
    return readWholeBody(request, limit);
  }

  /** The body of the answer comes from somebody who needs no request: credit and its end go there. */
  serveFrom(port: ThreadPort): void {
    this.#onAbandoned = undefined;
    this.#channel = port;
  }

  /** The client's connection is gone. */
  onDisconnect(): void {
    if (this.#isDone) return;
    this.#onAbandoned?.();
    this.#channel?.send([ToWorker.abort, this.#id]);
    this.#finish("left");
  }

  /**
   * Answers in the Worker's place; once the response has begun the connection is cut instead, so
   * that nobody takes half a body for a whole one.
   */
  fail(report: Failure): void {
    if (this.#webSocket !== undefined) {
      this.shutDown(report.status === 503 ? WORKER_RESTARTED : WORKER_CRASHED);
      return;
    }
    if (this.#isDone) return;
    const { request, response, url, worker, expectsContinue } = this.#options;
    if (response.headersSent) {
      this.#cut();
      return;
    }
    const method = request.method ?? "";
    const page: ErrorReport = { details: "", name: "", worker, method, url, ...report };
    // A client that was never told to continue may or may not send its body: start afresh.
    writeErrorPage(response, request, page, expectsContinue && this.#body === undefined);
    this.#finish("whole");
  }

  /** Answers one of drover's own paths; logged only on demand. */
  answer(status: number, contentType: string, body: string, isLogged = false): void {
    const { request, response } = this.#options;
    // The client went away while somebody looked for the answer.
    if (this.#isDone) return;
    const length = Buffer.byteLength(body);
    response.writeHead(status, { "content-type": contentType, "content-length": length });
    response.end(request.method === "HEAD" ? undefined : body);
    if (isLogged) this.#finish("whole");
    else {
      this.#isDone = true;
      this.#forget();
    }
  }

  /** See util/image-guard.ts. */
  block(): void {
    this.answer(403, "text/plain;charset=UTF-8", BLOCKED, true);
  }

  onMessage(message: HttpMessage): void {
    deliverAnswer(this, message);
  }

  onResponse(
    status: number,
    statusText: string,
    headers: string,
    body: HttpBody,
    length: number,
  ): void {
    if (this.#isDone || this.#options.response.headersSent) return;
    if (this.mustBeImage && !isImage(status, contentTypeOf(headers))) {
      this.#channel?.send([ToWorker.abort, this.#id]);
      this.block();
      return;
    }
    const { request, response, head, hostMap } = this.#options;
    const isHead = request.method === "HEAD";
    const mapped = hostMap?.toClient(headers) ?? headers;
    try {
      const whole = { status, statusText, headers: mapped, body, length };
      const { answer, tail } = this.changesPages ? addTail(whole) : { answer: whole };
      const coded = codeAnswer(answer, head.acceptEncoding, isHead);
      const rest = writeAnswer(response, isHead, coded.answer, this);
      if (rest === "streamed") {
        const { recoding } = coded;
        this.#answerBody = new ResponseBody(response, { length, recoding, tail }, this);
        if (coded.whole !== undefined) this.#answerBody.writeWhole(coded.whole);
        return;
      }
      // Nobody will read it: tell the Worker to stop.
      if (body === BODY_STREAM) this.#channel?.send([ToWorker.abort, this.#id]);
    } catch (error) {
      // Node refuses what cannot be written as a head (status, characters).
      if (body === BODY_STREAM) this.#channel?.send([ToWorker.abort, this.#id]);
      const message = error instanceof Error ? error.message : String(error);
      this.#leave();
      this.fail({ status: 500, title: "Response cannot be sent", message });
      return;
    }
    this.#leave();
    this.#finish("whole");
  }

  onBodyChunk(bytes: Uint8Array): void {
    if (!this.#isDone) this.#answerBody?.write(bytes);
  }

  onBodyEnd(): void {
    if (!this.#isDone) this.#answerBody?.end();
  }

  onBodyError(): void {
    if (!this.#isDone) this.#cut();
  }

  onRequestCredit(bytes: number): void {
    this.#body?.onCredit(bytes);
  }

  onRequestCancel(): void {
    this.#body?.discard();
  }

  onFailure(message: string, stack: string, name: string): void {
    this.#leave();
    this.fail({ status: 500, title: "Uncaught exception", message, details: stack, name });
  }

  /** The Worker answered with a WebSocket: 101, and messages from here on. */
  onUpgrade(headers: string, compresses: boolean): void {
    if (this.#isDone) return;
    const { upgrade, hostMap } = this.#options;
    const channel = this.#channel as ThreadPort;
    const id = this.#id;
    try {
      if (upgrade === undefined) throw new Error("The client did not ask for a WebSocket.");
      const socket = upgrade.accept(hostMap?.toClient(headers) ?? headers, compresses);
      this.#webSocket = new WebSocketRelay(socket, channel, id, () => channel.leave(id));
    } catch (error) {
      channel.send([ToWorker.webSocketClose, id, 1006, "", true]);
      const message = error instanceof Error ? error.message : String(error);
      this.#leave();
      this.fail({ status: 400, title: "Not a WebSocket handshake", message });
      return;
    }
    this.#isDone = true;
    this.#forget();
    this.#log(101, "Switching Protocols", "whole");
    // The thread was replaced while it answered.
    if (channel.webSocketEnd !== undefined) this.shutDown(channel.webSocketEnd);
  }

  onWebSocketMessage(data: string | Uint8Array): void {
    this.#webSocket?.send(data);
  }

  onWebSocketClose(code: number, reason: string): void {
    this.#webSocket?.close(code, reason);
  }

  onWebSocketCredit(size: number): void {
    this.#webSocket?.onCredit(size);
  }

  /** Closes the WebSocket, if it is one, because its thread goes. */
  shutDown(end: WebSocketEnd): void {
    this.#webSocket?.shutDown(end);
  }

  onTaken(bytes: number): void {
    if (!this.#isDone) this.#channel?.send([ToWorker.responseCredit, this.#id, bytes]);
  }

  onUnfinished(): void {
    if (!this.#isDone) this.#cut();
  }

  onWritten(): void {
    this.#leave();
  }

  onSent(isWhole: boolean): void {
    this.#finish(isWhole ? "whole" : "left");
  }

  /** The thread has said its last about this exchange. */
  #leave(): void {
    this.#channel?.leave(this.#id);
    this.#channel = undefined;
    // What the Worker did not read of the request is read and dropped.
    this.#body?.discard();
  }

  /** Its end does not wait for the connection's any more. */
  #forget(): void {
    const { open } = this.#options.connection;
    const index = open.indexOf(this);
    if (index !== -1) open.splice(index, 1);
  }

  #cut(): void {
    this.#channel?.send([ToWorker.abort, this.#id]);
    const { response } = this.#options;
    const socket = response.socket as Socket | null;
    // What waits for its batch leaves first: half a body, not a connection that says nothing.
    response.uncork();
    while (socket !== null && socket.writableCorked > 0) socket.uncork();
    this.#finish("cut");
    socket?.destroy();
  }

  #finish(end: ResponseEnd): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#leave();
    this.#forget();
    const { response } = this.#options;
    const { headersSent, statusCode, statusMessage } = response;
    if (headersSent) this.#log(statusCode, statusMessage || (STATUS_CODES[statusCode] ?? ""), end);
    else this.#log(499, "Client Closed Request", end);
  }

  #log(status: number, statusText: string, end: ResponseEnd): void {
    const { request, worker, head, hasId, log } = this.#options;
    const target = request.url ?? "/";
    const query = target.indexOf("?");
    log({
      worker,
      method: request.method ?? "",
      path: query === -1 ? target : target.slice(0, query),
      status,
      statusText,
      durationMs: performance.now() - this.#startedAt,
      aborted: end === "left",
      cut: end === "cut",
      note: this.note,
      idPrefix: hasId === true ? this.#idPrefix : undefined,
      number: this.#id,
      traceSeed: this.#traceSeed,
      traceparent: head.traceparent,
    });
  }
}
