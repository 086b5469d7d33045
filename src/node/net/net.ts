/** `node:net` (spec/node.md 8.3): the client's side on Socket, addresses as Node has them. */
import { nodeError } from "../errors.ts";
import { nativeMembers } from "../native-copies.ts";
import { normalizeArgs } from "./arguments.ts";
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
      if (!isOn) return;
      const message = "The argument 'val' is invalid. Received true";
      throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
    },
    setDefaultAutoSelectFamilyAttemptTimeout() {},
  };
}

function connect(...args: unknown[]): Socket {
  const [options, callback] = normalizeArgs(args);
  const socket = new Socket(options);
  return socket.connect(options, ...(callback === null ? [] : [callback]));
}
