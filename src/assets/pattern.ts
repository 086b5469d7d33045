/**
 * Paths with one `*` and with `:name` placeholders, as `_headers` and `_redirects` have them
 * (spec/assets.md 12.2). Compiled once per rule; what was matched is put in place of its name.
 */

export type Captures = Readonly<Record<string, string>>;

const ORIGIN = /^https:\/\/[^/]*/;
const HOLE = /\*|:[A-Za-z]\w*/g;

/**
 * `*` matches anything and is called `splat`; `:name` one or more characters that are no "/" (in a
 * host no "." either). Undefined where this gives no regular expression: a name that occurs twice.
 */
export function compilePattern(path: string): RegExp | undefined {
  const origin = ORIGIN.exec(path)?.[0] ?? "";
  const source = sourceOf(origin, "[^/.]+") + sourceOf(path.slice(origin.length), "[^/]+");
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined;
  }
}

/** The text between the holes is literal. */
function sourceOf(text: string, name: string): string {
  const literals = text.split(HOLE).map((part) => part.replace(/[-/\\^$*+?.()|[\]{}]/g, "\\$&"));
  const holes = text.match(HOLE) ?? [];
  return literals
    .map((literal, index) => {
      const hole = holes[index];
      if (hole === undefined) return literal;
      return `${literal}(?<${hole === "*" ? "splat>.*" : `${hole.slice(1)}>${name}`})`;
    })
    .join("");
}

/** Puts what was captured in place of each `:name`, textually; others stay. */
export function fillIn(text: string, captures: Captures): string {
  let filled = text;
  for (const [name, value] of Object.entries(captures))
    filled = filled.replaceAll(`:${name}`, () => value);
  return filled;
}
