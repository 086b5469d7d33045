/** Keys of the files of Workers Sites in the namespace `__STATIC_CONTENT`, as wrangler makes them (spec/assets.md 19). */

const PREFIX = "$__MINIFLARE_SITES__$/";
const IN_URL = /^[a-z]+:\/\/[^/]*\/\$__MINIFLARE_SITES__\$\//;

/** Of the namespace `__STATIC_CONTENT`. */
export function siteKey(path: string): string {
  return PREFIX + encodeURIComponent(path);
}

/** The path that a key stands for: a plain one stands for itself. */
export function sitePath(key: string): string {
  if (!key.startsWith(PREFIX)) return key;
  try {
    return decodeURIComponent(key.slice(PREFIX.length));
  } catch {
    return key;
  }
}

/**
 * A URL that a Worker has made of a key to cache a file. Deployed, a key has the hash of its file in it; these have not, and
 * what was cached of one would outlive an edit.
 */
export function isSiteUrl(url: string): boolean {
  return IN_URL.test(url);
}
