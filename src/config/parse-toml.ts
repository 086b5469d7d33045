/** wrangler.toml: values from smol-toml, positions from our own scan of the same text. */
import { createRequire } from "node:module";
import { type ConfigDocument, createDocument } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { explainToml } from "./explain-toml.ts";
import { positionAt, renderProblem } from "./source-frame.ts";
import { indexToml } from "./toml-positions.ts";

/** Loaded on first use: 6 ms that a session with JSON configs only does not need. */
const require = createRequire(import.meta.url);

/**
 * @param file absolute path, for positions and messages
 * @param cwd what messages show paths relative to
 * @throws UserError CONFIG_SYNTAX naming line, column and what was expected
 */
export function parseToml(file: string, text: string, cwd: string): ConfigDocument {
  const { parse, TomlError } = require("smol-toml") as typeof import("smol-toml");
  const source = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
  let value: Record<string, unknown>;
  try {
    value = parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // smol-toml's message goes on with its own code block: keep the first line only.
    const what = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    const at = offsetOf(source, error.line, error.column);
    const explained = explainToml(what, at, source);
    const message = `Invalid TOML: ${explained.text}.`;
    const position = positionAt(file, source, explained.offset);
    throw createConfigError("CONFIG_SYNTAX", renderProblem(message, position, text, cwd), {
      cause: error,
    });
  }
  return createDocument(file, text, value, indexToml(source));
}

/** Line and column from 1, the column in UTF-16 units. */
function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at += 1) start = source.indexOf("\n", start) + 1;
  return start + column - 1;
}
