/** Rows of cells under headings, padded by what is visible of them. */
import { dim } from "kleur/colors";
import { visibleWidth } from "./terminal.ts";

export function formatColumns(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => visibleWidth(row[column] ?? ""))),
  );
  const format = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - visibleWidth(cell)))
      .join("  ")
      .trimEnd();
  return [format(headings.map((heading) => dim(heading))), ...rows.map(format)].join("\n");
}
