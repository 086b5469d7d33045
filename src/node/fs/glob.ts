/** `fs.glob`: what below a folder matches. Patterns are relative to it, as production takes them. */
import { globToRegExp } from "../../util/glob.ts";
import { Dirent } from "./entries.ts";
import type { FolderNode } from "./nodes.ts";

export interface GlobOptions {
  readonly pattern: unknown;
  readonly exclude: unknown;
  readonly withFileTypes: unknown;
}

export function globPaths(
  root: FolderNode,
  rootPath: string,
  { pattern, exclude, withFileTypes }: GlobOptions,
): (string | Dirent)[] {
  const wanted = patternsOf(pattern);
  const isExcluded = exclusion(exclude);
  const found: (string | Dirent)[] = [];
  const visit = (at: FolderNode, parent: string, prefix: string): void => {
    for (const [name, node] of at.entries) {
      const path = `${prefix}${name}`;
      const entry = new Dirent(name, parent, node.kind);
      if (isExcluded(withFileTypes === true ? entry : path)) continue;
      if (wanted.some((expression) => expression.test(path))) {
        found.push(withFileTypes === true ? entry : path);
      }
      if (node.kind === "folder")
        visit(node, `${parent === "/" ? "" : parent}/${name}`, `${path}/`);
    }
  };
  visit(root, rootPath, "");
  return found;
}

function patternsOf(value: unknown): RegExp[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((glob) => globToRegExp(String(glob)));
}

function exclusion(value: unknown): (entry: string | Dirent) => boolean {
  if (typeof value === "function") return (entry) => Boolean(value(entry));
  if (!Array.isArray(value)) return () => false;
  const patterns = patternsOf(value);
  return (entry) => {
    const path = typeof entry === "string" ? entry : String(entry.name);
    return patterns.some((expression) => expression.test(path));
  };
}
