/** What is said of `_headers` and `_redirects` when they have been read (spec/assets.md 12.3, 13.3, 18). Pure. */
import type { ParsedHeaders } from "./headers-file.ts";
import type { ParsedRedirects } from "./redirects-file.ts";
import type { InvalidLine } from "./rule-file.ts";

/** A line (or block of lines) for the terminal. */
export interface RuleRemark {
  readonly level: "info" | "warn";
  readonly text: string;
}

/** `file`: path of `_redirects` as it is shown. */
export function describeRedirects(parsed: ParsedRedirects, file: string): readonly RuleRemark[] {
  const remarks: RuleRemark[] = [info(parsed.rules.length, "redirect")];
  if (parsed.invalid.length > 0) remarks.push(warning(parsed.invalid, "redirect", file));
  for (const text of parsed.notes) remarks.push({ level: "info", text });
  return remarks;
}

/** `file`: path of `_headers` as it is shown. */
export function describeHeaders(parsed: ParsedHeaders, file: string): readonly RuleRemark[] {
  const remarks: RuleRemark[] = [info(parsed.count, "header")];
  if (parsed.invalid.length > 0) remarks.push(warning(parsed.invalid, "header", file));
  for (const { path, lineNumber } of parsed.replaced) {
    const text = `${file}:${lineNumber} is a second rule for ${path}: only its headers apply, those of the first are lost.`;
    remarks.push({ level: "warn", text });
  }
  return remarks;
}

function info(count: number, kind: string): RuleRemark {
  return { level: "info", text: `✨ Parsed ${count} valid ${kind} rule${count === 1 ? "" : "s"}.` };
}

function warning(invalid: readonly InvalidLine[], kind: string, file: string): RuleRemark {
  const items = invalid.map(({ message, line, lineNumber }) => {
    const place =
      line === undefined
        ? ""
        : `    at ${file}${lineNumber === undefined ? "" : `:${lineNumber}`} | ${line}\n`;
    return `▶︎ ${message}\n${place}`;
  });
  const count = `${invalid.length} invalid ${kind} rule${invalid.length === 1 ? "" : "s"}`;
  return { level: "warn", text: `Found ${count}:\n${items.join("\n")}`.trimEnd() };
}
