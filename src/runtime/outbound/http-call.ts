/**
 * One outbound HTTP request in the thread: sends the body with credit, gives the answer to fetch as
 * soon as its head is there. Made by network-port.ts; over when the answer's body is.
 */
import { BODY_STREAM } from "../../protocol/http.ts";
import {
  type NetworkFailure,
  type NetworkMessage,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import { createDeferred, type Deferred } from "../../util/deferred.ts";
import type { NetworkAnswer, NetworkCall, NetworkRequest } from "../../web/http/network.ts";
import { isReadableStream } from "../../web/streams/byte-streams.ts";
import type { IncomingBody } from "../http/body-in.ts";
import { OutgoingBody } from "../http/body-out.ts";
import { answerBody } from "./answer-body.ts";
import type { CallPort, OutboundCall } from "./contract.ts";

export class HttpCall implements NetworkCall, OutboundCall {
  readonly #id: number;
  readonly #request: NetworkRequest;
  readonly #port: CallPort;
  readonly #answer: Deferred<NetworkAnswer> = createDeferred();
  #bodyIn: IncomingBody | undefined;
  #bodyOut: OutgoingBody | undefined;
  #isOver = false;

  constructor(id: number, request: NetworkRequest, port: CallPort) {
    this.#id = id;
    this.#request = request;
    this.#port = port;
  }

  get answer(): Promise<NetworkAnswer> {
    return this.#answer.promise;
  }

  start(): void {
    const { method, url, headers, body } = this.#request;
    const stream = isReadableStream(body) ? body : undefined;
    const sent = isReadableStream(body) ? BODY_STREAM : body;
    this.#port.send([ToNetwork.request, this.#id, method, url, headers, sent]);
    if (stream === undefined) return;
    this.#bodyOut = new OutgoingBody(stream, {
      chunk: (bytes) => this.#port.send([ToNetwork.bodyChunk, this.#id, bytes]),
      end: () => this.#port.send([ToNetwork.bodyEnd, this.#id]),
      error: (error) => this.abort(error),
    });
    void this.#bodyOut.pump();
  }

  abort(reason: unknown): void {
    if (this.#isOver) return;
    this.#port.send([ToNetwork.abort, this.#id]);
    this.#end();
    this.#answer.reject(reason);
    this.#bodyIn?.fail(reason);
  }

  onResponse(status: number, statusText: string, headers: string): void {
    const body = answerBody(this.#id, headers, this.#port, {
      hold: this.#request.hold,
      decline: () => this.abort(undefined),
    });
    this.#bodyIn = body;
    this.#answer.resolve({ status, statusText, headers, body });
  }

  onChunk(bytes: Uint8Array): void {
    this.#bodyIn?.push(bytes);
  }

  onEnd(): void {
    this.#end();
    this.#bodyIn?.complete();
  }

  onFailure(failure: NetworkFailure): void {
    this.#end();
    const error = this.#request.errorOf(failure);
    this.#answer.reject(error);
    this.#bodyIn?.fail(error);
  }

  onMore(message: NetworkMessage): void {
    if (message[0] === ToClient.requestCredit) this.#bodyOut?.credit(message[2] as number);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#port.leave(this.#id);
    this.#bodyOut?.abandon();
    this.#request.onOver();
  }
}
