/**
 * One outbound HTTP request of a Worker: undici sends it, the answer goes to the thread with
 * credit. Redirects, decoding and everything else that fetch means are the thread's affair.
 * Main thread of the host; made by network.ts. The HTTP client is loaded with the first one.
 */
import { Readable } from "node:stream";
import { BODY_STREAM, type HttpBody, STREAM_CHUNK, STREAM_WINDOW } from "../../protocol/http.ts";
import { type NetworkMessage, ToClient, ToNetwork } from "../../protocol/outbound.ts";
import type { Outbound, OutboundPort } from "./contract.ts";
import { failureOf } from "./failure.ts";

/** The part of undici that is used. */
export interface HttpClient {
  request(url: string, options: object): Promise<ClientAnswer>;
  readonly Agent: new (options: object) => object;
}
interface ClientAnswer {
  readonly statusCode: number;
  readonly statusText?: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Readable;
}
export type LoadHttpClient = () => Promise<HttpClient>;

export interface OutboundRequestInit {
  readonly method: string;
  readonly url: string;
  readonly headers: string;
  readonly body: HttpBody;
}

/** Smaller chunks are quicker copied than handed over. */
const MOVE_FROM = 4096;

/** One pool of connections for all threads of the host. */
let client: Promise<{ readonly http: HttpClient; readonly agent: object }> | undefined;

async function connect(load: LoadHttpClient): Promise<{ http: HttpClient; agent: object }> {
  const http = await load();
  const agent = new http.Agent({ headersTimeout: 0, bodyTimeout: 0, autoSelectFamily: true });
  return { http, agent };
}

export class OutboundRequest implements Outbound {
  readonly #id: number;
  readonly #port: OutboundPort;
  readonly #controller: AbortController = new AbortController();
  readonly #body: RequestBody | undefined;
  #answer: Readable | undefined;
  /** Bytes sent for which the Worker has not given credit. */
  #owed = 0;
  #isOver = false;

  constructor(id: number, init: OutboundRequestInit, port: OutboundPort, load: LoadHttpClient) {
    this.#id = id;
    this.#port = port;
    if (init.body === BODY_STREAM) {
      this.#body = new RequestBody((bytes) => this.#send([ToClient.requestCredit, id, bytes]));
    }
    this.#run(init, load).catch((error) => this.#end([ToClient.failure, id, failureOf(error)]));
  }

  onMessage(message: NetworkMessage): void {
    switch (message[0]) {
      case ToNetwork.bodyChunk:
        this.#body?.feed(message[2] as Uint8Array);
        break;
      case ToNetwork.bodyEnd:
        this.#body?.push(null);
        break;
      case ToNetwork.responseCredit:
        this.#owed -= message[2] as number;
        if (STREAM_WINDOW - this.#owed >= STREAM_CHUNK) this.#answer?.resume();
        break;
    }
  }

  abort(): void {
    this.#isOver = true;
    this.#controller.abort();
    this.#body?.destroy();
    this.#answer?.destroy();
  }

  async #run(init: OutboundRequestInit, load: LoadHttpClient): Promise<void> {
    client ??= connect(load);
    const { http, agent } = await client;
    if (this.#isOver) return;
    const answer = await http.request(init.url, {
      method: init.method,
      headers: init.headers === "" ? [] : init.headers.split("\n"),
      body: init.body === BODY_STREAM ? this.#body?.chunks() : init.body,
      signal: this.#controller.signal,
      dispatcher: agent,
    });
    this.#relay(answer);
  }

  #relay({ statusCode, statusText, headers, body }: ClientAnswer): void {
    const id = this.#id;
    // Errors of a body that nobody wants any more.
    body.on("error", (error) => this.#end([ToClient.bodyError, id, failureOf(error)]));
    if (this.#isOver) {
      body.destroy();
      return;
    }
    this.#answer = body;
    this.#send([ToClient.response, id, statusCode, statusText ?? "", wireHeaders(headers), true]);
    body.on("data", (chunk: Buffer) => this.#onData(chunk));
    body.on("end", () => this.#end([ToClient.bodyEnd, id]));
    body.on("close", () => {
      const error = new Error("the connection was closed");
      this.#end([ToClient.bodyError, id, failureOf(error)]);
    });
  }

  #onData(chunk: Buffer): void {
    for (let from = 0; from < chunk.byteLength; from += STREAM_CHUNK) {
      // A copy: the HTTP client's chunks are views of one big buffer.
      const bytes = new Uint8Array(chunk.subarray(from, from + STREAM_CHUNK));
      this.#owed += bytes.byteLength;
      const moves = bytes.byteLength < MOVE_FROM ? [] : [bytes.buffer];
      this.#send([ToClient.bodyChunk, this.#id, bytes], moves);
    }
    if (STREAM_WINDOW - this.#owed < STREAM_CHUNK) this.#answer?.pause();
  }

  #send(message: readonly unknown[], moves: readonly ArrayBuffer[] = []): void {
    if (!this.#isOver) this.#port.send(message, moves);
  }

  #end(message: readonly unknown[]): void {
    if (this.#isOver) return;
    this.#send(message);
    this.#isOver = true;
    this.#port.leave(this.#id);
    // What the server did not wait for.
    this.#body?.destroy();
  }
}

/** The request body as the HTTP client wants it; credit goes back as it takes chunks. */
class RequestBody extends Readable {
  readonly #credit: (bytes: number) => void;
  #untaken = 0;

  constructor(credit: (bytes: number) => void) {
    super({ highWaterMark: STREAM_CHUNK });
    this.#credit = credit;
    this.on("error", () => {});
  }

  feed(chunk: Uint8Array): void {
    if (this.destroyed) return;
    this.#untaken += chunk.byteLength;
    if (this.push(chunk)) this._read();
  }

  /** Not as a stream: the client would find out that a short one has ended, and count it. */
  chunks(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this[Symbol.asyncIterator]() };
  }

  override _read(): void {
    const bytes = this.#untaken;
    this.#untaken = 0;
    if (bytes > 0) this.#credit(bytes);
  }
}

/** Headers that belong to the connection are left out. */
function wireHeaders(headers: ClientAnswer["headers"]): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) parts.push(name, one);
  }
  return parts.join("\n");
}

const HOP_BY_HOP: ReadonlySet<string> = new Set(["transfer-encoding", "connection", "keep-alive"]);
