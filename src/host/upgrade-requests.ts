/**
 * Requests that name an upgrade: a handshake of a WebSocket is one, anything else (curl: h2c) is content
 * with HTTP/1.1 and is served as if it had not asked. Used by the front door.
 */
import type { IncomingMessage } from "node:http";

const FIELDS: ReadonlySet<string> = new Set(["upgrade", "connection", "http2-settings"]);

/** A handshake: nothing but a GET without body can be one. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  const { upgrade, "content-length": length = "0", "transfer-encoding": coding } = headers;
  return (
    upgrade?.toLowerCase() === "websocket" &&
    method === "GET" &&
    length === "0" &&
    coding === undefined
  );
}

/** The head of a request as it came, less the wish to upgrade. */
export function headWithoutUpgrade({
  method,
  url,
  httpVersion,
  rawHeaders,
}: IncomingMessage): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!FIELDS.has(name.toLowerCase())) head += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, "latin1");
}
