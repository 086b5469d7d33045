/** Reads `_headers` (spec/assets.md 12). Pure; what is wrong is told line by line, never thrown. */
import type { HeaderRule } from "../protocol/assets.ts";
import { type InvalidLine, NOT_RELATIVE_OR_HTTPS, normalisePath, ruleLines } from "./rule-file.ts";

export interface ParsedHeaders {
  /** In the order of their first mention; of two rules for one path the later one, as production. */
  readonly rules: readonly HeaderRule[];
  /** How many rules the file has, duplicates included. */
  readonly count: number;
  readonly invalid: readonly InvalidLine[];
  /** Paths that occur twice: all headers of the earlier rule are lost. */
  readonly replaced: readonly { readonly path: string; readonly lineNumber: number }[];
}

interface OpenRule {
  readonly path: string;
  readonly line: string;
  readonly lineNumber: number;
  readonly unset: string[];
  readonly set: Map<string, string>;
}

const MAX_RULES = 100;
const STARTS_RULE = /^(?:\/|[a-z][a-z0-9+.-]*:\/\/)/i;

export function parseHeaders(text: string): ParsedHeaders {
  const invalid: InvalidLine[] = [];
  const rules = new Map<string, HeaderRule>();
  const replaced: { path: string; lineNumber: number }[] = [];
  let count = 0;
  let open: OpenRule | undefined;
  let isSkipping = false;
  const close = (nextLine: number | undefined): void => {
    if (open === undefined) return;
    const { path, unset, set, line, lineNumber } = open;
    if (set.size === 0 && unset.length === 0) {
      // The number is that of the next rule, as in wrangler.
      const place = nextLine === undefined ? {} : { lineNumber: nextLine };
      invalid.push({ message: "No headers specified", line, ...place });
    } else {
      if (rules.has(path)) replaced.push({ path, lineNumber });
      rules.set(path, { path, unset, set: [...set] });
      count += 1;
    }
    open = undefined;
  };
  for (const { text: line, number, remaining } of ruleLines(text, invalid)) {
    const complain = (message: string): void => {
      invalid.push({ message, line, lineNumber: number });
    };
    if (STARTS_RULE.test(line)) {
      if (count >= MAX_RULES) {
        const message = `Maximum number of rules supported is ${MAX_RULES}. Skipping remaining ${remaining} lines of file.`;
        invalid.push({ message });
        break;
      }
      close(number);
      const path = readPath(line);
      isSkipping = "problem" in path;
      if ("problem" in path) complain(path.problem);
      else open = { path: path.path, line, lineNumber: number, unset: [], set: new Map() };
    } else if (!isSkipping) {
      const problem = readHeader(line, open);
      if (problem !== undefined) complain(problem);
    }
  }
  close(undefined);
  return { rules: [...rules.values()], count, invalid, replaced };
}

/** The problem, if there is one. */
function readHeader(line: string, rule: OpenRule | undefined): string | undefined {
  const colon = line.indexOf(":");
  if (rule === undefined) {
    return colon === -1
      ? "Expected a path beginning with at least one forward-slash"
      : `Path should come before header (${line})`;
  }
  if (colon === -1) {
    if (!line.startsWith("! ")) return "Expected a colon-separated header pair (e.g. name: value)";
    rule.unset.push(line.slice(2).trim().toLowerCase());
    return undefined;
  }
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (/\s/.test(name)) return "Header name cannot include spaces";
  if (name === "") return "No header name specified";
  if (value === "") return "No header value specified";
  const earlier = rule.set.get(name);
  rule.set.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  return undefined;
}

function readPath(line: string): { readonly path: string } | { readonly problem: string } {
  const absolute = /^https:\/\/([^/?#]*)(.*)$/i.exec(line);
  if (absolute === null && !line.startsWith("/")) return { problem: NOT_RELATIVE_OR_HTTPS };
  const [, host = "", rest = ""] = absolute ?? ["", "", line];
  const path = normalisePath(rest);
  if (path === undefined) return { problem: NOT_RELATIVE_OR_HTTPS };
  if (/:\d+$/.test(host)) {
    return { problem: `Specifying ports is not supported. Skipping absolute URL ${line}.` };
  }
  const whole = absolute === null ? path : `https://${host}${path}`;
  const stars = whole.split("*").length - 1;
  if (stars > 1) {
    return {
      problem: `Only one wildcard is allowed per rule. Use a named placeholder (e.g. :project) instead. Skipping ${whole}.`,
    };
  }
  if (stars === 1 && /:splat\b/.test(whole)) {
    return {
      problem: `Cannot combine a wildcard * with a :splat placeholder because wildcards are converted to :splat at runtime. Skipping ${whole}.`,
    };
  }
  return { path: whole };
}
