/** Rows of cells under headings, padded by what is visible of them. */
import { dim } from "kleur/colors";
import { visibleWidth } from "./terminal.ts";

/** A terminal narrower than this breaks the lines itself. */
const NARROWEST = 30;
const GAP = "  ";

/** @param width of the terminal: columns beyond it stand on a line of their own below each row, indented */
export function formatColumns(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => visibleWidth(row[column] ?? ""))),
  );
  const starts = lineStarts(widths, width);
  const format = (cells: readonly string[]) =>
    starts
      .map((start, line) => {
        const own = cells.slice(start, starts[line + 1]);
        const padded = own.map(
          (cell, at) => cell + " ".repeat((widths[start + at] ?? 0) - visibleWidth(cell)),
        );
        return `${line === 0 ? "" : GAP}${padded.join(GAP)}`.trimEnd();
      })
      .filter((text) => text !== "")
      .join("\n");
  return [format(headings.map((heading) => dim(heading))), ...rows.map(format)].join("\n");
}

/** With which columns a line begins. */
function lineStarts(widths: readonly number[], width: number): number[] {
  const starts = [0];
  if (width < NARROWEST) return starts;
  let used = 0;
  for (const [column, own] of widths.entries()) {
    const isFirst = column === starts.at(-1);
    if (isFirst || used + GAP.length + own <= width) {
      used += isFirst ? own : GAP.length + own;
      continue;
    }
    starts.push(column);
    used = GAP.length + own;
  }
  return starts;
}
