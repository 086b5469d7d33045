/**
 * A secret of a Secrets Store in the storage thread (spec/resources.md 12), as `wrangler secrets-store
 * secret create` left it: the binding is a stub of this object. Reads only, and makes no files.
 */
import { existsSync } from "node:fs";
import { storePaths } from "../../storage/state-folder.ts";
import { Entries } from "../entries.ts";
import { naming } from "../failures.ts";

const MAX_BYTES: number = 1024 * 1024;

export class StoredSecret {
  readonly #entries: Entries;
  readonly #database: string;
  readonly #name: string;

  /** `id`: JSON of store and name (config/small-bindings.ts). */
  constructor(root: string, id: string) {
    const [store = "", name = ""] = JSON.parse(id) as readonly string[];
    this.#entries = new Entries(root, "secrets-store", store);
    this.#database = storePaths(root, "secrets-store", store).database;
    this.#name = name;
  }

  /** @throws Error if nobody has created it */
  get(): string {
    return naming(this.#database, "", () => {
      const row = existsSync(this.#database) ? this.#entries.find(this.#name) : undefined;
      const value =
        row === undefined ? undefined : this.#entries.store.blobs.readSync(row.blob, MAX_BYTES);
      if (!(value instanceof Uint8Array)) throw new Error(`Secret "${this.#name}" not found`);
      return Buffer.from(value).toString();
    });
  }
}
