/**
 * Where the global `fetch`, `connect` and `WebSocket` of a Worker lead instead of to the network: those
 * of a dynamic Worker, to what its loader gave it (spec/resources.md 13). Set once, before code runs.
 */
import type { TcpCall, TcpEvents } from "../sockets/transport.ts";
import type { Request } from "./request.ts";
import type { Response } from "./response.ts";

export interface Outbound {
  fetch(request: Request): Promise<Response>;
  /** `address`: "host:port". Throws what `connect` is to throw. */
  connect(address: string, events: TcpEvents): TcpCall;
  /** Throws what `new WebSocket` is to throw where there is no way out. */
  assertOpen(): void;
}

let current: Outbound | undefined;

export function setOutbound(outbound: Outbound): void {
  current = outbound;
}

/** Undefined: to the network. */
export function outbound(): Outbound | undefined {
  return current;
}
