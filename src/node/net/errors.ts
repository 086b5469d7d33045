/** Errors of connections in Node's words (spec/node.md 8.3); what has no code keeps the platform's. */
import type { NetworkFailure } from "../../protocol/outbound.ts";
import { cannotConnect, connectionLost } from "../../web/sockets/texts.ts";
import { nodeError } from "../errors.ts";

/** Linux's, as in production, whatever the machine has. */
const NUMBERS: Readonly<Record<string, number>> = {
  EACCES: -13,
  EADDRINUSE: -98,
  EADDRNOTAVAIL: -99,
  ECONNREFUSED: -111,
  ECONNRESET: -104,
  EHOSTUNREACH: -113,
  ENETUNREACH: -101,
  ENOTFOUND: -3008,
  EAI_AGAIN: -3001,
  EPIPE: -32,
  ETIMEDOUT: -110,
};

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Why a connection could not be made. */
export function connectError(failure: NetworkFailure | null, { host, port }: Place): Error {
  const code = failure?.code ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const message = `getaddrinfo ENOTFOUND ${host}`;
    const more = { errno: NUMBERS.ENOTFOUND, code: "ENOTFOUND", syscall: "getaddrinfo" };
    return Object.assign(new Error(message), { ...more, hostname: host });
  }
  const errno = NUMBERS[code];
  if (errno === undefined || failure?.syscall !== "connect") {
    return new Error(`${cannotConnect} (${failure?.message ?? "the connection was closed"})`);
  }
  const message = `connect ${code} ${host}:${port}`;
  return Object.assign(new Error(message), {
    errno,
    code,
    syscall: "connect",
    address: host,
    port,
  });
}

/** Why a connection broke. */
export function brokenError({ code, syscall = "read" }: NetworkFailure): Error {
  const errno = NUMBERS[code];
  if (errno === undefined) return Object.assign(new Error(connectionLost), { retryable: true });
  return Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall });
}

export function badPort(value: unknown, name = "Port"): Error {
  const message = `${name} should be >= 0 and < 65536. Received ${typeof value}.`;
  return nodeError(Error, "ERR_SOCKET_BAD_PORT", message);
}

export function optionNotImplemented(name: string, holder = "options."): Error {
  const message = `The ${holder}${name} option is not implemented`;
  return nodeError(Error, "ERR_OPTION_NOT_IMPLEMENTED", message);
}

export function noPath(value: unknown): Error {
  return nodeError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The argument 'path' is not supported. Received '${String(value)}'`,
  );
}
