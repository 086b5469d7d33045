/** Rows of cells in boxes, as wrangler draws what a command found. */

/** The widths are those of wrangler's tables: emoji take two cells, all else one. */
export function formatBoxes(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_heading, column) =>
    Math.max(...lines.map((cells) => cellsOf(cells[column] ?? ""))),
  );
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right;
  const line = (cells: readonly string[]): string =>
    `│${widths.map((width, column) => ` ${pad(cells[column] ?? "", width)} `).join("│")}│`;
  const between = `\n${rule("├", "┼", "┤")}\n`;
  return `${rule("┌", "┬", "┐")}\n${lines.map(line).join(between)}\n${rule("└", "┴", "┘")}`;
}

function pad(text: string, width: number): string {
  return text + " ".repeat(width - cellsOf(text));
}

function cellsOf(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (/\p{Emoji_Presentation}/u.test(character) ? 2 : 1),
    0,
  );
}
