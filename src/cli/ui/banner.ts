/** The first lines of every session (spec/wrangler.md 1.4). */
import { visibleWidth } from "./terminal.ts";

export function formatBanner(version: string): string {
  const title = ` ⛅️ drover ${version}`;
  return `\n${title}\n${"─".repeat(visibleWidth(title))}`;
}

/** Items in a rounded frame: on one line, or one per line if that is wider than the terminal. */
export function formatBox(items: readonly string[], width: number): string {
  const oneLine = items.join(" ");
  const lines = visibleWidth(oneLine) + 6 <= width ? [oneLine] : items;
  const inner = Math.max(...lines.map(visibleWidth)) + 4;
  const rows = lines.map((line) => `│  ${line}${" ".repeat(inner - 2 - visibleWidth(line))}│`);
  return [`╭${"─".repeat(inner)}╮`, ...rows, `╰${"─".repeat(inner)}╯`].join("\n");
}
