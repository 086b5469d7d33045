/** The table that `drover smoke` ends with. */
import { bold, dim, green, red } from "kleur/colors";
import { visibleWidth } from "../ui/terminal.ts";

export interface SmokeResult {
  readonly what: string;
  /** undefined: as expected. */
  readonly failure: string | undefined;
  readonly ms?: number;
  /** Lines that Workers printed meanwhile; of failures. */
  readonly log?: readonly string[];
}

/** Columns: mark, what, time; the reason of a failure on a line of its own. */
export function formatResults(results: readonly SmokeResult[]): string {
  const width = Math.max(0, ...results.map(({ what }) => visibleWidth(what)));
  const lines = results.flatMap(({ what, failure, ms, log = [] }) => {
    const mark = failure === undefined ? green("✓") : red("✘");
    const time = ms === undefined ? "" : `${Math.round(ms)} ms`;
    const row = `  ${mark} ${what}${" ".repeat(width - visibleWidth(what))}  ${time}`.trimEnd();
    return failure === undefined
      ? [row]
      : [
          row,
          ...failure.split("\n").map((line) => `      ${line}`),
          ...log.flatMap((text) => text.split("\n")).map((line) => dim(`      | ${line}`)),
        ];
  });
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const summary =
    failed === 0 ? green(`${results.length} ok`) : red(`${failed} of ${results.length} failed`);
  return `\n${lines.join("\n")}\n\n${bold("smoke:")} ${summary}`;
}
