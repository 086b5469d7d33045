/**
 * multipart/form-data, both ways, on whole bodies in memory; grammar, layout and texts as production
 * (spec/platform.md 6.3, 6.4). Used by form-body.ts and body-source.ts only.
 */
import { nodeCrypto } from "../../util/late-modules.ts";
import { utf8Of } from "../../util/utf8.ts";
import { blobBytes, createFile } from "./blob.ts";
import { FormData, formDataEntries } from "./form-data.ts";

const CRLF = "\r\n";
const LF = 0x0a;
const CR = 0x0d;

/** Encode with a fresh boundary. Throws TypeError for a name that cannot be written. */
export function encodeMultipart(form: FormData): { bytes: Uint8Array; contentType: string } {
  const boundary = nodeCrypto().webcrypto.randomUUID().replaceAll("-", "");
  const chunks: Uint8Array[] = [];
  for (const [name, value] of formDataEntries(form)) {
    let head = `--${boundary}${CRLF}Content-Disposition: form-data; name="${escapeName(name)}"`;
    if (typeof value === "string") {
      chunks.push(utf8Of(`${head}${CRLF}${CRLF}${value}${CRLF}`));
      continue;
    }
    head += `; filename="${escapeName(value.name)}"${CRLF}`;
    head += `Content-Type: ${value.type || "application/octet-stream"}${CRLF}${CRLF}`;
    chunks.push(utf8Of(head), blobBytes(value), utf8Of(CRLF));
  }
  chunks.push(utf8Of(`--${boundary}--`));
  return {
    bytes: new Uint8Array(Buffer.concat(chunks)),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function escapeName(name: string): string {
  if (name.endsWith("\\")) throw new TypeError("Name or filename can't end with backslash");
  return name.replaceAll("\\", "\\\\").replaceAll("\n", "%0A").replaceAll('"', "%22");
}

/**
 * Decode; throws TypeError if the body does not have the promised shape.
 *
 * @param withFiles false: parts with a filename are strings as well
 */
export function parseMultipart(bytes: Uint8Array, boundary: string, withFiles: boolean): FormData {
  const form = new FormData();
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const delimiter = utf8Of(`--${boundary}`);
  let at = body.indexOf(delimiter);
  if (at < 0 || at + delimiter.length === body.length) {
    throw new TypeError("No initial boundary string (or you have a truncated message).");
  }
  for (;;) {
    at += delimiter.length;
    if (body.toString("latin1", at, at + 2) === "--") return form;
    const head = skipLineBreak(body, at);
    const { end, content } = findBlankLine(body, head);
    const next = findDelimiter(body, content, delimiter);
    const value = body.subarray(content, beforeLineBreak(body, next));
    appendPart(form, body.toString("utf8", head, end), value, withFiles);
    at = next;
  }
}

/** Behind the line break at `at`. */
function skipLineBreak(body: Buffer, at: number): number {
  if (body[at] === LF) return at + 1;
  if (body[at] === CR && body[at + 1] === LF) return at + 2;
  throw new TypeError("Boundary string was not succeeded by CRLF, LF, or '--'.");
}

/** The first empty line behind a line from `from` on: where that line ends, what begins after. */
function findBlankLine(body: Buffer, from: number): { end: number; content: number } {
  for (let at = body.indexOf(LF, from); at >= 0; at = body.indexOf(LF, at + 1)) {
    const end = beforeLineBreak(body, at + 1);
    if (body[at + 1] === LF) return { end, content: at + 2 };
    if (body[at + 1] === CR && body[at + 2] === LF) return { end, content: at + 3 };
  }
  throw new TypeError("No multipart message header termination found.");
}

/** The next delimiter that begins a line after `from`, with something behind it. */
function findDelimiter(body: Buffer, from: number, delimiter: Uint8Array): number {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at > from && body[at - 1] === LF && at + delimiter.length < body.length) return at;
  }
  throw new TypeError("No subsequent boundary string after multipart message.");
}

/** `at` stands behind a line feed: before its line break. */
function beforeLineBreak(body: Buffer, at: number): number {
  return body[at - 2] === CR ? at - 2 : at - 1;
}

function appendPart(form: FormData, head: string, content: Buffer, withFiles: boolean): void {
  const headers = parseHeaders(head);
  const disposition = headers.get("content-disposition");
  if (disposition === undefined || disposition === "") {
    throw new TypeError("No valid Content-Disposition header found in FormData part.");
  }
  const { name, filename } = parseDisposition(disposition);
  if (name === undefined) {
    throw new TypeError("Content-Disposition header in FormData part is missing a name.");
  }
  if (filename === undefined || !withFiles) form.append(name, content.toString("utf8"));
  else {
    const type = headers.get("content-type") ?? "";
    form.append(name, createFile(new Uint8Array(content), filename, type));
  }
}

/** Lower-case name -> the first value. */
function parseHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split(/\r?\n/)) {
    const [, name, value = ""] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new TypeError("FormData part had invalid headers.");
    const key = name.toLowerCase();
    if (!headers.has(key)) headers.set(key, value.trim());
  }
  return headers;
}

/** Only quoted values that are not empty count, up to the first other thing; the last of a name wins. */
function parseDisposition(header: string): { name?: string; filename?: string } {
  const value = /^[^\s;]+/.exec(header)?.[0];
  if (value === undefined) {
    throw new TypeError("Invalid Content-Disposition header found in FormData part.");
  }
  if (value !== "form-data") {
    throw new TypeError(
      `Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: "${value}"`,
    );
  }
  const parameters = new Map<string, string>();
  const parameter = /\s*;\s*([^\s;="]+)\s*=\s*"((?:[^"\\]|\\.)+)"/gsy;
  parameter.lastIndex = value.length;
  for (let found = parameter.exec(header); found !== null; found = parameter.exec(header)) {
    parameters.set(found[1] as string, (found[2] as string).replace(/\\(.)/gs, "$1"));
  }
  const [name, filename] = [parameters.get("name"), parameters.get("filename")];
  return {
    ...(name === undefined ? {} : { name }),
    ...(filename === undefined ? {} : { filename }),
  };
}
