/**
 * Shows a place in a file: `file:line:column`, the line and a caret below it. Pure text; used by
 * every error and warning of this layer.
 */
import { isAbsolute, relative } from "node:path";
import type { SourcePosition } from "./types.ts";

/** Longest excerpt of a line; minified JSON must not flood the terminal. */
const MAX_LINE = 120;

/** Line and column (from 1, in characters) of a UTF-16 `offset` in `text`. */
export function positionAt(file: string, text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line += 1;
  return { file, line, column: [...before.slice(lineStart)].length + 1 };
}

/** The path as a user would type it: relative to `cwd` unless it lies outside. */
export function displayPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  if (path === "") return ".";
  return isAbsolute(path) || path.startsWith("../../..") ? file : path;
}

/** `api/wrangler.toml:3:8` */
function displayPosition(position: SourcePosition, cwd: string): string {
  return `${displayPath(position.file, cwd)}:${position.line}:${position.column}`;
}

/**
 * The line of `position` and a caret:
 *
 *       3 │ main = 1
 *         ╵        ^
 */
export function renderFrame(position: SourcePosition, text: string): string {
  const line = [...(text.split("\n")[position.line - 1] ?? "").replace(/\r$/, "")];
  const column = position.column - 1;
  const start = column < MAX_LINE - 20 ? 0 : column - 40;
  const excerpt = line.slice(start, start + MAX_LINE);
  const number = String(position.line);
  const indent = excerpt.slice(0, column - start).map((char) => (char === "\t" ? "\t" : " "));
  return (
    `    ${number} │ ${excerpt.join("")}\n` +
    `    ${" ".repeat(number.length)} ╵ ${indent.join("")}^`
  );
}

/** Position, message and frame as one block; what errors carry and the terminal prints. */
export function renderProblem(
  message: string,
  position: SourcePosition,
  text: string,
  cwd: string,
): string {
  return `${displayPosition(position, cwd)}: ${message}\n${renderFrame(position, text)}`;
}
