/**
 * Globs of module rules and folder walks: `*`, `**`, `?`, `[abc]`, `{a,b}` over forward slashes.
 * Node 20 has no path.matchesGlob.
 */

/** A regular expression for whole paths; `**` crosses folders, `*` and `?` do not. */
export function globToRegExp(glob: string): RegExp {
  return new RegExp(`^${globSource(glob)}$`);
}

/** The pattern of `globToRegExp` without anchors, in syntax that Go's regexp (esbuild) knows too. */
export function globSource(glob: string): string {
  const text = glob.replace(/^\.\//, "");
  let source = "";
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === "*" && text[at + 1] === "*") {
      const wholeSegment = (at === 0 || text[at - 1] === "/") && text[at + 2] === "/";
      source += wholeSegment ? "(?:.*/)?" : ".*";
      at += wholeSegment ? 2 : 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[" && text.indexOf("]", at + 2) > 0) {
      const end = text.indexOf("]", at + 2);
      const set = text
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\");
      source += `[${set}]`;
      at = end;
    } else if (char === "{" && text.includes("}", at)) {
      source += "(?:";
      depth++;
    } else if (char === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (char === "," && depth > 0) source += "|";
    else source += escapeRegExp(char);
  }
  return source;
}

/** `text` as a pattern that matches exactly it. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
