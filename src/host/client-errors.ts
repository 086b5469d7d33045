/**
 * Answers to what Node's parser refuses: bytes that are not HTTP, heads that are too large, methods
 * that production does not know (spec/platform.md 19.4; texts as wrangler 4.164 sends them). Main
 * thread of the host; called by front-door.ts, each ends one connection.
 */
import type { Socket } from "node:net";
import { type ClientError, lineAt } from "./raw-targets.ts";

/** Of a request with a method that production does not know. */
export const UNKNOWN_METHOD = "ERROR: Unrecognized request method.";

/** What Node takes and production does not; asked for every request. */
export const UNKNOWN_METHODS: ReadonlySet<string> = new Set(
  "BIND LINK M-SEARCH MKCALENDAR REBIND SOURCE UNBIND UNLINK".split(" "),
);

/** A dev server is no proxy: CONNECT asks for one. */
export const NO_TUNNELS: string = head("405 Method Not Allowed", "");

const REQUEST_LINE = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+ \S+ HTTP\/1\.[01]\r?\n?$/;

const REASONS: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: "invalid HTTP method parsed",
  HPE_INVALID_URL: "invalid URI",
  HPE_INVALID_VERSION: "invalid HTTP version parsed",
  HPE_INVALID_HEADER_TOKEN: "invalid HTTP header parsed",
};

/** To be called for every "clientError" that raw-targets.ts did not take care of. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  socket.end(answerOf(error));
}

function answerOf({ code = "", rawPacket, bytesParsed = 0 }: ClientError): string {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return head("431 Request Header Fields Too Large", "message head is too large");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return head("408 Request Timeout", "");
    case "HPE_INVALID_METHOD":
      if (rawPacket !== undefined && REQUEST_LINE.test(lineAt(rawPacket, bytesParsed).text)) {
        return head("501 Not Implemented", UNKNOWN_METHOD);
      }
  }
  return head("400 Bad Request", REASONS[code] ?? "Bad Request");
}

/** A whole answer, which is the last one; `text` is ASCII. */
function head(status: string, text: string): string {
  const type = text === "" ? "" : "Content-Type: text/plain\r\n";
  return `HTTP/1.1 ${status}\r\n${type}Connection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}
