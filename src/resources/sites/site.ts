/**
 * `__STATIC_CONTENT` of Workers Sites in the storage thread: the bucket's files behind the methods of a
 * KV namespace (kv/kv-namespace.ts), which only reads (spec/assets.md 19).
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { listSite, type SiteFolder, siteFilter } from "../../util/site-files.ts";
import { siteKey, sitePath } from "../../util/site-keys.ts";
import { naming } from "../failures.ts";
import type { KvEntry, KvListOptions, KvPage } from "../kv/kv-namespace.ts";

export class SiteFiles {
  readonly #site: SiteFolder;
  readonly #isWanted: (path: string) => boolean;

  /** `id`: JSON of a SiteFolder (config/site.ts). */
  constructor(_root: string, id: string) {
    this.#site = JSON.parse(id) as SiteFolder;
    this.#isWanted = siteFilter(this.#site);
  }

  get(key: string): Promise<KvEntry | null> {
    return naming(this.#site.bucket, "KV GET failed: 500 Internal Server Error: ", () =>
      this.#read(key),
    );
  }

  async getMany(keys: readonly string[]): Promise<readonly (KvEntry | null)[]> {
    return await Promise.all(keys.map((key) => this.get(key)));
  }

  put(): void {
    throw new Error("KV PUT failed: 405 Cannot put() with Workers Sites namespace");
  }

  delete(): void {
    throw new Error("KV DELETE failed: 405 Cannot delete() with Workers Sites namespace");
  }

  list({ prefix, limit, after }: KvListOptions): KvPage {
    const names = listSite(this.#site)
      .map(siteKey)
      .filter((name) => name.startsWith(prefix) && name > after)
      .sort();
    const keys = names.slice(0, limit).map((name) => ({ name, expiration: null, metadata: null }));
    return { keys, isLast: names.length <= limit };
  }

  async #read(key: string): Promise<KvEntry | null> {
    const { bucket } = this.#site;
    const file = join(bucket, sitePath(key));
    const path = relative(bucket, file).replaceAll("\\", "/");
    // Nothing outside of the bucket, and not the bucket itself.
    if (path === "" || path.startsWith("..") || !this.#isWanted(path)) return null;
    try {
      return { value: new Uint8Array(await readFile(file)), metadata: null };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return null;
      throw error;
    }
  }
}
