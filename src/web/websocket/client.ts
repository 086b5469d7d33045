/**
 * Outbound WebSockets: `new WebSocket(url)` and `fetch` with `Upgrade: websocket`. The connection
 * itself is not in this thread (../http/network.ts). It is part of the invocation that opened it: it
 * keeps the invocation once it is open and accepted (kept-socket.ts), and is cut with its end.
 */

import { type Invocation, requireInvocation } from "../../isolate/invocation.ts";
import type { NetworkFailure } from "../../protocol/outbound.ts";
import { httpCompat } from "../compat.ts";
import type { AbortSignal } from "../events/abort-signal.ts";
import { type Network, type NetworkAnswer, network, type WebSocketCall } from "../http/network.ts";
import { type Outbound, outbound } from "../http/outbound.ts";
import { Request } from "../http/request.ts";
import { streamOfBytes } from "../streams/byte-streams.ts";
import { KeptSocket } from "./kept-socket.ts";
import { closeReason, type WebSocketData, type WebSocketSink } from "./sink.ts";
import {
  carryWebSocket,
  connectDialled,
  createCarriedWebSocket,
  setWebSocketDialler,
  type WebSocket,
} from "./websocket.ts";

export interface UpgradeRequest {
  /** http: or https:. */
  readonly url: URL;
  /** Flat list: name, value. */
  readonly fields: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly invocation: Invocation;
  readonly errorOf: (failure: NetworkFailure) => Error;
}

/** Whoever owns the connection makes these. */
const HANDSHAKE_FIELD = /^sec-websocket-(?:key|version)$/i;

/** Lets `new WebSocket(url)` connect. */
export function installDialler(): void {
  setWebSocketDialler(dial);
}

/** Rejects if there is no answer; resolves without `webSocket` if the server does not want one. */
export async function upgrade(
  request: UpgradeRequest,
): Promise<NetworkAnswer & { readonly webSocket?: WebSocket }> {
  const { signal, invocation, errorOf } = request;
  signal?.throwIfAborted();
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const link = new ClientLink(invocation);
  const { socket, deliver } = createCarriedWebSocket(link);
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => {
      link.abort();
      reject(signal?.reason);
    };
    const settled = (): void => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    link.connect(
      { url: url.href, ...handshakeOf(request.fields), errorOf, invocation },
      {
        message: (data) => deliver.message(data),
        close: (code, reason) => deliver.close(code, closeReason(code, reason)),
        open: (head) => {
          settled();
          resolve({ ...head, body: NO_BODY, webSocket: socket });
        },
        refused: (answer) => {
          settled();
          resolve(answer);
        },
        failed: (error) => {
          settled();
          reject(error);
        },
      },
    );
  });
}

const NO_BODY: NetworkAnswer["body"] = {
  length: 0,
  open: () => streamOfBytes(new Uint8Array(0)),
  cancel: () => {},
};

/** `new WebSocket(url)`: the object is there, the connection follows. */
function dial(socket: WebSocket, url: string, protocols: readonly string[]): void {
  const invocation = requireInvocation();
  const way = outbound();
  if (way !== undefined) {
    way.assertOpen();
    void dialOutbound(way, socket, url, protocols);
    return;
  }
  const link = new ClientLink(invocation);
  const dialled = connectDialled(socket, link);
  const tooMany = invocation.countSubrequest();
  if (tooMany !== undefined) {
    dialled.fail(tooMany);
    return;
  }
  link.connect(
    {
      url,
      protocols,
      headers: "",
      compresses: httpCompat().webSocketCompression,
      errorOf: connectionFailed,
      invocation,
    },
    {
      message: (data) => dialled.deliver.message(data),
      close: (code, reason) => dialled.deliver.close(code, closeReason(code, reason)),
      open: (head, protocol) => {
        link.accepted();
        dialled.open(protocol, extensionsIn(head.headers));
      },
      refused: (answer) => {
        answer.body.cancel();
        dialled.fail(notSwitched(answer.status));
      },
      failed: (error) => dialled.fail(error),
    },
  );
}

/** `headers` of an answer; null: the server names none. */
function extensionsIn(headers: string): string | null {
  return /(?:^|\n)sec-websocket-extensions\n([^\n]*)/.exec(headers)?.[1] ?? null;
}

