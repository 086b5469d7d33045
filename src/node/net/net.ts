/** `node:net` (spec/node.md 8.3): the client's side on Socket, addresses as Node has them. */
import { nativeMembers } from "../native-copies.ts";
import { normalizeArgs } from "./arguments.ts";
import { optionNotImplemented } from "./errors.ts";
import { Server } from "./server.ts";
import { Socket } from "./socket.ts";

export function netModule(): Record<string, unknown> {
  return {
    ...nativeMembers("net", ["BlockList", "SocketAddress", "isIP", "isIPv4", "isIPv6"]),
    Server,
    Socket,
    Stream: Socket,
    _normalizeArgs: normalizeArgs,
    connect,
    createConnection: connect,
    createServer: (...args: ConstructorParameters<typeof Server>) => new Server(...args),
    getDefaultAutoSelectFamily: () => false,
    getDefaultAutoSelectFamilyAttemptTimeout: () => 10,
    setDefaultAutoSelectFamily(isOn: boolean) {
      if (isOn) throw optionNotImplemented("autoSelectFamily");
    },
    setDefaultAutoSelectFamilyAttemptTimeout() {},
  };
}

function connect(...args: unknown[]): Socket {
  const [options, callback] = normalizeArgs(args);
  const socket = new Socket(options);
  return socket.connect(options, ...(callback === null ? [] : [callback]));
}
