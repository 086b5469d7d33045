/**
 * One HTTP request in the thread: from the front door's `request` message to `finished`. Owned by
 * HttpEndpoint; lives as long as its invocation. States only move forward: handling -> answered
 * (response or failure sent, a stream perhaps still flowing) -> sent -> finished.
 */

import { describeError, describeForClient } from "../../isolate/errors/error-text.ts";
import { type Invocation, runInvocation } from "../../isolate/invocation.ts";
import { logException } from "../../isolate/log.ts";
import type { RootSpan } from "../../isolate/request-spans.ts";
import { BODY_STREAM, type HttpBody, ToFrontDoor } from "../../protocol/http.ts";
import { networkLost } from "../../rpc/lost-error.ts";
import { alreadyAnswered } from "../../rpc/streams/body-ends.ts";
import type { Request } from "../../web/http/request.ts";
import { assertResponse, type Response, responseToWire } from "../../web/http/response.ts";
import {
  carryWebSocket,
  type WebSocket,
  type WebSocketSink,
} from "../../web/websocket/websocket.ts";
import { IncomingBody } from "./body-in.ts";
import { OutgoingBody } from "./body-out.ts";
import { fireRequestSignal } from "./request-signal.ts";
import { HttpWebSocket } from "./web-socket.ts";

/** What an exchange needs of its endpoint. */
export interface ExchangeOwner {
  send(message: unknown[]): void;
  /** `bytes` of the message are nobody else's. */
  sendBytes(message: unknown[], bytes: unknown): void;
  /** The exchange is over; nothing more is sent for its id. */
  forget(id: number): void;
}

const NOBODY: WebSocketSink = { message: () => {}, close: () => {} };

export class HttpExchange {
  readonly id: number;
  readonly invocation: Invocation;
  request: Request | undefined;
  readonly bodyIn: IncomingBody | null;
  readonly #owner: ExchangeOwner;
  #bodyOut: OutgoingBody | null = null;
  webSocket: HttpWebSocket | null = null;
  /** Where requests are traced. */
  span: RootSpan | undefined;
  #state: "handling" | "answered" | "sent" = "handling";
  #isAborted = false;

  /** `bodyLength`: bytes of a request body that is to be streamed, -1 unknown; null: no stream. */
  constructor(id: number, invocation: Invocation, bodyLength: number | null, owner: ExchangeOwner) {
    this.id = id;
    this.invocation = invocation;
    this.#owner = owner;
    this.bodyIn = bodyLength === null ? null : new IncomingBody(bodyLength, this);
  }

  /* IncomingBody's port. */

