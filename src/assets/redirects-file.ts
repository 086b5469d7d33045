/** Reads `_redirects` (spec/assets.md 13). Pure; what is wrong is told line by line, never thrown. */
import type { HtmlHandling, RedirectRule } from "../protocol/assets.ts";
import {
  type InvalidLine,
  NOT_RELATIVE_OR_HTTPS,
  normalisePath,
  type RuleLine,
  ruleLines,
  toUrl,
} from "./rule-file.ts";

export interface ParsedRedirects {
  /** In file order. */
  readonly rules: readonly RedirectRule[];
  readonly invalid: readonly InvalidLine[];
  /** Remarks about rules that work. */
  readonly notes: readonly string[];
}

const MAX_STATIC = 2000;
const MAX_DYNAMIC = 100;
const STATUSES: ReadonlySet<number> = new Set([200, 301, 302, 303, 307, 308]);
const INFINITE_LOOP =
  "Infinite loop detected in this rule and has been ignored. This will cause a redirect to strip `.html` or `/index` and end up triggering this rule again. Please fix or remove this rule to silence this warning.";

/** True for rules that are looked for by comparison: no `*`, no `:name`. */
export function isStatic(from: string): boolean {
  return !/\*|:[A-Za-z]/.test(from);
}

export function parseRedirects(text: string, htmlHandling: HtmlHandling): ParsedRedirects {
  const invalid: InvalidLine[] = [];
  const notes: string[] = [];
  const rules = new Map<string, RedirectRule>();
  let statics = 0;
  let dynamics = 0;
  for (const line of ruleLines(text, invalid)) {
    const complain = (message: string): void => {
      invalid.push({ message, line: line.text, lineNumber: line.number });
    };
    const rule = readRule(line, htmlHandling);
    if ("problem" in rule) {
      complain(rule.problem);
      continue;
    }
    const { from, to, status } = rule;
    if (rules.has(from)) {
      complain(`Ignoring duplicate rule for path ${from}.`);
      continue;
    }
    const looksStatic = isStatic(from);
    if (looksStatic && dynamics === 0) {
      if (statics >= MAX_STATIC) {
        const message = `Maximum number of static rules supported is ${MAX_STATIC}. Skipping line.`;
        invalid.push({ message });
        continue;
      }
      statics += 1;
    } else {
      if (dynamics >= MAX_DYNAMIC) {
        const message = `Maximum number of dynamic rules supported is ${MAX_DYNAMIC}. Skipping remaining ${line.remaining} lines of file.`;
        invalid.push({ message });
        break;
      }
      dynamics += 1;
      if (looksStatic) {
        notes.push(
          `The redirect rule ${from} → ${status} ${to} could be made more performant by bringing it above any lines with splats or placeholders.`,
        );
      }
    }
    rules.set(from, rule);
  }
  return { rules: [...rules.values()], invalid, notes };
}

function readRule(
  { text }: RuleLine,
  htmlHandling: HtmlHandling,
): RedirectRule | { readonly problem: string } {
  const words = text.split(/\s+/);
  const comment = words.findIndex((word) => word.startsWith("#"));
  const tokens = comment === -1 ? words : words.slice(0, comment);
  if (tokens.length < 2 || tokens.length > 3) {
    const problem = `Expected exactly 2 or 3 whitespace-separated tokens. Got ${tokens.length}.`;
    return { problem };
  }
  const [source = "", target = "", code = "302"] = tokens;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    return { problem: `Only relative URLs are allowed. Skipping absolute URL ${source}.` };
  }
  const from = normalisePath(source);
  if (from === undefined) return { problem: `Error parsing URL segment ${source}. Skipping.` };
  const to = readTarget(target);
  if (to === undefined) return { problem: NOT_RELATIVE_OR_HTTPS };
  const status = Number(code);
  if (!STATUSES.has(status)) {
    return {
      problem: `Valid status codes are 200, 301, 302 (default), 303, 307, or 308. Got ${code}.`,
    };
  }
  if (status === 200 && !to.startsWith("/")) {
    return { problem: `Proxy (200) redirects can only point to relative paths. Got ${to}` };
  }
  const strips = /^\/(?:.*\/)?index(?:\.html)?$/.test(to);
  if (strips && (from.endsWith("/*") || (from.endsWith("/") && htmlHandling !== "none"))) {
    return { problem: INFINITE_LOOP };
  }
  return { from, to, status };
}

/** Normalised; undefined for what no redirect may lead to. */
function readTarget(target: string): string | undefined {
  if (target.startsWith("/")) {
    // Written so, `//host` would leave the site: production allows that, and it is never meant.
    if (/^[/\\]{2}/.test(target)) return undefined;
    const url = toUrl(target);
    return url === undefined ? undefined : url.pathname + url.search + url.hash;
  }
  if (!/^https:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  return new URL(target).href;
}
