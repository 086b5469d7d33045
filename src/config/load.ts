/** Reads one config file, or another file of this kind, and chooses its parser by extension. */
import { readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { messageOf } from "../util/errors.ts";
import type { ConfigDocument } from "./document.ts";
import { createConfigError } from "./errors.ts";
import { CONFIG_FILE_NAMES } from "./find.ts";
import { parseJsonc } from "./parse-jsonc.ts";
import { parseToml } from "./parse-toml.ts";
import { displayPath } from "./source-frame.ts";

const CONFIG_FLAG = "-c/--config";

/**
 * @param file absolute path
 * @param cwd what messages show paths relative to
 * @param flag what names such a file, for the advice in messages
 * @throws UserError CONFIG_NOT_READABLE, CONFIG_IS_DIRECTORY, CONFIG_UNKNOWN_EXTENSION, CONFIG_SYNTAX
 */
export function loadConfigFile(
  file: string,
  cwd: string,
  flag: string = CONFIG_FLAG,
): ConfigDocument {
  const shown = displayPath(file, cwd);
  const advice = `Check the path given with ${flag}.`;
  const isConfig = flag === CONFIG_FLAG;
  if (isDirectory(file)) throw directoryError(shown, isConfig ? adviceFor(file, shown) : advice);
  const parser = { ".toml": parseToml, ".json": parseJsonc, ".jsonc": parseJsonc }[extname(file)];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw createConfigError(
      "CONFIG_NOT_READABLE",
      `Could not read file: ${shown}\n  ${messageOf(error)}`,
      { cause: error, hint: advice },
    );
  }
  if (parser === undefined) {
    throw createConfigError(
      "CONFIG_UNKNOWN_EXTENSION",
      `Unknown configuration format: ${shown}\n  Expected a file that ends in .toml, .json or .jsonc.`,
      {
        hint: isConfig
          ? `To run a script without a config, give its path without ${flag}.`
          : advice,
      },
    );
  }
  return parser(file, text, cwd);
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function directoryError(shown: string, hint: string): Error {
  const message = `Expected a configuration file, but ${shown} is a directory.`;
  return createConfigError("CONFIG_IS_DIRECTORY", message, { hint });
}

function adviceFor(folder: string, shown: string): string {
  const inside = CONFIG_FILE_NAMES.find(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() ?? false,
  );
  return inside === undefined
    ? `Give the path of a ${CONFIG_FILE_NAMES.join(", ")} file.`
    : `Did you mean ${join(shown, inside)}?`;
}