  credit(bytes: number): void {
    if (!this.#isAborted) this.#owner.send([ToFrontDoor.requestCredit, this.id, bytes]);
  }

  decline(): void {
    if (!this.#isAborted) this.#owner.send([ToFrontDoor.requestCancel, this.id]);
  }

  hold(): () => void {
    return this.invocation.hold();
  }

  /* What the handler came to. */

  respond(value: unknown): void {
    if (this.#state !== "handling") return;
    let response: Response;
    try {
      response = assertResponse(value);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#isAborted) {
      this.#dropBody(response);
      this.#sent();
      return;
    }
    try {
      const wire = responseToWire(response);
      if (wire.webSocket !== null) {
        this.#upgrade(wire.webSocket as WebSocket, wire.headers);
        return;
      }
      const { body } = wire;
      const isWhole = body === null || typeof body === "string" || body instanceof Uint8Array;
      const out = isWhole ? null : new OutgoingBody(body, this.#bodyOutPort());
      this.#state = "answered";
      const message = [
        ToFrontDoor.response,
        this.id,
        wire.status,
        wire.statusText,
        wire.headers,
        out === null ? (body as HttpBody) : BODY_STREAM,
        wire.length,
      ];
      this.#owner.sendBytes(message, out === null ? body : null);
      this.span?.answered("ok", { status: wire.status });
      if (out === null) {
        this.#sent();
      } else {
        this.#bodyOut = out;
        void out.pump().then(() => this.#sent());
      }
    } catch (error) {
      this.fail(error);
    }
  }

  #upgrade(end: WebSocket, headers: string): void {
    if (this.request?.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new TypeError(
        'Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".',
      );
    }
    this.webSocket = new HttpWebSocket(this.id, end, headers, {
      send: (message) => this.#owner.send(message),
      over: () => this.#sent(),
    });
    this.#state = "answered";
    this.span?.answered("ok", { status: 101 });
  }

  fail(error: unknown): void {
    if (this.#state !== "handling") return;
    this.#state = "answered";
    this.span?.answered("exception", { error });
    if (!this.#isAborted) {
      logException(error, "Uncaught");
      const { message, stack, name } = describeForClient(error);
      this.#owner.send([ToFrontDoor.failure, this.id, message, stack, name]);
    }
    this.#sent();
  }

  /** The handler has not settled, or its body brings nothing, and the client waits for it. */
  get isUnsettled(): boolean {
    if (this.#isAborted) return false;
    return this.#state === "handling" || this.#bodyOut?.isStarved === true;
  }

  /** The hang detector found that it never will. */
  cancelAsHung(error: Error): void {
    if (this.#state === "handling") runInvocation(this.invocation, () => this.fail(error));
    else {
      this.#bodyOut?.fail(error);
      this.#sent();
    }
  }

  /* What the front door says later. */

  responseCredit(bytes: number): void {
    this.#bodyOut?.credit(bytes);
  }

  /** The client is gone. The handler may still register waitUntil work in its abort listener. */
  abort(): void {
    if (this.#isAborted || this.#state === "sent") return;
    this.#isAborted = true;
    this.invocation.callerLeft = true;
    this.webSocket?.onClose(1006, "", false);
    runInvocation(this.invocation, () => {
      this.bodyIn?.fail(networkLost());
      if (this.request !== undefined) fireRequestSignal(this.request);
      this.#bodyOut?.abandon();
    });
    setImmediate(() => this.#sent());
  }

  /** Nothing more is said of it: the front door has answered in the Worker's place. */
  breakOff(): void {
    if (this.#isAborted || this.#state === "sent") return;
    this.#isAborted = true;
    this.webSocket?.onClose(1006, "", false);
    this.bodyIn?.fail(networkLost());
    this.#bodyOut?.abandon();
    this.#sent();
  }

  #sent(): void {
    if (this.#state === "sent") return;
    this.#state = "sent";
    this.bodyIn?.abandon(alreadyAnswered());
    const { invocation } = this;
    if (!invocation.hasTasks || invocation.ended) {
      this.#finish();
      return;
    }
    // What a socket brings after that is no part of the request's tree.
    const onSocketsLeft = (): void => this.span?.end();
    invocation.whenTasksDone(() => this.#finish(), onSocketsLeft);
  }

  #finish(): void {
    this.invocation.end();
    this.span?.end();
    this.#owner.send([ToFrontDoor.finished, this.id]);
    this.#owner.forget(this.id);
  }

  #dropBody(response: Response): void {
    try {
      const webSocket = response.webSocket as WebSocket | null;
      if (webSocket !== null) carryWebSocket(webSocket, NOBODY).close(1006, "");
      response.body?.cancel().catch(() => {});
    } catch {
      // Used already: nothing to drop.
    }
  }

  #bodyOutPort(): { chunk(bytes: Uint8Array): void; end(): void; error(error: unknown): void } {
    const { id } = this;
    const owner = this.#owner;
    return {
      chunk: (bytes) => owner.sendBytes([ToFrontDoor.bodyChunk, id, bytes], bytes),
      end: () => owner.send([ToFrontDoor.bodyEnd, id]),
      error: (error) => {
        logException(error, "Uncaught");
        owner.send([ToFrontDoor.bodyError, id, describeError(error).message]);
      },
    };
  }
}
