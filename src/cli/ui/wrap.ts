/** Breaks what is said to people at the width of their terminal. Pure; for files and pipes the width is Infinity. */
import { visibleWidth } from "./terminal.ts";

/** A terminal narrower than this breaks the lines itself. */
const NARROWEST = 30;

/**
 * Lines wider than `width` are broken at spaces, and go on with the indentation that they began with. Words stay
 * whole however long they are (URLs, paths), as do quoted paths with spaces. Lines that are indented by
 * more than a message's body (source frames, stacks) are left as they are.
 */
export function wrap(text: string, width: number): string {
  if (width < NARROWEST || width === Number.POSITIVE_INFINITY) return text;
  return text
    .split("\n")
    .map((line) => (visibleWidth(line) > width ? wrapLine(line, width) : line))
    .join("\n");
}

function wrapLine(line: string, width: number): string {
  const [indentation = ""] = /^ */.exec(line) ?? [];
  if (indentation.length > 2) return line;
  const [bullet = ""] = /^- /.exec(line.slice(indentation.length)) ?? [];
  const hanging = indentation + " ".repeat(bullet.length);
  const lines: string[] = [];
  let current = "";
  for (const word of line.trim().match(/"[^"]*\/[^"]*"\S*|\S+/g) ?? []) {
    const prefix = lines.length === 0 ? indentation : hanging;
    const longer = current === "" ? prefix + word : `${current} ${word}`;
    if (current === "" || visibleWidth(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = hanging + word;
    }
  }
  return [...lines, current].join("\n");
}
