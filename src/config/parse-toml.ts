/** wrangler.toml: values from smol-toml, positions from our own scan of the same text. */
import { createRequire } from "node:module";
import { type ConfigDocument, createDocument } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { renderProblem } from "./source-frame.ts";
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
    const position = { file, line: error.line, column: error.column };
    throw createConfigError(
      "CONFIG_SYNTAX",
      renderProblem(`Invalid TOML: ${what}.`, position, text, cwd),
      { cause: error },
    );
  }
  return createDocument(file, text, value, indexToml(source));
}
