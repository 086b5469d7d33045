/**
 * A cache in the storage thread: the RPC target behind `caches.default` and `caches.open(name)`
 * (spec/resources.md 9). Arguments were checked by the caller (web/scope/caches.ts); responses are
 * kept where wrangler keeps them.
 */
import { randomBytes } from "node:crypto";
import type { CacheAsk, CacheHit, CachePut } from "../../protocol/cache.ts";
import { isSiteUrl } from "../../util/site-keys.ts";
import { Entries, type EntryRow } from "../entries.ts";
import { naming } from "../failures.ts";
import type { Span } from "../r2/ranges.ts";
import { cancelStream } from "../streams.ts";
import { readSpan, writeResponse } from "./body.ts";
import { isNotModified } from "./conditions.ts";
import { type HeaderList, keepsResponse } from "./policy.ts";
import { rangesOf } from "./ranges.ts";

/** A row's metadata, as wrangler writes it. */
interface Stored {
  readonly headers: HeaderList;
  readonly status: number;
  /** Bytes of the body. */
  readonly size: number;
}

/** Undefined if the file is gone. */
type Found = CacheHit | undefined | Promise<CacheHit | undefined>;

export class CacheStore {
  readonly #entries: Entries;

  /** `name`: "default", or "named:" and the encoded name. */
  constructor(root: string, name: string) {
    this.#entries = new Entries(root, "cache", name);
  }

  /** Gives whether it is kept: what may not be is dropped in silence. */
  put(key: string, put: CachePut): Promise<boolean> {
    return this.#guard("put", async () => {
      const { body } = put;
      const value = typeof body === "string" ? Buffer.from(body) : (body ?? new Uint8Array(0));
      const isStream = !(value instanceof Uint8Array);
      if (isSiteUrl(key) || keepsResponse(put, isStream ? 0 : value.byteLength) === undefined) {
        if (isStream) await cancelStream(value);
        return false;
      }
      const { blob, size } = await writeResponse(this.#entries.store.blobs, value);
      // Its age counts from the end of its body.
      const kept = keepsResponse(put, size);
      if (kept === undefined) {
        this.#entries.store.blobs.remove(blob);
        return false;
      }
      const metadata: Stored = { headers: kept.headers, status: put.status, size };
      const expiration = Date.now() + kept.lifetime;
      this.#entries.set(key, { blob, expiration, metadata: JSON.stringify(metadata) });
      return true;
    });
  }

  match(key: string, ask: CacheAsk): CacheHit | null | Promise<CacheHit | null> {
    return this.#guard("match", () => {
      const hit = this.#find(key, ask);
      // Between row and file another process may have replaced it: once more with the new row.
      if (hit instanceof Promise) return this.#settled(hit, key, ask);
      return hit === undefined ? this.#settled(hit, key, ask) : hit;
    });
  }

  async #settled(hit: Found | null, key: string, ask: CacheAsk): Promise<CacheHit | null> {
    return (await hit) ?? (await this.#find(key, ask)) ?? null;
  }

  /** True if there was one. */
  delete(key: string): boolean {
    return this.#guard("delete", () => this.#entries.delete(key));
  }

  close(): Promise<void> {
    return this.#entries.end();
  }

  /** Undefined if the file is gone. */
  #find(key: string, ask: CacheAsk): Found | null {
    const row = this.#entries.find(key);
    if (row === undefined) return null;
    const stored = JSON.parse(row.metadata ?? "{}") as Stored;
    const { headers, status, size } = stored;
    if (isNotModified(ask, headers)) return { status: 304, headers: wireOf(headers), body: null };
    // Part of an encoded body could not be decoded.
    const isEncoded = headers.some(([name]) => name === "content-encoding");
    const ranges = ask.range === undefined || isEncoded ? "whole" : rangesOf(ask.range, size);
    if (ranges === "unusable") {
      const only: HeaderList = [["content-range", `bytes */${size}`]];
      return { status: 416, headers: wireOf([], only), body: null };
    }
    if (ranges === "whole") {
      const whole = { offset: 0, length: size };
      return this.#answer(row, stored, whole, { status, headers: wireOf(headers) });
    }
    if (ranges.length > 1) return this.#parts(row, stored, ranges);
    const [only] = ranges;
    const changes: HeaderList = [
      ["content-length", String(only.length)],
      ["content-range", contentRange(only, size)],
    ];
    return this.#answer(row, stored, only, { status: 206, headers: wireOf(headers, changes) });
  }

  #answer({ blob }: EntryRow, { size }: Stored, span: Span, head: Omit<CacheHit, "body">): Found {
    const answer = (body: CacheHit["body"] | undefined): CacheHit | undefined =>
      body === undefined ? undefined : { ...head, body };
    const body = readSpan(this.#entries.store.blobs, { blob, size }, span);
    return body instanceof Promise ? body.then(answer) : answer(body);
  }

  /** Several ranges: `multipart/byteranges`. */
  async #parts(
    row: EntryRow,
    { headers, size }: Stored,
    ranges: readonly Span[],
  ): Promise<CacheHit | undefined> {
    const boundary = `drover-${randomBytes(16).toString("hex")}`;
    const type = headers.find(([name]) => name === "content-type")?.[1];
    const pieces: Buffer[] = [];
    for (const span of ranges) {
      const file = { blob: row.blob, size };
      const bytes = await readSpan(this.#entries.store.blobs, file, span);
      if (bytes === undefined) return undefined;
      if (!(bytes instanceof Uint8Array))
        throw new Error("Ranges of such length are not given out together.");
      const head = [
        `--${boundary}`,
        ...(type === undefined ? [] : [`Content-Type: ${type}`]),
        `Content-Range: ${contentRange(span, size)}`,
      ];
      pieces.push(Buffer.from(`${head.join("\r\n")}\r\n\r\n`), Buffer.from(bytes), CRLF);
    }
    const whole = Buffer.concat([...pieces, Buffer.from(`--${boundary}--`)]);
    const body = new Uint8Array(whole);
    const changes: HeaderList = [
      ["content-length", String(body.byteLength)],
      ["content-type", `multipart/byteranges; boundary=${boundary}`],
    ];
    return { status: 206, headers: wireOf(headers, changes), body };
  }

  #guard<T>(method: string, run: () => T): T {
    return naming(this.#entries.store.path, `Cache ${method} failed: `, run);
  }
}

const CRLF: Buffer = Buffer.from("\r\n");

function contentRange({ offset, length }: Span, size: number): string {
  return `bytes ${offset}-${offset + length - 1}/${size}`;
}

/** Every hit says that it is one. */
function wireOf(headers: HeaderList, changes: HeaderList = []): string {
  const changed = new Set(["cf-cache-status", ...changes.map(([name]) => name)]);
  const all = [
    ...headers.filter(([name]) => !changed.has(name)),
    ...changes,
    ["cf-cache-status", "HIT"] as const,
  ];
  return all.map(([name, value]) => `${name}\n${value.trim()}`).join("\n");
}