function notSwitched(status: number): TypeError {
  return new TypeError(
    `Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received ${status} instead.`,
  );
}

/** The same to whoever this Worker was given instead of the network. Never rejects. */
async function dialOutbound(
  way: Outbound,
  socket: WebSocket,
  url: string,
  protocols: readonly string[],
): Promise<void> {
  let carrier: WebSocketSink | undefined;
  const early: ((to: WebSocketSink) => void)[] = [];
  const pass = (event: (to: WebSocketSink) => void): void => {
    if (carrier === undefined) early.push(event);
    else event(carrier);
  };
  const dialled = connectDialled(socket, {
    message: (data) => pass((to) => to.message(data)),
    close: (code, reason) => pass((to) => to.close(code, reason)),
  });
  try {
    const target = url.replace(/^ws/, "http");
    const headers: Record<string, string> = { Upgrade: "websocket" };
    if (protocols.length > 0) headers["Sec-WebSocket-Protocol"] = protocols.join(", ");
    const response = await way.fetch(new Request(target, { headers }));
    const { webSocket } = response as { readonly webSocket?: WebSocket | null };
    if (webSocket === undefined || webSocket === null) {
      dialled.fail(notSwitched(response.status));
      return;
    }
    carrier = carryWebSocket(webSocket, dialled.deliver);
    const { headers: answered } = response;
    const extensions = answered.get("sec-websocket-extensions");
    dialled.open(answered.get("sec-websocket-protocol") ?? "", extensions);
    for (const event of early) event(carrier);
  } catch (error) {
    dialled.fail(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Production says no more than the first half; a developer wants to know why. */
function connectionFailed({ message, code }: NetworkFailure): Error {
  const error = new Error(`Network connection lost. (${message || code})`);
  return Object.assign(error, { retryable: true });
}

interface ConnectOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: string;
  readonly compresses: boolean;
  readonly errorOf: (failure: NetworkFailure) => Error;
  readonly invocation: Invocation;
}

/** One connection: what the Worker sends on it waits until it is open. */
class ClientLink implements WebSocketSink {
  readonly #kept: KeptSocket;
  #call: WebSocketCall | undefined;
  #isOpen = false;
  #early: WebSocketData[] = [];

  constructor(invocation: Invocation) {
    this.#kept = new KeptSocket(invocation);
  }

  /** Of one that `fetch` gave: user code says so; others are accepted when they are open. */
  accepted(): void {
    this.#kept.begin();
  }

  connect(options: ConnectOptions, events: Parameters<Network["webSocket"]>[1]): void {
    const { invocation, ...request } = options;
    const removeOnEnd = invocation.onEnd(() => this.abort());
    this.#call = network().webSocket(
      { ...request, hold: () => invocation.hold() },
      {
        ...events,
        open: (head, protocol) => {
          this.#isOpen = true;
          events.open(head, protocol);
          for (const data of this.#early.splice(0)) this.message(data);
        },
        failed: (error) => {
          removeOnEnd();
          events.failed(error);
        },
        close: (code, reason) => {
          removeOnEnd();
          events.close(code, reason);
          this.#kept.end();
        },
      },
    );
  }

  message(data: WebSocketData): void {
    if (this.#isOpen) this.#call?.send(data);
    else this.#early.push(data);
  }

  close(code: number, reason: string): void {
    this.#call?.close(code, reason);
  }

  abort(): void {
    this.#call?.abort();
    this.#kept.end();
  }
}

function handshakeOf(fields: readonly string[]): {
  readonly headers: string;
  readonly protocols: string[];
  readonly compresses: boolean;
} {
  const headers: string[] = [];
  let compresses = false;
  const protocols: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name.toLowerCase() === "sec-websocket-protocol") {
      protocols.push(...value.split(",").map((protocol) => protocol.trim()));
    } else if (name.toLowerCase() === "sec-websocket-extensions") {
      // `fetch` offers nothing by itself.
      compresses = httpCompat().webSocketCompression && /\bpermessage-deflate\b/.test(value);
    } else if (!HANDSHAKE_FIELD.test(name)) {
      headers.push(name, value);
    }
  }
  return { headers: headers.join("\n"), protocols, compresses };
}
