/**
 * Writes a Worker's answer to the client as Node wants it: the head, and the body if it is there
 * already. Main thread of the host; called once per answer by exchange.ts.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { BODY_STREAM, type HttpBody } from "../protocol/http.ts";
import { readResponseHead } from "./response-head.ts";

export interface WorkerAnswer {
  readonly status: number;
  /** Sent as it is, if HTTP can carry it. */
  readonly statusText: string;
  /** See protocol/http.ts. */
  readonly headers: string;
  readonly body: HttpBody;
  /** Of a streamed body, in bytes; -1 if unknown. */
  readonly length: number;
}

const NO_BYTES: Uint8Array = Buffer.alloc(0);
/** What no reason phrase may have: Node refuses it. */
const NO_PHRASE = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * `isHead`: of a HEAD request. "whole": it is written and ended; "streamed": the body is to follow;
 * "unread": the Worker streams a body that must not be sent. `exchange`: gets what the log line is to
 * say. Throws for a head that cannot be sent.
 */
export function writeAnswer(
  response: ServerResponse,
  isHead: boolean,
  { status, statusText, headers, body, length }: WorkerAnswer,
  exchange: { note: string | undefined },
): "whole" | "streamed" | "unread" {
  if (status < 200 || status > 599) {
    throw new RangeError(`A response with status ${status} cannot be sent to an HTTP client.`);
  }
  const { fields, contentLength, note } = readResponseHead(headers);
  if (note !== "") exchange.note = note;
  const mayHaveBody = status !== 204 && status !== 304;
  // As production's: without, rather than not at all.
  const reason = NO_PHRASE.test(statusText) ? "" : statusText;
  if (body === BODY_STREAM) {
    if (mayHaveBody && length >= 0) fields.push("Content-Length", String(length));
    response.writeHead(status, reason, fields);
    if (mayHaveBody && !isHead) {
      beginStream(response);
      return "streamed";
    }
    response.end();
    return "unread";
  }
  if (body === null || !mayHaveBody) {
    if (mayHaveBody && !isHead) fields.push("Content-Length", "0");
    else if (isHead && contentLength !== "") fields.push("Content-Length", contentLength);
    response.writeHead(status, reason, fields);
    response.end();
    return "whole";
  }
  const size = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  fields.push("Content-Length", String(size));
  response.writeHead(status, reason, fields);
  if (isHead) response.end();
  else if (typeof body === "string" && size === body.length) endWithAscii(response, body);
  else response.end(typeof body === "string" ? Buffer.from(body) : body);
  return "whole";
}

/**
 * What is written until the end of this batch of messages leaves in one write. (The socket is corked
 * because a corked ServerResponse of Node 24 takes no bytes for the end of the body.)
 */
export function gatherWrites({ socket }: ServerResponse): void {
  if (socket === null || socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(uncork, socket);
}

function beginStream(response: ServerResponse): void {
  gatherWrites(response);
  // Bytes, even none, make Node write the head as Latin-1; flushHeaders would write it as UTF-8
  // and spoil what is UTF-8 already.
  response.write(NO_BYTES);
}

function uncork(socket: Socket): void {
  socket.uncork();
}

/**
 * `response.end(body)` hands the socket two pieces, which costs a writev: 9 % of all requests/s.
 * Appended to the head, which is one Latin-1 string anyway, the body leaves in a single write.
 */
function endWithAscii(response: ServerResponse, body: string): void {
  const internals = response as unknown as { _header?: unknown };
  if (typeof internals._header === "string") {
    internals._header += body;
    response.end();
  } else {
    response.end(body, "latin1");
  }
}
