/** Reads one config file and chooses its parser by extension. */
import { readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { messageOf } from "../util/errors.ts";
import type { ConfigDocument } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { CONFIG_FILE_NAMES } from "./find.ts";
import { parseJsonc } from "./parse-jsonc.ts";
import { parseToml } from "./parse-toml.ts";
import { displayPath } from "./source-frame.ts";

/**
 * @param file absolute path
 * @param cwd what messages show paths relative to
 * @throws UserError CONFIG_NOT_READABLE, CONFIG_IS_DIRECTORY, CONFIG_UNKNOWN_EXTENSION, CONFIG_SYNTAX
 */
export function loadConfigFile(file: string, cwd: string): ConfigDocument {
  const shown = displayPath(file, cwd);
  if (isDirectory(file)) throw directoryError(file, shown);
  const parser = { ".toml": parseToml, ".json": parseJsonc, ".jsonc": parseJsonc }[extname(file)];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw createConfigError(
      "CONFIG_NOT_READABLE",
      `Could not read file: ${shown}\n  ${messageOf(error)}`,
      { cause: error, hint: "Check the path given with -c/--config." },
    );
  }
  if (parser === undefined) {
    throw createConfigError(
      "CONFIG_UNKNOWN_EXTENSION",
      `Unknown configuration format: ${shown}\n  Expected a file that ends in .toml, .json or .jsonc.`,
      { hint: "To run a script without a config, give its path without -c/--config." },
    );
  }
  return parser(file, text, cwd);
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function directoryError(file: string, shown: string): Error {
  const inside = CONFIG_FILE_NAMES.find(
    (name) => statSync(join(file, name), { throwIfNoEntry: false })?.isFile() ?? false,
  );
  return createConfigError(
    "CONFIG_IS_DIRECTORY",
    `Expected a configuration file, but ${shown} is a directory.`,
    {
      hint:
        inside === undefined
          ? `Give the path of a ${CONFIG_FILE_NAMES.join(", ")} file.`
          : `Did you mean ${join(shown, inside)}?`,
    },
  );
}
