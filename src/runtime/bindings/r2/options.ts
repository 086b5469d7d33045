/** Options of R2's methods, converted and checked as production does (spec/resources.md 5). */
import type {
  R2Conditional,
  R2Etag,
  R2HttpMetadata,
  R2PutOptions,
  R2Range,
} from "../../../protocol/r2.ts";
import { bytesOf } from "../../../rpc/streams/chunk-bytes.ts";
import { parseEtags } from "../../../util/r2-etags.ts";
import { type Headers, isHeaders } from "../../../web/http/headers.ts";
import { toText, wrongField } from "../convert.ts";

export type Options = Readonly<Record<string, unknown>>;

const HTTP_HEADERS = {
  contentType: "content-type",
  contentLanguage: "content-language",
  contentDisposition: "content-disposition",
  contentEncoding: "content-encoding",
  cacheControl: "cache-control",
} as const;

const HTTP_FIELDS = Object.keys(HTTP_HEADERS) as (keyof typeof HTTP_HEADERS)[];

function isObject(value: unknown): value is object {
  return typeof value === "object" ? value !== null : typeof value === "function";
}

/** `struct`: name of the options in errors. */
export function httpMetadata(value: unknown, struct: string): R2HttpMetadata {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw wrongField("httpMetadata", struct, "HttpMetadata or Headers");
  const result: Record<string, string | number> = {};
  if (isHeaders(value)) {
    for (const field of HTTP_FIELDS) {
      const text = value.get(HTTP_HEADERS[field]);
      if (text !== null) result[field] = text;
    }
    const expires = value.get("expires");
    // A date that cannot be read is the first one, as in production's store.
    if (expires !== null) result.cacheExpiry = Date.parse(expires) || 0;
    return result;
  }
  const given = value as Options;
  for (const field of HTTP_FIELDS) {
    if (given[field] !== undefined) result[field] = toText(given[field]);
  }
  const expiry = dateOf(given.cacheExpiry, "cacheExpiry", "HttpMetadata");
  if (expiry !== undefined) result.cacheExpiry = expiry;
  return result;
}

export function customMetadata(value: unknown, struct: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw wrongField("customMetadata", struct, "object");
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, toText(text)]));
}

/** Milliseconds; undefined for undefined. */
function dateOf(value: unknown, field: string, struct: string): number | undefined {
  if (value === undefined) return undefined;
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number") throw wrongField(field, struct, "date");
  if (Number.isNaN(time)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  return time;
}

export function rangeOf(value: unknown): R2Range | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongField("range", "GetOptions", "Range or Headers");
  if (isHeaders(value)) return headerRange(value);
  const { offset, length, suffix } = value as Options;
  const from = rangeNumber(offset, "range", "Starting offset");
  const count = rangeNumber(length, "range", "Length");
  const last = rangeNumber(suffix, "suffix", "Suffix");
  if (last === undefined) return { offset: from, length: count };
  if (from !== undefined) throw new TypeError("Suffix is incompatible with offset.");
  if (count !== undefined) throw new TypeError("Suffix is incompatible with length.");
  return { suffix: last };
}

function rangeNumber(value: unknown, what: string, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!(number >= 0)) {
    const shown = Number.isNaN(number) ? "nan" : String(number);
    throw new RangeError(`Invalid ${what}. ${name} (${shown}) must be greater than or equal to 0.`);
  }
  if (Number.isFinite(number) && !Number.isInteger(number)) {
    throw new RangeError(
      `Invalid range. ${name} (${number}) must be an integer, not floating point.`,
    );
  }
  return number;
}

/** One range in bytes; everything else is the whole object. */
function headerRange(headers: Headers): R2Range | undefined {
  const text = (headers.get("range") ?? "").replace(/\s/g, "").toLowerCase();
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first === "") return { header: { suffix: Number(last) } };
  return { header: { first: Number(first), ...(last !== "" && { last: Number(last) }) } };
}

