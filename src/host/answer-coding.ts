/**
 * In which coding an answer goes to the client (spec/wrangler.md 1.7; asked of wrangler 4.164): a
 * Worker always sees "br, gzip" and may answer in either, or in none. Pure but for the streams that
 * it makes. Main thread of the host; called once per answer by exchange.ts.
 */
import { BODY_STREAM } from "../protocol/http.ts";
import type { WorkerAnswer } from "./answer-writer.ts";

/** The only codings that are understood, in this spelling; all others are opaque bytes. */
export type Coding = "gzip" | "br";

export interface Recoding {
  readonly decode: Coding | undefined;
  readonly encode: Coding | undefined;
}

export interface CodedAnswer {
  readonly answer: WorkerAnswer;
  /** The body that follows is to go through it. */
  readonly recoding: Recoding | undefined;
  /** What follows, if the Worker has sent its body already. */
  readonly whole: Uint8Array | undefined;
}

/** Bodies up to this size are encoded at once: quicker than to wait for another thread. */
const AT_ONCE = 16 * 1024;

/** What production compresses (developers.cloudflare.com, "Content compression"). */
const COMPRESSIBLE: ReadonlySet<string> = new Set(
  (
    "text/html text/richtext text/plain text/css text/x-script text/x-component text/x-java-source text/x-markdown " +
    "application/javascript application/x-javascript text/javascript text/js image/x-icon image/vnd.microsoft.icon " +
    "application/x-perl application/x-httpd-cgi text/xml application/xml application/rss+xml application/vnd.api+json " +
    "application/x-protobuf application/json multipart/bag multipart/mixed application/xhtml+xml font/ttf font/otf " +
    "font/x-woff image/svg+xml application/vnd.ms-fontobject application/ttf application/x-ttf application/otf " +
    "application/x-otf application/truetype application/opentype application/x-opentype application/font-woff " +
    "application/eot application/font application/font-sfnt application/wasm application/javascript-binast " +
    "application/manifest+json application/ld+json application/graphql+json application/geo+json"
  ).split(" "),
);

const UNACCEPTABLE = "Unsupported Media Type";

/** `acceptEncoding` as the client sent it; "" where it sent none: then the answer stays as it is. */
export function codeAnswer(
  answer: WorkerAnswer,
  acceptEncoding: string,
  isHead: boolean,
): CodedAnswer {
  const asItIs = { answer, recoding: undefined, whole: undefined };
  if (acceptEncoding === "") return asItIs;
  const wanted = preferredCoding(acceptEncoding);
  if (wanted === undefined) {
    const headers = "Accept-Encoding\nbr, gzip\ncontent-type\ntext/plain;charset=UTF-8";
    const refusal = {
      status: 415,
      statusText: UNACCEPTABLE,
      headers,
      body: UNACCEPTABLE,
      length: -1,
    };
    return { ...asItIs, answer: refusal };
  }
  const recoding = chooseRecoding(answer, wanted);
  if (recoding === undefined) return asItIs;
  const { body } = answer;
  const headers = replaceCoding(answer.headers, recoding.encode);
  const streamed = { ...answer, headers, body: BODY_STREAM, length: -1 } as const;
  if (body === BODY_STREAM || isHead) return { answer: streamed, recoding, whole: undefined };
  const bytes = Buffer.from(body ?? "");
  if (recoding.decode !== undefined || bytes.byteLength > AT_ONCE) {
    return { answer: streamed, recoding, whole: bytes };
  }
  return { ...asItIs, answer: { ...answer, headers, body: encodeNow(bytes, recoding.encode) } };
}

/**
 * The best of gzip, br and identity, the first of equals; undefined if the client takes none. A part
 * that is more than a name and perhaps a weight does not count.
 */
export function preferredCoding(acceptEncoding: string): Coding | "identity" | undefined {
  let best: Coding | "identity" | undefined;
  let bestQuality = 0;
  let takesIdentity = true;
  for (const part of acceptEncoding.split(",")) {
    const [, name = "", q] = /^\s*([^\s;]+)\s*(?:;\s*q\s*=\s*([\d.]+)\s*)?$/.exec(part) ?? [];
    const quality = q === undefined ? 1 : Number(q);
    if (quality === 0 && (name === "identity" || name === "*")) takesIdentity = false;
    if ((name === "gzip" || name === "br" || name === "identity") && quality > bestQuality) {
      best = name;
      bestQuality = quality;
    }
  }
  return best ?? (takesIdentity ? "identity" : undefined);
}

function chooseRecoding(
  { status, headers, body }: WorkerAnswer,
  wanted: Coding | "identity",
): Recoding | undefined {
  // Without a body, or with a part of one.
  if (body === null || status === 204 || status === 206 || status === 304) return undefined;
  const encode = wanted === "identity" ? undefined : wanted;
  const coding = headerOf(headers, "content-encoding");
  if (coding === "gzip" || coding === "br") {
    return coding === wanted ? undefined : { decode: coding, encode };
  }
  if (encode === undefined || coding !== undefined) return undefined;
  const type = headerOf(headers, "content-type") ?? "";
  return isCompressible(type) ? { decode: undefined, encode } : undefined;
}

/** By its content type, parameters and all; what has none ("") is compressed. */
export function isCompressible(contentType: string): boolean {
  if (contentType === "") return true;
  const [type = ""] = contentType.split(";");
  return COMPRESSIBLE.has(type.trim().toLowerCase());
}

function encodeNow(bytes: Uint8Array, coding: Coding | undefined): Uint8Array {
  const { brotliCompressSync, gzipSync } = zlib();
  return coding === "br" ? brotliCompressSync(bytes, brotliOptions()) : gzipSync(bytes);
}

/**
 * Streams that turn the Worker's bytes into the client's, in order: what is written comes out at
 * once, so that a page that is streamed is seen as it grows.
 */
export function createCoders({ decode, encode }: Recoding): NodeJS.ReadWriteStream[] {
  const { constants, createBrotliCompress, createBrotliDecompress, createGunzip, createGzip } =
    zlib();
  const coders: NodeJS.ReadWriteStream[] = [];
  if (decode === "gzip") coders.push(createGunzip());
  if (decode === "br") coders.push(createBrotliDecompress());
  if (encode === "gzip") coders.push(createGzip({ flush: constants.Z_SYNC_FLUSH }));
  if (encode === "br") {
    coders.push(
      createBrotliCompress({ ...brotliOptions(), flush: constants.BROTLI_OPERATION_FLUSH }),
    );
  }
  return coders;
}

/** The default quality takes seconds for a megabyte. */
function brotliOptions(): { params: Record<number, number> } {
  return { params: { [zlib().constants.BROTLI_PARAM_QUALITY]: 4 } };
}

/** Loaded by those who need it. */
function zlib(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}

function headerOf(headers: string, name: string): string | undefined {
  const fields = headers.split("\n");
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if ((fields[i] as string).toLowerCase() === name) return fields[i + 1];
  }
  return undefined;
}

function replaceCoding(headers: string, coding: Coding | undefined): string {
  const fields = headers === "" ? [] : headers.split("\n");
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!/^content-(?:encoding|length)$/i.test(name)) kept.push(name, fields[i + 1] as string);
  }
  if (coding !== undefined) kept.push("Content-Encoding", coding);
  return kept.join("\n");
}
