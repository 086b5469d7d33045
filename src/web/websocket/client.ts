/**
 * Outbound WebSockets, on the client of `ws` (loaded at the first use): `new WebSocket(url)` and
 * `fetch` with `Upgrade: websocket`. A connection is part of the invocation that opened it: it
 * keeps the invocation alive once it is accepted, and is cut with its end.
 */
import type { IncomingMessage } from "node:http";
import { type Invocation, requireInvocation } from "../../isolate/invocation.ts";
import {
  connectDialled,
  createCarriedWebSocket,
  setWebSocketDialler,
  type WebSocket,
  type WebSocketData,
  type WebSocketSink,
} from "./websocket.ts";

/** The part of `ws` that is used. */
export interface WsLike {
  readonly WebSocket: new (url: string, protocols: string[], options: object) => Client;
}

interface Client {
  readonly protocol: string;
  on(event: "open", listener: () => void): this;
  on(event: "upgrade", listener: (message: IncomingMessage) => void): this;
  on(
    event: "unexpected-response",
    listener: (request: unknown, message: IncomingMessage) => void,
  ): this;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
  on(event: "close", listener: (code: number, reason: Buffer) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  send(data: WebSocketData, done: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

export interface UpgradeRequest {
  /** http: or https:. */
  readonly url: URL;
  /** Flat list: name, value. */
  readonly fields: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly invocation: Invocation;
}

/** As in production; `ws` cuts the connection with code 1009. */
const MAX_MESSAGE: number = 32 * 1024 * 1024;
const LOST = 1006;
/** `ws` makes these. */
const HANDSHAKE_FIELD = /^sec-websocket-(?:key|version|extensions|protocol)$/i;

let loadWs: () => Promise<WsLike> = () => {
  throw new Error("Outbound WebSockets are not available: no client was configured");
};

/** Set once at the start of the thread. */
export function setWebSocketClientLoader(load: () => Promise<WsLike>): void {
  loadWs = load;
  setWebSocketDialler(dial);
}

/** Rejects if there is no answer; resolves with `message` alone if it is no WebSocket. */
export async function upgrade(
  request: UpgradeRequest,
): Promise<
  | { readonly message: IncomingMessage }
  | { readonly message: IncomingMessage; readonly webSocket: WebSocket }
> {
  const { WebSocket: WsClient } = await loadWs();
  const { signal, invocation } = request;
  signal?.throwIfAborted();
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const { headers, protocols } = handshakeOf(request.fields);
  const client = new WsClient(url.href, protocols, { ...OPTIONS, headers });
  const link = new ClientLink(client, invocation);
  const { socket, deliver } = createCarriedWebSocket(link);
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => client.terminate();
    const settled = (): void => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    let answer: IncomingMessage;
    client.on("upgrade", (message) => {
      answer = message;
    });
    client.on("unexpected-response", (_request, message) => {
      settled();
      resolve({ message });
    });
    link.start(deliver, {
      open: () => {
        settled();
        resolve({ message: answer, webSocket: socket });
      },
      fail: (error) => {
        settled();
        reject(error);
      },
    });
  });
}

/** `new WebSocket(url)`: the object is there, the connection follows. */
function dial(socket: WebSocket, url: string, given: string | string[] | undefined): void {
  const invocation = requireInvocation();
  const protocols = given === undefined ? [] : Array.isArray(given) ? given : [given];
  let link: ClientLink | undefined;
  let isClosed = false;
  const dialled = connectDialled(socket, {
    message: (data) => link?.message(data),
    close: (code, reason) => {
      isClosed = true;
      if (link !== undefined) link.close(code, reason);
      else dialled.deliver.close(LOST, "");
    },
  });
  const connect = async (): Promise<void> => {
    const { WebSocket: WsClient } = await loadWs();
    if (isClosed) return;
    const client = new WsClient(url, protocols.map(String), OPTIONS);
    link = new ClientLink(client, invocation);
    link.start(dialled.deliver, {
      open: () => dialled.open(client.protocol),
      fail: (error) => dialled.fail(connectionFailed(error)),
    });
  };
  connect().catch((error: Error) => dialled.fail(connectionFailed(error)));
}

/** Production says no more than the first half; a developer wants to know why. */
function connectionFailed(cause: Error): Error {
  const { message, code } = cause as NodeJS.ErrnoException;
  return new Error(`WebSocket connection failed. (${message || code})`, { cause });
}

const OPTIONS: object = { maxPayload: MAX_MESSAGE, perMessageDeflate: false };

/** One connection: what the Worker sends on it, and what it is told. */
class ClientLink implements WebSocketSink {
  readonly #client: Client;
  readonly #invocation: Invocation;
  #isOpen = false;
  #early: WebSocketData[] = [];

  constructor(client: Client, invocation: Invocation) {
    this.#client = client;
    this.#invocation = invocation;
  }

  start(
    deliver: WebSocketSink,
    events: { readonly open: () => void; readonly fail: (error: Error) => void },
  ): void {
    const client = this.#client;
    const removeOnEnd = this.#invocation.onEnd(() => client.terminate());
    client.on("open", () => {
      this.#isOpen = true;
      events.open();
      for (const data of this.#early.splice(0)) this.message(data);
    });
    client.on("message", (data, isBinary) =>
      deliver.message(isBinary ? new Uint8Array(data) : data.toString()),
    );
    // After "open" the "close" that follows tells all there is to tell.
    client.on("error", (error) => {
      if (!this.#isOpen) events.fail(error);
    });
    client.on("close", (code, reason) => {
      removeOnEnd();
      if (this.#isOpen) deliver.close(code, reason.toString());
    });
  }

  message(data: WebSocketData): void {
    // A connection that just broke: "close" tells.
    if (this.#isOpen) this.#client.send(data, () => {});
    else this.#early.push(data);
  }

  close(code: number, reason: string): void {
    if (code === LOST) this.#client.terminate();
    else if (code === 1005) this.#client.close();
    else this.#client.close(code, reason);
  }
}

function handshakeOf(fields: readonly string[]): {
  readonly headers: Record<string, string[]>;
  readonly protocols: string[];
} {
  const headers: Record<string, string[]> = {};
  const protocols: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name.toLowerCase() === "sec-websocket-protocol") {
      protocols.push(...value.split(",").map((protocol) => protocol.trim()));
    } else if (!HANDSHAKE_FIELD.test(name)) {
      const values = headers[name] ?? [];
      values.push(value);
      headers[name] = values;
    }
  }
  return { headers, protocols };
}
