/** What R2's methods resolve with: HeadResult, GetResult and their Checksums (spec/resources.md 5.1). */
import type { R2Found, R2Head } from "../../../protocol/r2.ts";
import type { Blob } from "../../../web/forms/blob.ts";
import { isHeaders } from "../../../web/http/headers.ts";
import { Response } from "../../../web/http/response.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { wrongParameter } from "../convert.ts";

const INTERNAL: unique symbol = Symbol("internal");

export interface ObjectOptions {
  /** `fast_jsg_struct`: absent fields are there, as undefined. */
  readonly allFields: boolean;
  readonly range?: { readonly offset: number; readonly length: number } | undefined;
  /** Metadata that a list leaves out. */
  readonly without?: ReadonlySet<string>;
}

const HTTP_FIELDS = [
  "contentType",
  "contentLanguage",
  "contentDisposition",
  "contentEncoding",
  "cacheControl",
  "cacheExpiry",
] as const;

class Checksums {
  readonly sha512: ArrayBuffer | undefined;
  readonly sha384: ArrayBuffer | undefined;
  readonly sha256: ArrayBuffer | undefined;
  readonly sha1: ArrayBuffer | undefined;
  readonly md5: ArrayBuffer | undefined;
  readonly #hex: Readonly<Record<string, string>>;
  readonly #allFields: boolean;

  constructor(key: unknown, hex: Readonly<Record<string, string>> = {}, allFields = true) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
    const bytes = (name: string): ArrayBuffer | undefined =>
      hex[name] === undefined ? undefined : new Uint8Array(Buffer.from(hex[name], "hex")).buffer;
    this.sha512 = bytes("sha512");
    this.sha384 = bytes("sha384");
    this.sha256 = bytes("sha256");
    this.sha1 = bytes("sha1");
    this.md5 = bytes("md5");
    this.#hex = hex;
    this.#allFields = allFields;
  }

  toJSON(): object {
    const names = ["md5", "sha1", "sha256", "sha384", "sha512"];
    return fields(
      names.map((name) => [name, this.#hex[name]]),
      this.#allFields,
    );
  }
}
defineInterface(Checksums, "Checksums");

export class HeadResult {
  readonly ssecKeyMd5: string | undefined;
  readonly storageClass: string;
  readonly range: object | undefined;
  readonly customMetadata: object | undefined;
  readonly httpMetadata: Readonly<Record<string, unknown>> | undefined;
  readonly uploaded: Date;
  readonly checksums: Checksums;
  readonly httpEtag: string;
  readonly etag: string;
  readonly size: number;
  readonly version: string;
  readonly key: string;

  constructor(key: unknown, head?: R2Head, options?: ObjectOptions) {
    if (key !== INTERNAL || head === undefined || options === undefined) {
      throw new TypeError("Illegal constructor");
    }
    const { allFields, range, without } = options;
    const http = without?.has("httpMetadata") === true ? {} : head.http;
    this.ssecKeyMd5 = undefined;
    this.storageClass = "Standard";
    this.range = range === undefined ? undefined : rangeObject(range, allFields);
    this.customMetadata = without?.has("customMetadata") === true ? {} : { ...head.custom };
    this.httpMetadata = fields(
      HTTP_FIELDS.map((name) => {
        const value = http[name];
        return [name, typeof value === "number" ? new Date(value) : value];
      }),
      allFields,
    );
    this.uploaded = new Date(head.uploaded);
    this.checksums = new Checksums(INTERNAL, head.checksums, allFields);
    this.httpEtag = `"${head.etag}"`;
    this.etag = head.etag;
    this.size = head.size;
    this.version = head.version;
    this.key = head.key;
  }

  writeHttpMetadata(...args: readonly unknown[]): void {
    const [headers] = args;
    if (!isHeaders(headers)) throw wrongParameter("writeHttpMetadata", "HeadResult", 1, "Headers");
    const names = {
      contentType: "content-type",
      contentLanguage: "content-language",
      contentDisposition: "content-disposition",
      contentEncoding: "content-encoding",
      cacheControl: "cache-control",
      cacheExpiry: "expires",
    } as const;
    for (const field of HTTP_FIELDS) {
      const value = this.httpMetadata?.[field];
      if (value === undefined) continue;
      headers.set(names[field], value instanceof Date ? value.toUTCString() : String(value));
    }
  }
}
defineInterface(HeadResult, "HeadResult");

export class GetResult extends HeadResult {
  /** Its body is this object's: production's rules and texts for bodies are those of a Response. */
  readonly #response: Response;
  readonly #type: string;

  constructor(key: unknown, found?: R2Found, options?: ObjectOptions) {
    super(key, found?.head, options);
    const body = found?.body ?? new Uint8Array(0);
    this.#type = found?.head.http.contentType ?? "";
    this.#response = new Response(body);
  }

  get body(): object | null {
    return this.#response.body;
  }

  get bodyUsed(): boolean {
    return this.#response.bodyUsed;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response.arrayBuffer();
  }

  bytes(): Promise<Uint8Array> {
    return this.#response.bytes();
  }

  text(): Promise<string> {
    return this.#response.text();
  }

  json(): Promise<unknown> {
    return this.#response.json();
  }

  async blob(): Promise<Blob> {
    const blob = await this.#response.blob();
    Object.defineProperty(blob, "type", { value: this.#type, configurable: true });
    return blob;
  }
}
defineInterface(GetResult, "GetResult");

export function headResult(head: R2Head, options: ObjectOptions): HeadResult {
  return new HeadResult(INTERNAL, head, options);
}

export function getResult(found: R2Found, options: ObjectOptions): HeadResult {
  if (found.range === undefined) return headResult(found.head, options);
  return new GetResult(INTERNAL, found, { ...options, range: found.range });
}

function rangeObject(range: { offset: number; length: number }, allFields: boolean): object {
  return fields(
    [
      ["offset", range.offset],
      ["length", range.length],
      ["suffix", undefined],
    ],
    allFields,
  );
}

function fields(
  entries: readonly (readonly [name: string, value: unknown])[],
  all: boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(all ? entries : entries.filter(([, value]) => value !== undefined));
}
