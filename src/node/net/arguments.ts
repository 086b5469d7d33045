/** How node:net takes its arguments: (port, host, callback), (path, callback) or (options, callback). */
import { nodeError } from "../errors.ts";
import { badPort, noPath, optionNotImplemented } from "./errors.ts";

export type Listener = (...args: unknown[]) => void;

export interface ConnectOptions {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly allowHalfOpen?: unknown;
  readonly localAddress?: unknown;
  readonly noDelay?: unknown;
  readonly objectMode?: unknown;
  readonly signal?: unknown;
  readonly timeout?: unknown;
  readonly onread?: unknown;
  readonly fd?: unknown;
  readonly [name: string]: unknown;
}

/** Node's own helper of that name: what it finds in the arguments of connect and listen. */
export function normalizeArgs(args: readonly unknown[]): [ConnectOptions, Listener | null] {
  const [first, second] = args;
  const last = args.at(-1);
  const callback = typeof last === "function" ? (last as Listener) : null;
  if (typeof first === "object" && first !== null) return [first as ConnectOptions, callback];
  if (args.length === 0) return [{}, null];
  if (isPath(first)) return [{ path: first }, callback];
  const host = typeof second === "string" ? { host: second } : {};
  return [{ port: first, ...host }, callback];
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && !(Number(value) >= 0);
}

export function portOf(value: unknown): number {
  const isNumeric =
    typeof value === "number" || (typeof value === "string" && value.trim().length > 0);
  const port = Number(value);
  if (!isNumeric || port !== port >>> 0 || port > 65_535) throw badPort(value);
  return port;
}

/** Where to connect to. Throws what production throws for what it cannot do. */
export function placeOf(options: ConnectOptions): { readonly host: string; readonly port: number } {
  const { host, port, path } = options;
  if (path !== undefined && path !== null) throw noPath(path);
  if (port === undefined) {
    throw nodeError(
      TypeError,
      "ERR_MISSING_ARGS",
      'The "options" or "port" or "path" argument must be specified',
    );
  }
  const given = host === undefined || host === null || host === "" ? "localhost" : String(host);
  return { host: given, port: portOf(port) };
}

export function assertSocketOptions(options: ConnectOptions): void {
  if (options.fd !== undefined) throw optionNotImplemented("fd");
  if (options.handle !== undefined) throw optionNotImplemented("handle");
  for (const name of ["objectMode", "readableObjectMode", "writableObjectMode"]) {
    if (!options[name]) continue;
    throw nodeError(
      TypeError,
      "ERR_INVALID_ARG_VALUE",
      `The property 'options.${name}' is not supported. Received true`,
    );
  }
}
