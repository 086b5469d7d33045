/**
 * Runs a CommonJS file with the code that an earlier process compiled of it. Called
 * by cli/start.ts, in its file (scripts/build-programs.js).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { Script } from "node:vm";
import { CodeCache } from "./code-cache.ts";

/** By then what a start needs has been compiled. */
const WRITE_AFTER_MS = 2000;

/**
 * Returns what the file exports; throws what it throws. The file must be ASCII. `keep`: when code that was compiled is kept for
 * the next process: of a program that lives, or of one that is over at once.
 */
export function loadProgram(
  { path, hash }: { readonly path: string; readonly hash: string },
  keep: "later" | "at-exit",
): unknown {
  const cache = new CodeCache(basename(path, ".cjs"), hash);
  const cached = cache.read();
  const source = readFileSync(path, "latin1");
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname, __import) {${source}\n})`,
    { filename: path, ...(cached === undefined ? {} : { cachedData: cached }) },
  );
  const module = { exports: {} as unknown };
  const run = script.runInThisContext();
  run(module.exports, createRequire(path), module, path, dirname(path), importModule);
  if (cached === undefined || script.cachedDataRejected === true) {
    const write = (): void => cache.write(script.createCachedData());
    if (keep === "at-exit") process.once("exit", write);
    else setTimeout(write, WRITE_AFTER_MS).unref();
  }
  return module.exports;
}

/** A script has no `import()` of its own. Resolves from the folder of the built file. */
function importModule(specifier: string): Promise<unknown> {
  return import(specifier);
}
