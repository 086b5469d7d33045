/**
 * What is written to a connection within a turn leaves in one write: a system call for each message of a
 * WebSocket takes longer than all else that is done for it. Main thread of the host; used by
 * web-socket-relay.ts.
 */
import type { Duplex } from "node:stream";

let corked: Duplex[] = [];

/** Holds back what is written until this callback of the event loop is over. */
export function corkForTurn(connection: Duplex | undefined): void {
  if (connection === undefined || connection.writableCorked > 0) return;
  connection.cork();
  if (corked.push(connection) === 1) process.nextTick(uncorkAll);
}

function uncorkAll(): void {
  const connections = corked;
  corked = [];
  for (const connection of connections) connection.uncork();
}
