/**
 * Parses `.env` and `.dev.vars` files as the `dotenv` package does, which is what wrangler reads
 * them with. Node's own `parseEnv` differs from it, and between Node versions: escaped quotes,
 * `KEY: value`, unclosed quotes. Pure text.
 *
 *   export KEY = value # comment          value: trimmed, ends at "#"
 *   KEY: value                            a colon needs a space after it
 *   KEY="two\nlines" KEY='x' KEY=`x`      may span lines; only "..." turns \n and \r into line ends
 *
 * A value that opens a quote and does not end with it is taken as it stands.
 */

const KEY = /[^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=|:(?=[^\S\n]))/y;
const QUOTED =
  /[^\S\n]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`)[^\S\n]*(?:#[^\n]*)?(?=\n|$)/y;
const UNQUOTED = /([^#\n]*)[^\n]*/y;

/** Names and values in file order; of two equal names the last value counts. */
export function parseDotEnv(source: string): Record<string, string> {
  const text = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const values: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    const key = matchAt(KEY, text, at);
    if (key !== undefined) {
      at = key.end;
      const value = matchAt(QUOTED, text, at) ?? matchAt(UNQUOTED, text, at);
      values[key.captured] = unquote((value?.captured ?? "").trim());
      at = value?.end ?? at;
    }
    const lineEnd = text.indexOf("\n", at);
    at = lineEnd === -1 ? text.length : lineEnd + 1;
  }
  return values;
}

function unquote(raw: string): string {
  const quote = raw[0];
  const isQuoted = raw.length > 1 && raw.endsWith(quote ?? "") && /^['"`]/.test(raw);
  const value = isQuoted ? raw.slice(1, -1) : raw;
  return quote === '"' ? value.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : value;
}

function matchAt(
  pattern: RegExp,
  text: string,
  at: number,
): { captured: string; end: number } | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match === null ? undefined : { captured: match[1] ?? "", end: pattern.lastIndex };
}
