/**
 * Connections that raw TCP listeners have accepted (tcp-door.ts), until the thread that got the event
 * of one claims it (protocol/outbound.ts, `tcpAccept`). Main thread of the host.
 */
import type { Socket } from "node:net";

const waiting: Map<number, Socket> = new Map();
let lastTicket = 0;

/** The ticket that it is claimed with. */
export function offerSocket(socket: Socket): number {
  lastTicket += 1;
  waiting.set(lastTicket, socket);
  return lastTicket;
}

/** Once; undefined: claimed before. */
export function claimSocket(ticket: number): Socket | undefined {
  const socket = waiting.get(ticket);
  waiting.delete(ticket);
  return socket;
}
