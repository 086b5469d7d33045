import { readFileSync } from "node:fs";

/** What a file of JSON values, one a line, holds; nothing if there is none, or if it makes no sense. */
export function readJsonLines(path: string): unknown[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line): unknown => JSON.parse(line));
  } catch {
    return [];
  }
}
