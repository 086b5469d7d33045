/**
 * URLs of the modules of a bundle: what V8, stacks and source maps know them by. Used by the host, for
 * debuggers, and in the Worker's thread. Pure.
 */

/** Characters of a path that would be an escape, a query, a fragment or a slash in a URL. */
const SPECIAL = /[%?#\\]/g;

/** `name`: of a module of the bundle, a URL or a path beside `entry`, which is the name of the first. */
export function moduleUrl(name: string, entry: string): string {
  const isUrl = name.startsWith("file:///");
  return new URL(isUrl ? name : name.replace(SPECIAL, encodeURIComponent), entry).href;
}
