/**
 * multipart/form-data, both ways, on whole bodies in memory; layout and texts as production.
 * Used by body.ts and body-source.ts only.
 */
import { webcrypto } from "node:crypto";
import { blobBytes, File } from "./blob.ts";
import { FormData, formDataEntries } from "./form-data.ts";

const CRLF = "\r\n";

/** Encode with a fresh boundary. */
export function encodeMultipart(form: FormData): { bytes: Uint8Array; contentType: string } {
  const boundary = webcrypto.randomUUID().replaceAll("-", "");
  const chunks: Uint8Array[] = [];
  for (const [name, value] of formDataEntries(form)) {
    let head = `--${boundary}${CRLF}Content-Disposition: form-data; name="${escapeName(name)}"`;
    if (typeof value === "string") {
      chunks.push(Buffer.from(`${head}${CRLF}${CRLF}${value}${CRLF}`));
      continue;
    }
    head += `; filename="${escapeName(value.name)}"${CRLF}`;
    head += `Content-Type: ${value.type || "application/octet-stream"}${CRLF}${CRLF}`;
    chunks.push(Buffer.from(head), blobBytes(value), Buffer.from(CRLF));
  }
  chunks.push(Buffer.from(`--${boundary}--`));
  return {
    bytes: new Uint8Array(Buffer.concat(chunks)),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

/** Decode; throws TypeError if the body does not have the promised shape. */
export function parseMultipart(bytes: Uint8Array, boundary: string): FormData {
  const form = new FormData();
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = `--${boundary}`;
  const first = body.indexOf(delimiter);
  if (first < 0) {
    throw new TypeError("No initial boundary string (or you have a truncated message).");
  }
  let at = first + delimiter.length;
  while (body.subarray(at, at + 2).toString("latin1") !== "--") {
    const lineEnd = body.indexOf(CRLF, at);
    const headEnd = lineEnd < 0 ? -1 : body.indexOf(CRLF + CRLF, lineEnd);
    if (headEnd < 0) throw new TypeError("No multipart message header termination found.");
    const next = body.indexOf(CRLF + delimiter, headEnd + 2);
    if (next < 0) {
      throw new TypeError("No subsequent boundary string after multipart message.");
    }
    const content = body.subarray(Math.min(headEnd + 4, next), next);
    appendPart(form, body.subarray(lineEnd + 2, headEnd).toString("utf8"), content);
    at = next + 2 + delimiter.length;
  }
  return form;
}

function appendPart(form: FormData, head: string, content: Buffer): void {
  const headers = new Map<string, string>();
  for (const line of head.split(CRLF)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition");
  if (disposition === undefined || !/^form-data\s*(;|$)/i.test(disposition)) {
    throw new TypeError("No valid Content-Disposition header found in FormData part.");
  }
  const name = parameterOf(disposition, "name");
  if (name === undefined) {
    throw new TypeError("Content-Disposition header in FormData part is missing a name.");
  }
  const filename = parameterOf(disposition, "filename");
  if (filename === undefined) {
    form.append(name, content.toString("utf8"));
    return;
  }
  form.append(name, new File([content], filename, { type: headers.get("content-type") ?? "" }));
}

/** Only quoted values count, with backslash escapes; percent escapes stay, as in production. */
function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, "i").exec(header);
  return found?.[1]?.replace(/\\(.)/g, "$1");
}

function escapeName(name: string): string {
  return name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");
}
