/** What KV says of keys, and of the options of `put`, `get` and `list` (spec/resources.md 4), to a binding and to `drover kv`. Pure. */

const MAX_KEY_BYTES = 512;
const MAX_METADATA_BYTES = 1024;
const MIN_TTL = 60;
const MIN_CACHE_TTL = 30;
const MAX_BULK_KEYS = 100;
const MAX_LIST_KEYS = 1000;

/** @throws TypeError for a name that no method takes */
export function assertKeyName(key: string): void {
  if (key === "") throw new TypeError("Key name cannot be empty.");
  if (key === "." || key === "..") throw new TypeError(`"${key}" is not allowed as a key name.`);
}

export function assertKeyLength(key: string, operation: string): void {
  // Three bytes at most for a UTF-16 unit: most keys need no counting.
  const bytes = key.length * 3 <= MAX_KEY_BYTES ? 0 : Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) {
    throw new Error(
      `KV ${operation} failed: 414 UTF-8 encoded length of ${bytes} exceeds key length limit of ${MAX_KEY_BYTES}.`,
    );
  }
}

/** Keys of a bulk read, duplicates once. */
export function bulkKeys(list: readonly unknown[]): string[] {
  const failure = (text: string): Error => new Error(`KV GET_BULK failed: ${text}`);
  const keys = [...new Set(list.map((key) => `${key as string}`))];
  if (keys.length === 0) throw failure("400 You must request a minimum of 1 key");
  if (list.length > MAX_BULK_KEYS) {
    throw failure(`400 You can request a maximum of ${MAX_BULK_KEYS} keys`);
  }
  for (const key of keys) {
    if (key === "") throw failure("400 Key names must not be empty");
    if (key === "." || key === "..") {
      throw failure(`400 Illegal key name "${key}". Please use a different name.`);
    }
    assertKeyLength(key, "GET_BULK");
  }
  return keys;
}

export function assertCacheTtl(ttl: number | undefined, operation: string): void {
  if (ttl !== undefined && ttl < MIN_CACHE_TTL) {
    throw new Error(
      `KV ${operation} failed: 400 Invalid cache_ttl of ${ttl}. Cache TTL must be at least ${MIN_CACHE_TTL}.`,
    );
  }
}

/** Milliseconds since 1970, or null for an entry that stays. `seconds` to live win over the second `at`. */
export function expirationOf(seconds: number | undefined, at: number | undefined): number | null {
  const now = Math.floor(Date.now() / 1000);
  if (seconds !== undefined) {
    if (seconds <= 0) {
      throw put(`Invalid expiration_ttl of ${seconds}. Please specify integer greater than 0.`);
    }
    if (seconds < MIN_TTL) {
      throw put(
        `Invalid expiration_ttl of ${seconds}. Expiration TTL must be at least ${MIN_TTL}.`,
      );
    }
    return (now + seconds) * 1000;
  }
  if (at === undefined) return null;
  if (at <= now) {
    throw put(
      `Invalid expiration of ${at}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    );
  }
  if (at < now + MIN_TTL) {
    throw put(
      `Invalid expiration of ${at}. Expiration times must be at least ${MIN_TTL} seconds in the future.`,
    );
  }
  return at * 1000;
}

/** JSON text, null for none. Throws what JSON.stringify throws. */
export function metadataText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  // Of a function there is no JSON: none is kinder than production's internal error.
  return JSON.stringify(value) ?? null;
}

export function assertMetadataLength(text: string | null): void {
  const bytes = text === null ? 0 : Buffer.byteLength(text);
  if (bytes > MAX_METADATA_BYTES) {
    throw new Error(
      `KV PUT failed: 413 Metadata length of ${bytes} exceeds limit of ${MAX_METADATA_BYTES}.`,
    );
  }
}

export function listLimit(limit = 0): number {
  if (limit > MAX_LIST_KEYS) {
    throw new Error(
      `KV GET failed: 400 Invalid key_count_limit of ${limit}. Please specify an integer less than ${MAX_LIST_KEYS}.`,
    );
  }
  return limit <= 0 ? MAX_LIST_KEYS : limit;
}

function put(text: string): Error {
  return new Error(`KV PUT failed: 400 ${text}`);
}
