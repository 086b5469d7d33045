/** The arguments of `connect()`, checked and converted in production's words (spec/platform.md 13). */
import type { TcpTls } from "../../protocol/outbound.ts";
import { unsigned } from "../streams/arguments.ts";
import { badHost, noHostname, noPort, unparsable } from "./texts.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** As it was given. */
  readonly text: string;
}

export interface SocketOptions {
  readonly secureTransport: TcpTls;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number | undefined;
}

const MAX_ADDRESS = 255;
const ADDRESS = /^[\w\-.:[\]%]+$/;
const MAX_PORT = 65_535;

export function parseAddress(given: unknown): Address {
  if (given === undefined || given === null) throw new TypeError(required("SocketAddress"));
  if (typeof given === "object" || typeof given === "function") {
    const { hostname, port } = given as { readonly hostname?: unknown; readonly port?: unknown };
    const number = portOf(port);
    const host = String(hostname);
    return { host: withoutBrackets(host), port: number, text: `${host}:${number}` };
  }
  const text = String(given);
  let url: URL;
  try {
    url = new URL(`fake://${text}`);
  } catch {
    throw new TypeError(unparsable);
  }
  if (url.hostname === "") throw new TypeError(noHostname);
  if (url.port === "") throw new TypeError(noPort);
  if (text.length > MAX_ADDRESS || !ADDRESS.test(text)) throw new TypeError(badHost);
  return { host: withoutBrackets(url.hostname), port: Number(url.port), text };
}

export function parseOptions(given: unknown): SocketOptions {
  if (given === undefined) {
    return { secureTransport: "off", allowHalfOpen: false, highWaterMark: undefined };
  }
  if (given === null) throw new TypeError(required("SocketOptions"));
  if (typeof given !== "object" && typeof given !== "function") {
    throw new TypeError(
      "Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'.",
    );
  }
  const options = given as Readonly<Record<keyof SocketOptions, unknown>>;
  const { secureTransport: transport, allowHalfOpen, highWaterMark } = options;
  const secureTransport = transport === undefined ? "off" : String(transport);
  if (!isTls(secureTransport)) {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${secureTransport}`);
  }
  return {
    secureTransport,
    allowHalfOpen: Boolean(allowHalfOpen),
    highWaterMark: highWaterMark === undefined ? undefined : unsigned(highWaterMark),
  };
}

function portOf(value: unknown): number {
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (number > MAX_PORT) {
    throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_PORT}.`);
  }
  return Math.trunc(number);
}

function isTls(value: string): value is TcpTls {
  return value === "off" || value === "on" || value === "starttls";
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function required(name: string): string {
  return `Cannot initialize N7workerd3api${name.length}${name}E with required members from an undefined or null value.`;
}
