/**
 * The public address of local buckets: objects over HTTP, with ranges and conditions as wrangler's dev
 * server has them (spec/resources.md 5.8). In the storage thread, asked by the host
 * (protocol/public-object.ts).
 */
import {
  type FromStorage,
  PUBLIC_WINDOW,
  type PublicObjectRequest,
  type ToStorage,
} from "../../protocol/public-object.ts";
import type { R2Conditional, R2Head, R2HttpMetadata } from "../../protocol/r2.ts";
import { messageOf } from "../../util/errors.ts";
import { parseEtags } from "../../util/r2-etags.ts";
import { naming } from "../failures.ts";
import type { Store } from "../store.ts";
import type { BodyReader } from "./body.ts";
import { isWanted } from "./conditions.ts";
import { openBucket, openObject } from "./objects.ts";
import type { Span } from "./ranges.ts";
import { findHead } from "./rows.ts";

type Headers = PublicObjectRequest["headers"];

interface Answer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Uint8Array | BodyReader | null;
}

const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*" };

export class PublicObjects {
  readonly #root: string;
  readonly #buckets: Map<string, Store> = new Map();

  constructor(root: string) {
    this.#root = root;
  }

  /** Never rejects; the port is closed at the end. */
  async serve({ port, bucket, key, method, headers }: PublicObjectRequest): Promise<void> {
    const send = (message: FromStorage): void => port.postMessage(message);
    try {
      const store = bucket === undefined ? undefined : this.#bucket(bucket);
      const { status, fields, body } = await naming(store?.path ?? "", "", () =>
        answer(store, key, method, headers),
      );
      const head = Object.entries({ ...fields, ...CORS })
        .map(([name, value]) => `${name}\n${value}`)
        .join("\n");
      const isReader = body !== null && "next" in body;
      send({ type: "head", status, headers: head, body: isReader ? body.length : body });
      if (isReader) await sendBody(body, port, send);
    } catch (error) {
      send({ type: "failed", message: messageOf(error) });
    }
    port.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#buckets.values()].map((store) => store.end()));
  }

  #bucket(name: string): Store {
    const store = this.#buckets.get(name) ?? openBucket(this.#root, name);
    this.#buckets.set(name, store);
    return store;
  }
}

/** Ends early, without a word, when the host closes the port: the client is gone. */
async function sendBody(
  body: BodyReader,
  port: PublicObjectRequest["port"],
  send: (message: FromStorage) => void,
): Promise<void> {
  let unpaid = 0;
  let isGone = false;
  let wake = (): void => {};
  port.on("message", (taken: ToStorage) => {
    unpaid -= taken;
    wake();
  });
  port.on("close", () => {
    isGone = true;
    wake();
  });
  try {
    for (;;) {
      while (unpaid >= PUBLIC_WINDOW && !isGone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const bytes = isGone ? undefined : await body.next();
      if (bytes === undefined) break;
      unpaid += bytes.byteLength;
      send({ type: "chunk", bytes });
    }
    send({ type: "end" });
  } finally {
    await body.close();
  }
}

async function answer(
  store: Store | undefined,
  key: string,
  method: string,
  headers: Headers,
): Promise<Answer> {
  if (method === "OPTIONS") {
    return { status: 204, fields: { "Access-Control-Allow-Methods": "GET,HEAD" }, body: null };
  }
  if (method !== "GET" && method !== "HEAD") return bodiless(401);
  // Between the look at the object and its files another process may replace it.
  for (let attempt = 0; store !== undefined && attempt < 2; attempt += 1) {
    const head = findHead(store, key);
    if (head === undefined) break;
    const refused = refusalOf(headers, head);
    if (refused === 412 || refused === 400) return bodiless(refused);
    const fields = fieldsOf(head);
    if (refused === 304) return { status: 304, fields, body: null };
    const range = rangeOf(headers.range, head.size);
    if (typeof range === "number") return bodiless(range);
    const { offset, length } = range ?? { offset: 0, length: head.size };
    if (range !== undefined) {
      fields["Content-Range"] = `bytes ${offset}-${offset + length - 1}/${head.size}`;
    }
    const status = range === undefined ? 200 : 206;
    if (method === "HEAD") {
      fields["Content-Length"] = String(length);
      return { status, fields, body: null };
    }
    const found = await openObject(store, key, range);
    if (found?.body === undefined) break;
    if (found.head.version === head.version) return { status, fields, body: found.body };
    if ("next" in found.body) await found.body.close();
  }
  const fields = { "Content-Type": "text/plain; charset=UTF-8" };
  const body = method === "HEAD" ? null : Buffer.from("404 Not Found");
  return { status: 404, fields, body };
}

function bodiless(status: number): Answer {
  return { status, fields: {}, body: null };
}

const METADATA: readonly (readonly [field: keyof R2HttpMetadata, header: string])[] = [
  ["contentType", "Content-Type"],
  ["contentLanguage", "Content-Language"],
  ["contentDisposition", "Content-Disposition"],
  ["contentEncoding", "Content-Encoding"],
  ["cacheControl", "Cache-Control"],
];

function fieldsOf({ http, etag, uploaded }: R2Head): Record<string, string> {
  const fields: Record<string, string> = { "Content-Type": "application/octet-stream" };
  for (const [field, header] of METADATA) {
    const value = http[field];
    // What cannot stand in a header is left out.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
    if (typeof value === "string" && !/[\u0000-\u001f\u007f]/.test(value)) fields[header] = value;
  }
  if (http.cacheExpiry !== undefined) fields.Expires = dateText(http.cacheExpiry);
  fields.ETag = `"${etag}"`;
  fields["Last-Modified"] = dateText(uploaded);
  fields["Accept-Ranges"] = "bytes";
  return fields;
}

function dateText(ms: number): string {
  return new Date(ms).toUTCString();
}

/** 412 or 304 for a condition that does not hold, 400 for one that cannot be read. */
function refusalOf(headers: Headers, head: R2Head): 412 | 304 | 400 | undefined {
  let conditional: R2Conditional;
  try {
    conditional = conditionalOf(headers);
  } catch {
    return 400;
  }
  if (isWanted(conditional, head)) return undefined;
  const { etagMatches, uploadedBefore } = conditional;
  const precondition = { etagMatches, uploadedBefore, secondsGranularity: true };
  return isWanted(precondition, head) ? 304 : 412;
}

/** @throws Error for a header without any usable etag */
function conditionalOf(headers: Headers): R2Conditional {
  const etags = (name: string): R2Conditional["etagMatches"] => {
    const text = headers[name];
    return text === undefined ? undefined : parseEtags(text, name);
  };
  // What is no date is the first one, as for the binding.
  const date = (name: string): number | undefined => {
    const text = headers[name];
    return text === undefined ? undefined : Date.parse(text) || 0;
  };
  return {
    etagMatches: etags("if-match"),
    etagDoesNotMatch: etags("if-none-match"),
    uploadedBefore: date("if-unmodified-since"),
    uploadedAfter: date("if-modified-since"),
    secondsGranularity: true,
  };
}

/** Undefined: the whole object. 400: no single range; 416: none of its bytes are there. */
function rangeOf(text: string | undefined, size: number): Span | 400 | 416 | undefined {
  if (text === undefined) return undefined;
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text.trim()) ?? [];
  if (first === "" && last === "") return 400;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? 416 : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < offset) return 400;
  return offset >= size ? 416 : { offset, length: end - offset + 1 };
}
