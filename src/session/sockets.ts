/**
 * Binds the addresses that a session is reached at. The session process keeps the bound handles
 * for its whole life and never accepts on them; the host process listens on copies, so that a port
 * survives the death of a host (design.md, "Why a host process").
 *
 * Bind, then announce: a port is chosen by binding it, never by probing first.
 */
import { lookup } from "node:dns/promises";
import net from "node:net";
import { getSystemErrorMap } from "node:util";
import { ExitCode, UserError } from "../util/errors.ts";
import { bareAddress } from "./connect-address.ts";

/** The part of libuv's TCP handle that is used here. */
export interface TcpHandle {
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}

export interface BoundSocket {
  readonly address: string;
  readonly handle: TcpHandle;
}

/** One port on every address that the wanted ip stands for. */
export interface BoundPort extends Disposable {
  /** As the user wrote it: what URLs show. */
  readonly ip: string;
  readonly port: number;
  readonly sockets: readonly BoundSocket[];
}

export interface BindOptions {
  /** "localhost" (both loopback addresses), "*", an address or a host name. */
  readonly ip: string;
  /** 0: any. undefined: the default, else one of the next nine, else any. */
  readonly port: number | undefined;
  readonly use?: PortUse;
  /** Of implicit ports the one that is tried first. */
  readonly preferred?: number | undefined;
  /** Implicit ports that turned out to be taken when the host tried to listen. */
  readonly avoid?: ReadonlySet<number>;
}

export type SocketErrorCode =
  /** The wanted port is taken. */
  | "PORT_TAKEN"
  /** The address does not belong to this machine, or the port needs more rights. */
  | "PORT_UNUSABLE";

/** What a port is for: where it is looked for, and the flags that choose another. */
export interface PortUse {
  readonly defaultPort: number;
  readonly portFlag: string;
  readonly ipFlag: string;
}

const FRONT: PortUse = { defaultPort: 8787, portFlag: "--port", ipFlag: "--ip" };
const PORTS_TRIED = 10;

/** @throws UserError PORT_TAKEN (exit code 4) or PORT_UNUSABLE (exit code 4) */
export async function bindPort(options: BindOptions): Promise<BoundPort> {
  const { use = FRONT } = options;
  const addresses = await addressesOf(options.ip);
  for (const port of candidates(options)) {
    const sockets = tryBind(addresses, port);
    if (Array.isArray(sockets)) return createBoundPort(options.ip, sockets);
    if (sockets.code === "EADDRINUSE" && options.port === undefined) continue;
    throw bindError(options.ip, port, sockets.code, use);
  }
  throw bindError(options.ip, use.defaultPort, "EADDRINUSE", use);
}

/** The error for a port that another process holds; wrangler's words (spec/wrangler.md 1.1). */
export function portTakenError(
  ip: string,
  port: number,
  { portFlag }: PortUse = FRONT,
): UserError<SocketErrorCode> {
  return new UserError(
    "PORT_TAKEN",
    `Address already in use (${ip}:${port}). Please check that you are not already running a server on this address or specify a different port with ${portFlag}.`,
    { exitCode: ExitCode.portTaken },
  );
}

function bindError(
  ip: string,
  port: number,
  code: string,
  use: PortUse,
): UserError<SocketErrorCode> {
  if (code === "EADDRINUSE") return portTakenError(ip, port, use);
  return new UserError("PORT_UNUSABLE", `Cannot listen on ${ip}:${port} (${code}).`, {
    exitCode: ExitCode.portTaken,
    hint:
      code === "EACCES"
        ? `Ports below 1024 need more rights on this system. Choose another with ${use.portFlag}.`
        : `The address does not belong to this machine. Choose another with ${use.ipFlag}.`,
  });
}

function* candidates({ port, preferred, avoid, use = FRONT }: BindOptions): Generator<number> {
  if (port !== undefined) {
    yield port;
    return;
  }
  if (preferred !== undefined && !avoid?.has(preferred)) yield preferred;
  for (let next = use.defaultPort; next < use.defaultPort + PORTS_TRIED; next += 1) {
    if (!avoid?.has(next)) yield next;
  }
  yield 0;
}

interface Address {
  readonly host: string;
  readonly family: 4 | 6;
  /** Missing on machines without IPv6: no reason to fail. */
  readonly optional: boolean;
}

async function addressesOf(ip: string): Promise<readonly Address[]> {
  if (ip === "localhost") {
    return [
      { host: "127.0.0.1", family: 4, optional: false },
      { host: "::1", family: 6, optional: true },
    ];
  }
  if (ip === "*") return [{ host: "0.0.0.0", family: 4, optional: false }];
  const bare = bareAddress(ip);
  const family = net.isIP(bare);
  if (family === 4 || family === 6) return [{ host: bare, family, optional: false }];
  try {
    const found = await lookup(ip, { all: true });
    return found.map(({ address, family: version }) => ({
      host: address,
      family: version === 6 ? 6 : 4,
      optional: false,
    }));
  } catch (cause) {
    throw new UserError("PORT_UNUSABLE", `Cannot listen on "${ip}": no such host.`, {
      exitCode: ExitCode.portTaken,
      cause,
    });
  }
}

/** All addresses on one port, or the first error. With port 0 the first address chooses it. */
function tryBind(addresses: readonly Address[], wanted: number): BoundSocket[] | { code: string } {
  // Another process may hold the chosen port on the second address only: then choose again.
  for (let attempt = 1; ; attempt += 1) {
    const sockets: BoundSocket[] = [];
    let port = wanted;
    let failure: string | undefined;
    for (const address of addresses) {
      const handle = bindOne(address, port);
      if (typeof handle === "string") {
        if (address.optional && handle !== "EADDRINUSE") continue;
        failure = handle;
        break;
      }
      sockets.push({ address: address.host, handle });
      port = portOf(handle);
    }
    if (failure === undefined) return sockets;
    for (const { handle } of sockets) handle.close();
    if (wanted !== 0 || failure !== "EADDRINUSE" || attempt === PORTS_TRIED) {
      return { code: failure };
    }
  }
}

/**
 * What `cluster` uses to bind without listening. Underscored, but the only way in Node: a
 * listening `net.Server` in this process would accept half of the connections (spikes.md S1).
 */
interface NetInternals {
  _createServerHandle(host: string, port: number, family: 4 | 6): TcpHandle | number;
}

function bindOne({ host, family }: Address, port: number): TcpHandle | string {
  const handle = (net as unknown as NetInternals)._createServerHandle(host, port, family);
  if (typeof handle === "number") return errorName(handle);
  // libuv keeps EADDRINUSE from bind() back; asking for the name brings it out.
  const status = handle.getsockname({});
  if (status === 0) return handle;
  handle.close();
  return errorName(status);
}

function portOf(handle: TcpHandle): number {
  const name: { port?: number } = {};
  handle.getsockname(name);
  return name.port ?? 0;
}

function errorName(status: number): string {
  return getSystemErrorMap().get(status)?.[0] ?? `error ${status}`;
}

function createBoundPort(ip: string, sockets: BoundSocket[]): BoundPort {
  const first = sockets[0];
  if (first === undefined) throw bindError(ip, 0, "EADDRNOTAVAIL", FRONT);
  return {
    ip,
    port: portOf(first.handle),
    sockets,
    [Symbol.dispose]() {
      for (const { handle } of sockets) handle.close();
    },
  };
}
