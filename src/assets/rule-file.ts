/** What `_headers` and `_redirects` have in common: lines, and remarks about them (spec/assets.md 12.3). */

/** A line that was passed over, and why. */
export interface InvalidLine {
  readonly message: string;
  /** The text, where a place is shown. */
  readonly line?: string;
  /** From 1. */
  readonly lineNumber?: number;
}

export interface RuleLine {
  readonly text: string;
  readonly number: number;
  /** Lines of the file from this one on. */
  readonly remaining: number;
}

const MAX_LENGTH = 2000;

export const NOT_RELATIVE_OR_HTTPS =
  'URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS (e.g. begin with "https://").';

/** Trimmed lines that say something; those that are too long go to `invalid`. */
export function* ruleLines(text: string, invalid: InvalidLine[]): Generator<RuleLine> {
  const lines = text.split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.length > MAX_LENGTH) {
      const message = `Ignoring line ${index + 1} as it exceeds the maximum allowed length of ${MAX_LENGTH}.`;
      invalid.push({ message });
      continue;
    }
    yield { text: line, number: index + 1, remaining: lines.length - index };
  }
}

/** As the URL parser has it, without query and fragment: what requests are compared with. */
export function normalisePath(path: string): string | undefined {
  const slashed = path.startsWith("/") ? path : `/${path}`;
  return toUrl(slashed)?.pathname;
}

/** A path as a URL of no particular host; "//x" is a path, not a host. */
export function toUrl(path: string): URL | undefined {
  const text = `https://relative.invalid${path}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}