export function conditionalOf(value: unknown, struct: string): R2Conditional | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongField("onlyIf", struct, "Conditional or Headers");
  if (isHeaders(value)) return headerConditional(value);
  const given = value as Options;
  return {
    etagMatches: etagOf(given.etagMatches, "etagMatches"),
    etagDoesNotMatch: etagOf(given.etagDoesNotMatch, "etagDoesNotMatch"),
    uploadedBefore: dateOf(given.uploadedBefore, "uploadedBefore", "Conditional"),
    uploadedAfter: dateOf(given.uploadedAfter, "uploadedAfter", "Conditional"),
    secondsGranularity: Boolean(given.secondsGranularity),
  };
}

function etagOf(value: unknown, field: string): readonly R2Etag[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw wrongField(field, "Conditional", "string");
  if (/^".*"$/s.test(value)) {
    throw new TypeError(`Conditional ETag should not be wrapped in quotes (${value}).`);
  }
  return [{ type: value === "*" ? "wildcard" : "strong", value }];
}

function headerConditional(headers: Headers): R2Conditional {
  const etags = (name: string): readonly R2Etag[] | undefined => {
    const text = headers.get(name);
    return text === null ? undefined : parseEtags(text, name);
  };
  // What is no date is the first one.
  const date = (name: string): number | undefined => {
    const text = headers.get(name);
    return text === null ? undefined : Date.parse(text) || 0;
  };
  return {
    etagMatches: etags("if-match"),
    etagDoesNotMatch: etags("if-none-match"),
    uploadedBefore: date("if-unmodified-since"),
    uploadedAfter: date("if-modified-since"),
    secondsGranularity: true,
  };
}

/** Algorithm -> its name and the bytes of its result. */
const CHECKSUMS: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  md5: ["MD5", 16],
  sha1: ["SHA-1", 20],
  sha256: ["SHA-256", 32],
  sha384: ["SHA-384", 48],
  sha512: ["SHA-512", 64],
};

export function checksumOf(options: Options): R2PutOptions["checksum"] {
  let found: R2PutOptions["checksum"];
  for (const [algorithm, [name, size]] of Object.entries(CHECKSUMS)) {
    const value = options[algorithm];
    if (value === undefined) continue;
    if (found !== undefined) throw new TypeError("You cannot specify multiple hashing algorithms.");
    found = { algorithm, hex: checksumHex(value, algorithm, name, size) };
  }
  return found;
}

function checksumHex(value: unknown, algorithm: string, name: string, size: number): string {
  if (typeof value === "string") {
    if (value.length !== size * 2) {
      throw new TypeError(`${name} is ${size * 2} hex characters, not ${value.length}`);
    }
    if (!/^[\da-f]*$/i.test(value)) {
      throw new TypeError(`Provided ${name} wasn't a valid hex string`);
    }
    return value.toLowerCase();
  }
  const bytes = isObject(value) ? bytesOf(value) : undefined;
  if (bytes === undefined) throw wrongField(algorithm, "PutOptions", "BufferSource or string");
  if (bytes.byteLength !== size) {
    throw new TypeError(`${name} is ${size} bytes, not ${bytes.byteLength}`);
  }
  return Buffer.from(bytes).toString("hex");
}

/** Checked and then forgotten: nothing is encrypted here. */
export function assertSsecKey(value: unknown): void {
  if (value === undefined || value === null) return;
  const bytes = isObject(value) ? bytesOf(value) : undefined;
  if (bytes === undefined && !/^[\da-f]*$/.test(toText(value))) {
    throw new Error("SSE-C Key has invalid format");
  }
  if ((bytes?.byteLength ?? toText(value).length / 2) !== 32) {
    throw new Error("SSE-C Key must be 32 bytes in length");
  }
}

export function listText(options: Options, field: string): string | undefined {
  const value = options[field];
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw wrongField(field, "ListOptions", "string");
  return value;
}

/** Which metadata a list is to have. */
export function includesOf(value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set();
  if (!Array.isArray(value)) throw wrongField("include", "ListOptions", "Array");
  const names = value.map(toText);
  for (const name of names) {
    if (name !== "httpMetadata" && name !== "customMetadata") {
      throw new RangeError(`Unsupported include value ${name}`);
    }
  }
  return new Set(names);
}
