/** `connect(socket, env, ctx)` for a connection of a raw TCP listener (spec/platform.md 13). */
import type { ConnectEvent } from "../../protocol/events.ts";
import { parseOptions } from "../../web/sockets/address.ts";
import { acceptTcp } from "../../web/sockets/open.ts";
import { createSocket, infoOf } from "../../web/sockets/socket.ts";
import type { OpenedEvent } from "./opened-event.ts";

/** Inside of the invocation. */
export function openConnect({ ticket, remoteAddress, localAddress }: ConnectEvent): OpenedEvent {
  const settings = parseOptions({ allowHalfOpen: true });
  const info = infoOf(remoteAddress, localAddress);
  const socket = createSocket({ info, port: 0, settings }, (events) => acceptTcp(ticket, events));
  return {
    handler: "connect",
    argument: socket,
    missing:
      "Received a connect event but we lack a handler. Did you remember to export a connect() function?",
    missingError: "Handler does not export a connect() function.",
    settled: () => socket.close(),
    result: () => ({}),
  };
}
