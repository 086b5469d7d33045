/**
 * Reads a request's head once, in one pass over the raw header list: joins the headers for the
 * thread and picks out the few values that the front door itself acts on. Runs for every request.
 */
import { WANTS_ERRORS_HEADER } from "../protocol/error-answer.ts";

export interface RequestHead {
  /** All headers for the Worker as `name\nvalue\nname\nvalue` (protocol/http.ts). */
  readonly headers: string;
  /** The Host header as sent, "" if there is none. */
  readonly host: string;
  readonly origin: string;
  /** What the client accepts; the Worker always sees "br, gzip". */
  readonly acceptEncoding: string;
  /** Name in `MF-Route-Override`, "" if absent. */
  readonly override: string;
  /** "" if there is none. */
  readonly traceparent: string;
  readonly hasBody: boolean;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * `raw` is IncomingMessage.rawHeaders; `clientAddress` becomes CF-Connecting-IP unless the client
 * sent one itself (handy with curl). Names keep the client's spelling. Values are UTF-8 for the
 * Worker, as in production, where Node hands them over as Latin-1. `isUpgrade`: to a WebSocket; the
 * wish for any other is not the Worker's.
 */
export function readRequestHead(
  raw: readonly string[],
  clientAddress: string,
  isUpgrade = false,
): RequestHead {
  let headers = "";
  let host = "";
  let origin = "";
  let acceptEncoding = "";
  let override = "";
  let traceparent = "";
  let hasBody = false;
  let hasClientAddress = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    // Only names of an interesting length are worth lower-casing.
    switch (name.length) {
      case 2:
        if (isNamed(name, "te")) continue;
        break;
      case 4:
        if (host === "" && isNamed(name, "host")) host = value;
        break;
      case 6:
        if (isNamed(name, "origin")) origin = value;
        else if (isNamed(name, "expect")) continue;
        break;
      case 7:
        if (!isUpgrade && isNamed(name, "upgrade")) continue;
        break;
      case 10:
        if (isNamed(name, "keep-alive")) continue;
        if (isNamed(name, "connection")) {
          // The connection is ours; of a WebSocket's, production shows this much.
          if (isUpgrade && /\bupgrade\b/i.test(value)) headers += "Connection\nUpgrade\n";
          continue;
        }
        break;
      case 11:
        if (isNamed(name, "traceparent")) traceparent = value;
        break;
      case 14:
        if (isNamed(name, "content-length")) hasBody ||= value !== "0";
        else if (isNamed(name, "http2-settings")) continue;
        break;
      case 15:
        if (isNamed(name, "accept-encoding")) {
          acceptEncoding = acceptEncoding === "" ? value : `${acceptEncoding}, ${value}`;
          continue;
        }
        if (isNamed(name, WANTS_ERRORS_HEADER)) continue;
        break;
      case 16:
        hasClientAddress ||= isNamed(name, "cf-connecting-ip");
        break;
      case 17:
        if (isNamed(name, "transfer-encoding")) {
          hasBody = true;
          continue;
        }
        if (isNamed(name, "mf-route-override")) {
          override = value;
          continue;
        }
        break;
    }
    headers += `${name}\n${value}\n`;
  }
  if (!hasClientAddress) headers += `CF-Connecting-IP\n${clientAddress}\n`;
  headers += "Accept-Encoding\nbr, gzip";
  if (BEYOND_ASCII.test(headers)) headers = Buffer.from(headers, "latin1").toString("utf8");
  return { headers, host, origin, acceptEncoding, override, traceparent, hasBody };
}

function isNamed(name: string, lower: string): boolean {
  return name === lower || name.toLowerCase() === lower;
}
