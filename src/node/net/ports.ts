/**
 * The ports of one Worker: no sockets, names by which `cloudflare:node` finds a server of node:http or
 * node:net (spec/node.md 8.2). One table a thread.
 */
import { badPort } from "./errors.ts";

const FIRST_FREE = 49_152;
const LAST = 65_535;

const servers: Map<number, object> = new Map();

/** Takes `port`, or the first free one for 0. Throws EADDRINUSE. */
export function claimPort(port: number, server: object, address: string): number {
  const chosen = port === 0 ? freePort() : port;
  if (servers.has(chosen)) {
    throw Object.assign(new Error(`bind EADDRINUSE ${address}:${chosen}`), {
      code: "EADDRINUSE",
      errno: -98,
      syscall: "bind",
      address,
      port: chosen,
    });
  }
  servers.set(chosen, server);
  return chosen;
}

export function releasePort(port: number): void {
  servers.delete(port);
}

export function serverAt(port: number): object | undefined {
  return servers.get(port);
}

/** The port among the arguments of `listen`; a path is ignored, as in production. */
export function listenPort(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "string" && !(Number(value) >= 0)) return 0;
  const port = Number(value);
  if (port !== port >>> 0 || port > LAST) throw badPort(value, "options.port");
  return port;
}

function freePort(): number {
  let port = FIRST_FREE;
  while (servers.has(port)) port += 1;
  return port;
}
