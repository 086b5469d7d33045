/**
 * Ids of Durable Objects, as wrangler and the real runtime derive them (spec/durable-objects.md 2.1):
 * a pure function of Worker name, class name and object name, so that every tool and process that
 * computes one finds the same object. Pure; used by namespaces in callers' threads and by the test API.
 */
import { nodeCrypto } from "./late-modules.ts";
import { utf8Of } from "./utf8.ts";

const HALF = 16;
/** Ids of names that are kept, and the longest of these: most Workers ask for the same few again. */
const KEPT = 1_000;
const LONGEST = 1_024;

export const NOT_HEX = "Invalid Durable Object ID: must be 64 hex digits";
export const FOREIGN_ID = "Durable Object ID is not valid for this namespace.";

/** The key of a class: all of its ids are derived from it, and it is the name of its folder. */
export function uniqueKey(service: string, className: string): string {
  return `${service}-${className}`;
}

const JURISDICTIONS: ReadonlySet<string> = new Set(["eu", "fedramp", "fedramp-high", "us"]);

/** @throws TypeError for a jurisdiction that there is not */
export function assertJurisdiction(name: string): void {
  if (JURISDICTIONS.has(name)) return;
  throw new TypeError(
    `Unknown jurisdiction "${name}". Expected one of ${[...JURISDICTIONS].join(", ")}.`,
  );
}

export class IdFactory {
  readonly #key: Buffer;
  readonly #jurisdiction: string;
  readonly #named: Map<string, string> = new Map();

  /** `jurisdiction`: its ids differ from those of the plain namespace and of other jurisdictions. */
  constructor(key: string, jurisdiction = "") {
    this.#key = nodeCrypto().createHash("sha256").update(key, "utf8").digest();
    this.#jurisdiction = jurisdiction;
  }

  fromName(name: string): string {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const id = this.#complete(this.#mac(utf8Of(name)));
    if (name.length <= LONGEST) {
      if (this.#named.size >= KEPT) this.#named.clear();
      this.#named.set(name, id);
    }
    return id;
  }

  random(): string {
    return this.#complete(nodeCrypto().randomBytes(HALF));
  }

  /** Lower-case hex of `text` if it is an id of this class. Throws a TypeError if it is none. */
  parse(text: string): string {
    if (!/^[0-9a-f]{64}$/i.test(text)) throw new TypeError(NOT_HEX);
    const id = text.toLowerCase();
    if (!this.isOwn(id)) throw new TypeError(FOREIGN_ID);
    return id;
  }

  /** Whether `id` (64 lower-case hex digits) was derived for this class and jurisdiction. */
  isOwn(id: string): boolean {
    return this.#complete(Buffer.from(id.slice(0, 2 * HALF), "hex")) === id;
  }

  #complete(base: Buffer): string {
    return base.toString("hex") + this.#mac(base).toString("hex");
  }

  #mac(bytes: Uint8Array): Buffer {
    const mac = nodeCrypto().createHmac("sha256", this.#key).update(bytes);
    // Not in the input of plain ids, which are wrangler's.
    if (this.#jurisdiction !== "") mac.update(`\0${this.#jurisdiction}`);
    return mac.digest().subarray(0, HALF);
  }
}
