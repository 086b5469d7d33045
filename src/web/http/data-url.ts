/** `fetch("data:...")` (spec/platform.md 7.1): the answer is in the URL. */
import { createResponse, type Response } from "./response.ts";

const DEFAULT_TYPE = "text/plain;charset=US-ASCII";
const BASE64 = /;\s*base64\s*$/i;

export function isDataUrl(url: string): boolean {
  return /^data:/i.test(url);
}

/** Undefined: there is no comma, so it is none. A POST or HEAD gets no body. */
export function dataResponse(url: string, method: string): Response | undefined {
  const [text = ""] = url.split("#", 1);
  const comma = text.indexOf(",");
  if (comma < 0) return undefined;
  const head = text.slice("data:".length, comma);
  const isBase64 = BASE64.test(head);
  const type = (isBase64 ? head.replace(BASE64, "") : head).trim();
  const bytes = percentDecoded(text.slice(comma + 1));
  const isBodyless = method === "POST" || method === "HEAD";
  return createResponse({
    status: 200,
    statusText: "OK",
    headers: `content-type\n${type === "" ? DEFAULT_TYPE : type.startsWith(";") ? `text/plain${type}` : type}`,
    guard: "immutable",
    body: isBodyless ? null : isBase64 ? base64Decoded(bytes) : bytes,
  });
}

/** What is no escape stays as it is. */
function percentDecoded(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const out = Buffer.alloc(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at += 1) {
    const hex = bytes[at] === 0x25 ? bytes.subarray(at + 1, at + 3).toString("latin1") : "";
    const isEscape = /^[\da-f]{2}$/i.test(hex);
    out[length] = isEscape ? Number.parseInt(hex, 16) : (bytes[at] as number);
    if (isEscape) at += 2;
    length += 1;
  }
  return new Uint8Array(out.subarray(0, length));
}

/** Nothing if it is not base64. */
function base64Decoded(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1").replace(/\s/g, "");
  const isBase64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}(?:==)?|[\w+/]{3}=?)?$/.test(text);
  return isBase64 ? new Uint8Array(Buffer.from(text, "base64")) : new Uint8Array(0);
}
