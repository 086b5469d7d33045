/**
 * The host's end of protocol/outbound.ts: one per thread that has made an outbound request, on the
 * host's main thread. Owns the port and the table of what is open on it; everything queued within
 * an event-loop turn leaves as one message. Made by worker-slot.ts; ends with the thread's port.
 */
import { lookup } from "node:dns/promises";
import type { MessagePort } from "node:worker_threads";
import type { HttpBody } from "../../protocol/http.ts";
import {
  type NetworkBatch,
  type NetworkMessage,
  type TcpTls,
  ToClient,
  ToNetwork,
} from "../../protocol/outbound.ts";
import { claimSocket } from "./accepted.ts";
import type { Outbound, OutboundPort } from "./contract.ts";
import { failureOf } from "./failure.ts";
import { type LoadHttpClient, OutboundRequest } from "./request.ts";
import { OutboundTcp } from "./tcp.ts";
import { OutboundWebSocket } from "./web-socket.ts";

export class Network implements OutboundPort {
  readonly #port: MessagePort;
  readonly #loadClient: LoadHttpClient;
  readonly #open: Map<number, Outbound> = new Map();
  #queue: (readonly unknown[])[] = [];
  #moves: ArrayBuffer[] = [];
  #isScheduled = false;

  constructor(port: MessagePort, loadClient: LoadHttpClient) {
    this.#port = port;
    this.#loadClient = loadClient;
    port.on("message", (batch: NetworkBatch) => {
      for (const message of batch) this.#receive(message);
    });
    port.on("close", () => this.close());
    // A thread that is gone does not keep the process.
    port.unref();
  }

  send(message: readonly unknown[], moves: readonly ArrayBuffer[] = []): void {
    this.#queue.push(message);
    this.#moves.push(...moves);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(flush, this);
  }

  leave(id: number): void {
    this.#open.delete(id);
  }

  flush(): void {
    this.#isScheduled = false;
    const queue = this.#queue;
    const moves = this.#moves;
    this.#queue = [];
    this.#moves = [];
    this.#port.postMessage(queue, moves);
  }

  /** Cuts what is open. */
  close(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const one of open) one.abort();
    this.#port.close();
  }

  /** Never rejects. */
  async #lookup(id: number, host: string): Promise<void> {
    try {
      this.send([ToClient.addresses, id, await lookup(host, { all: true })]);
    } catch (error) {
      this.send([ToClient.failure, id, failureOf(error)]);
    }
  }

  #receive(message: NetworkMessage): void {
    const [op, id] = message;
    if (op === ToNetwork.request) {
      const [, , method, url, headers, body] = message as readonly unknown[];
      const init = { method, url, headers, body } as Record<"method" | "url" | "headers", string>;
      const request = { ...init, body: body as HttpBody };
      this.#open.set(id, new OutboundRequest(id, request, this, this.#loadClient));
    } else if (op === ToNetwork.webSocket) {
      const [, , url, protocols, headers, compresses] = message as readonly unknown[];
      const socket = { url, headers } as Record<"url" | "headers", string>;
      const request = {
        ...socket,
        protocols: protocols as string[],
        compresses: compresses === true,
      };
      this.#open.set(id, new OutboundWebSocket(id, request, this));
    } else if (op === ToNetwork.tcp) {
      const [, , host, port, tls] = message as readonly unknown[];
      const init = { host: host as string, port: port as number, tls: tls as TcpTls };
      this.#open.set(id, new OutboundTcp(id, init, this));
    } else if (op === ToNetwork.tcpAccept) {
      const socket = claimSocket(message[2] as number);
      if (socket !== undefined) this.#open.set(id, new OutboundTcp(id, { socket }, this));
      else this.send([ToClient.tcpClosed, id, failureOf(new Error("the connection is gone"))]);
    } else if (op === ToNetwork.lookup) {
      void this.#lookup(id, message[2] as string);
    } else if (op === ToNetwork.abort) {
      const open = this.#open.get(id);
      this.#open.delete(id);
      open?.abort();
    } else {
      // Over here while the message was under way.
      this.#open.get(id)?.onMessage(message);
    }
  }
}

function flush(network: Network): void {
  network.flush();
}
