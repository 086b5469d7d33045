/** Errors and warnings in the shape that esbuild and wrangler give them. */
import { bgRed, bgYellow, black, bold, red, white, yellow } from "kleur/colors";
import type { Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

export type MessageKind = "error" | "warning";

/**
 * `✘ [ERROR] first line`, further lines below it, indented, with an empty line before and after
 * them. Text that brings its own indentation (source frames) keeps it.
 */
export function formatMessage(kind: MessageKind, text: string): string {
  const [first = "", ...rest] = text.replace(/\n+$/, "").split("\n");
  const head = `${label(kind)} ${bold(first)}`;
  if (rest.length === 0) return head;
  const body = rest.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
  return `${head}\n${rest[0] === "" ? "" : "\n"}${body}\n`;
}

/** To stderr, broken at the width of the terminal. */
export function printMessage(terminal: Terminal, kind: MessageKind, text: string): void {
  terminal.print(wrap(formatMessage(kind, text), terminal.errorWidth), "stderr");
}

/** `✘ [ERROR]` or `▲ [WARNING]`. */
export function label(kind: MessageKind): string {
  return kind === "error"
    ? `${red("✘")} ${bgRed(white("[ERROR]"))}`
    : `${yellow("▲")} ${bgYellow(black("[WARNING]"))}`;
}
