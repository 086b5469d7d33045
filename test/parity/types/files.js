/* Files of a case into a folder, and the answer of a command in a form that can be compared. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

export function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Lines without colours, the folder's name and the tool's banner. */
export function linesOf(output, folder) {
  return stripVTControlCharacters(output)
    .replaceAll(folder, "<folder>")
    .replace(/wrangler-[-\d]+_[-\d]+_\d+\.log/g, "wrangler-<time>.log")
    .split("\n")
    .map((line) => line.trimEnd());
}
