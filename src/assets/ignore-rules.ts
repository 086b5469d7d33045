/** `.assetsignore`: which files of the folder are no assets (spec/assets.md 5.2, 5.3). */
import ignore from "ignore";

export interface IgnoreRules {
  /** `path`: relative, with "/"; a folder's ends with "/": nothing below it is looked at. */
  isIgnored(path: string): boolean;
}

export const IGNORE_FILE = ".assetsignore";
export const HEADERS_FILE = "_headers";
export const REDIRECTS_FILE = "_redirects";

/** Left out unless a pattern says otherwise; at the root only. */
const ALWAYS: readonly string[] = [`/${IGNORE_FILE}`, `/${REDIRECTS_FILE}`, `/${HEADERS_FILE}`];

/** `text`: the file's, "" if there is none. */
export function compileIgnoreRules(text: string): IgnoreRules {
  // As git: names that differ in case are different files.
  const rules = ignore({ ignorecase: false })
    .add([...ALWAYS])
    .add(text);
  return { isIgnored: (path) => rules.ignores(path) };
}

/** Undefined where the bytes are no text: not UTF-8, or with a NUL character. */
export function decodeIgnoreFile(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
