/**
 * What a TOML file needs where smol-toml stopped, in words of somebody who edits configs: smol-toml names the
 * rule that was broken, and an open string by the line feed in it. Pure; called by parse-toml.ts.
 */

export interface Explanation {
  readonly text: string;
  /** UTF-16 offset of what is to be mended. */
  readonly offset: number;
}

/** @param what smol-toml's words, @param at where it stopped, as an offset in `source` */
export function explainToml(what: string, at: number, source: string): Explanation {
  const common = explainAnywhere(source, at);
  if (common !== undefined) return { text: common, offset: at };
  const explain = EXPLANATIONS[what];
  return explain?.(source, at) ?? { text: what, offset: at };
}

type Explain = (source: string, at: number) => Explanation | undefined;

const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  "control characters are not allowed in strings": (source, at) => {
    const { string } = scan(source, at);
    const code = source.charCodeAt(at);
    if (string !== undefined && (code === 10 || code === 13)) {
      return {
        text: `string is not closed: expected ${source[string]} on this line`,
        offset: string,
      };
    }
    const written = `\\u${code.toString(16).padStart(4, "0")}`;
    return { text: `control character in a string: write it as ${written}`, offset: at };
  },
  "unfinished string": (source, at) => {
    const quote = source[at] ?? '"';
    const isLong = source.startsWith(quote.repeat(3), at);
    const expected = isLong
      ? `${quote.repeat(3)} before the end of the file`
      : `${quote} on this line`;
    return { text: `string is not closed: expected ${expected}`, offset: at };
  },
  "invalid value": (source, at) => {
    const word = /^[^\s,\]}#]*/.exec(source.slice(at, at + 100))?.[0] ?? "";
    const fixed = WORDS[word.toLowerCase()];
    if (word === "") return { text: 'expected a value after "="', offset: at };
    if (fixed !== undefined) return { text: `unexpected ${word}: ${fixed}`, offset: at };
    return { text: `unexpected ${word}: text stands in quotes`, offset: at };
  },
  "unexpected end of key": (_source, at) => ({ text: 'expected a key before "="', offset: at }),
  "illegal character in key": (source, at) => {
    const before = lineBefore(source, at);
    if (before.trimStart().startsWith("[")) {
      return { text: 'expected "]" after the name of the table', offset: at };
    }
    if (source.startsWith("//", at) || source.startsWith("/*", at)) {
      return { text: "a comment begins with # in TOML", offset: at };
    }
    if (source[at] === "{" && source.slice(0, at).trim() === "") {
      return { text: "this is JSON: name the file wrangler.jsonc", offset: at };
    }
    if (before.trim() === "") {
      return { text: "expected a key, a [table] or a # comment", offset: at };
    }
    const instead = source[at] === ":" ? ', not ":"' : "";
    return { text: `expected "=" after the key${instead}`, offset: at };
  },
  "trying to redefine an already defined table or value": (source, at) => {
    const name = /^[^=\]\n]*/.exec(source.slice(at, at + 200))?.[0].trim() ?? "";
    return { text: `${name} clashes with a key or table of that name above`, offset: at };
  },
  "expected comma or end of structure": (source, at) => {
    const open = scan(source, at).open.at(-1);
    if (open === undefined) return undefined;
    const isList = source[open] === "[";
    const line = source.slice(0, open).split("\n").length;
    const where =
      lineBefore(source, at).length > at - open
        ? ""
        : `: the ${isList ? "list" : "table"} that begins on line ${line} is not closed`;
    return { text: `expected "," or "${isList ? "]" : "}"}"${where}`, offset: at };
  },
  "each key-value declaration must be followed by an end-of-line": afterValue,
  "illegal character in numeric literal": (source, at) =>
    source[at] === ";" ? afterValue(source, at) : undefined,
  "unrecognised escape sequence": wrongEscape,
  "invalid non-hex character in unicode escape": wrongEscape,
  "expected end of table array declaration": (_source, at) => ({
    text: 'expected "]]" after the name of the table',
    offset: at,
  }),
};

const WORDS: Readonly<Record<string, string>> = {
  true: "write true",
  false: "write false",
  yes: "write true",
  no: "write false",
  null: "TOML has no null, leave the key out",
  none: "TOML has no null, leave the key out",
  undefined: "leave the key out",
};

/** What is wrong in both languages, wherever it stands; also of explain-json.ts. */
export function explainAnywhere(source: string, at: number): string | undefined {
  if (
    /^(?:<{7}|={7}|>{7})(?: |$)/m.test(source.slice(at, at + 8)) &&
    lineBefore(source, at) === ""
  ) {
    return "a merge conflict is not resolved";
  }
  if (/[\u2018-\u201f]/.test(source[at] ?? ""))
    return `unexpected ${source[at]}: use straight quotes`;
  return undefined;
}

function afterValue(source: string, at: number): Explanation {
  return { text: `unexpected ${source[at]} after the value: its line ends there`, offset: at };
}

function wrongEscape(_source: string, at: number): Explanation {
  return {
    text: "no such escape in a string: write \\\\ for \\, or use single quotes",
    offset: at,
  };
}

function lineBefore(source: string, at: number): string {
  return source.slice(source.lastIndexOf("\n", at - 1) + 1, at);
}

interface Scan {
  /** Offset of the quote of the string that is open at the end. */
  readonly string: number | undefined;
  /** Offsets of the brackets that are open, the innermost last. */
  readonly open: readonly number[];
}

/** What is open at `end`; all before it is TOML. */
function scan(source: string, end: number): Scan {
  const open: number[] = [];
  const token =
    /"""(?:\\[\s\S]|[^\\])*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#.*|["'[\]{}]/g;
  for (const { 0: found, index } of source.slice(0, end).matchAll(token)) {
    if (found === '"' || found === "'") return { string: index, open };
    if (found === "[" || found === "{") open.push(index);
    else if (found === "]" || found === "}") open.pop();
  }
  return { string: undefined, open };
}
