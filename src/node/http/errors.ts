/** Errors of node:http in Node's words (spec/node.md 8). */
import { nodeError } from "../errors.ts";

export function headersSent(what: string): Error {
  return nodeError(
    Error,
    "ERR_HTTP_HEADERS_SENT",
    `Cannot ${what} headers after they are sent to the client`,
  );
}

export function invalidStatus(status: unknown): Error {
  const message = `Invalid status code: ${String(status)}`;
  return nodeError(RangeError, "ERR_HTTP_INVALID_STATUS_CODE", message);
}

export function hungUp(): Error {
  return nodeError(Error, "ECONNRESET", "socket hang up");
}

export function aborted(cause?: unknown): Error {
  const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
  error.name = "AbortError";
  return cause === undefined ? error : Object.assign(error, { cause });
}

export function tooManyBytes(written: number, expected: number): Error {
  return nodeError(
    Error,
    "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
    `Response body's content-length of ${written} byte(s) does not match the content-length of ${expected} byte(s) set in header`,
  );
}

export function invalidReason(): Error {
  return nodeError(TypeError, "ERR_INVALID_CHAR", "Invalid character in statusMessage");
}
