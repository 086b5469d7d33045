/**
 * The thread's end of protocol/outbound.ts: owns the port to the host's network and what is open on
 * it. Everything sent within an event-loop turn leaves as one message. Made by thread.ts with the
 * first outbound request; one per thread.
 */
import type { MessagePort } from "node:worker_threads";
import { currentInvocation } from "../../isolate/invocation.ts";
import { beginNetworkSpan } from "../../isolate/request-spans.ts";
import { moveBytes } from "../../protocol/moved-bytes.ts";
import {
  type LookupAddress,
  type NetworkBatch,
  type NetworkFailure,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import { hidden } from "../../util/hidden.ts";
import type {
  Network,
  NetworkCall,
  NetworkRequest,
  WebSocketCall,
  WebSocketEvents,
  WebSocketRequest,
} from "../../web/http/network.ts";
import type { TcpCall, TcpEvents, TcpRequest } from "../../web/sockets/transport.ts";
import type { CallPort, OutboundCall } from "./contract.ts";
import { HttpCall } from "./http-call.ts";
import { LookupCall } from "./lookup-call.ts";
import { SocketCall } from "./socket-call.ts";
import { TcpPortCall } from "./tcp-call.ts";

/** The thread's end of the host's network. */
export function createNetwork(port: MessagePort): Network {
  return new NetworkPort(port);
}

class NetworkPort implements Network, CallPort {
  readonly #port: MessagePort;
  readonly #calls: Map<number, OutboundCall> = new Map();
  #lastId = 0;
  #queue: unknown[][] = [];
  #isScheduled = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on(
      "message",
      hidden((batch: NetworkBatch) => {
        for (const message of batch) this.#receive(message);
      }),
    );
  }

  request(request: NetworkRequest): NetworkCall {
    const id = ++this.#lastId;
    const call = new HttpCall(id, request, this);
    this.#calls.set(id, call);
    const span = beginNetworkSpan(currentInvocation()?.trace, request);
    if (span !== undefined) {
      call.answer.then(
        (answer) => span.resolved(answer),
        (error) => span.rejected(error),
      );
    }
    call.start();
    return call;
  }

  webSocket(request: WebSocketRequest, events: WebSocketEvents): WebSocketCall {
    const id = ++this.#lastId;
    const call = new SocketCall(id, request, events, this);
    this.#calls.set(id, call);
    const { url, protocols, headers, compresses } = request;
    this.send([ToNetwork.webSocket, id, url, protocols, headers, compresses]);
    return call;
  }

  tcp(request: TcpRequest, events: TcpEvents): TcpCall {
    const id = ++this.#lastId;
    const call = new TcpPortCall(id, request, events, this);
    this.#calls.set(id, call);
    return call;
  }

  lookup(host: string): Promise<readonly LookupAddress[]> {
    const id = ++this.#lastId;
    const call = new LookupCall(id, this);
    this.#calls.set(id, call);
    this.send([ToNetwork.lookup, id, host]);
    return call.answer;
  }

  send(message: unknown[]): void {
    this.#queue.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(flush, this);
  }

  leave(id: number): void {
    this.#calls.delete(id);
  }

  flush(): void {
    this.#isScheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    const moves: ArrayBuffer[] = [];
    for (const [op, , bytes] of queue) if (op === ToNetwork.tcpData) moveBytes(bytes, moves);
    this.#port.postMessage(queue, moves);
  }

  #receive(message: NetworkBatch[number]): void {
    const call = this.#calls.get(message[1]);
    // Given up here while the message was under way.
    if (call === undefined) return;
    switch (message[0]) {
      case ToClient.response:
        call.onResponse(message[2] as number, message[3] as string, message[4] as string);
        break;
      case ToClient.bodyChunk:
        call.onChunk(message[2] as Uint8Array);
        break;
      case ToClient.bodyEnd:
        call.onEnd();
        break;
      case ToClient.bodyError:
      case ToClient.failure:
        call.onFailure(message[2] as NetworkFailure);
        break;
      default:
        call.onMore(message);
    }
  }
}

function flush(port: NetworkPort): void {
  port.flush();
}
