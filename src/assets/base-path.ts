/** `base_path`: the site lies below a folder of its URL (spec/assets.md 14). Pure. */
import { decodePath } from "./paths.ts";

/** Decoded, "/" or "/a/b/"; or what is wrong with the value, in wrangler's words. */
export function parseBasePath(
  value: unknown,
): { readonly path: string } | { readonly problem: string } {
  const problem = findProblem(value);
  if (problem !== undefined) return { problem };
  const url = new URL(`/${String(value)}/`.replace(/\/{2,}/g, "/"), "https://relative.invalid");
  return { path: decodePath(url.pathname) };
}

function findProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return `Expected a string but got ${typeof value}.`;
  if (value === "") return "The value must not be empty.";
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(value)) return "The value must be a pathname, not a URL.";
  if (value.includes("\\")) return "The value must not contain backslashes.";
  if ([...value].some((char) => char < " " || char === "\u007f")) {
    return "The value must not contain control characters.";
  }
  if (/[?#]/.test(value)) return "The value must not contain query strings or fragments.";
  if (value.includes("%")) return "The value must not contain percent-encoded sequences.";
  return undefined;
}

/** The decoded path below the base, with a leading "/"; undefined for what lies outside. */
export function belowBase(base: string, pathname: string): string | undefined {
  const path = decodePath(pathname);
  if (base === "/") return path;
  // The base itself, with or without its slash: html handling says which it is to be.
  if (path === base.slice(0, -1)) return "";
  return path.startsWith(base) ? path.slice(base.length - 1) : undefined;
}
