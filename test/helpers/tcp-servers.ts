import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/*
 * The peers of test/conformance/workers/tcp.js on loopback.
 */

export interface TcpServers extends AsyncDisposable {
  /** Sends back what it gets, and ends when its peer does. */
  readonly echo: number;
  /** Says "hi" and ends; it goes on reading. */
  readonly fin: number;
  /** Resets the connection at the first byte. */
  readonly reset: number;
  /** Nobody listens there. */
  readonly closed: number;
}

export async function tcpServers(): Promise<TcpServers> {
  const sockets = new Set<Socket>();
  const listen = async (onSocket: (socket: Socket) => void): Promise<Server> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      onSocket(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const servers = [
    await listen((socket) =>
      socket.on("data", (data) => socket.write(data)).on("end", () => socket.end()),
    ),
    await listen((socket) => void socket.resume().end("hi")),
    await listen((socket) => socket.on("data", () => socket.resetAndDestroy())),
  ] as const;
  const unused = await listen(() => {});
  const closed = portOf(unused);
  unused.close();
  await once(unused, "close");
  const [echo, fin, reset] = servers.map(portOf) as [number, number, number];
  return {
    echo,
    fin,
    reset,
    closed,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.map(async (server) => {
          server.close();
          await once(server, "close");
        }),
      );
    },
  };
}

/** Ports, and what production calls its own errors by, differ from run to run. */
export function withoutPorts(text: string, { echo, fin, reset, closed }: TcpServers): string {
  let result = text;
  for (const [name, port] of Object.entries({ echo, fin, reset, closed })) {
    result = result.replaceAll(String(port), name.toUpperCase());
  }
  return result.replace(/internal error(; reference = \w+| \(.*?\))/g, "internal error");
}
