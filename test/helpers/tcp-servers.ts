import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { freePort } from "./free-port.ts";

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
  /** HTTP: /echo, /redirect, /gzip, /hang. */
  readonly http: number;
}

const onRequest: RequestListener = async (request, response) => {
  switch (new URL(request.url ?? "", "http://x").pathname) {
    case "/redirect":
      response.writeHead(302, { location: "/echo" }).end("moved");
      break;
    case "/gzip":
      response.setHeader("content-encoding", "gzip").end(gzipSync("zipped"));
      break;
    case "/hang":
      break;
    default: {
      const { method, url, headers } = request;
      const body = await text(request);
      response.setHeader("x-many", ["1", "2"]).end(JSON.stringify({ method, url, headers, body }));
    }
  }
};

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
  const closed = await freePort("127.0.0.1");
  const web = createHttp(onRequest);
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  const [echo, fin, reset] = servers.map(portOf) as [number, number, number];
  return {
    echo,
    fin,
    reset,
    closed,
    http: (web.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      web.closeAllConnections();
      web.close();
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
export function withoutPorts(said: string, servers: TcpServers): string {
  let result = said;
  for (const [name, port] of Object.entries(servers)) {
    result = result.replaceAll(String(port), name.toUpperCase());
  }
  return result.replace(/internal error(; reference = \w+| \(.*?\))/g, "internal error");
}

/** For the Workers' URLs. */
export function portsOf({ echo, fin, reset, closed, http }: TcpServers): string {
  return `?echo=${echo}&fin=${fin}&reset=${reset}&closed=${closed}&http=${http}`;
}
