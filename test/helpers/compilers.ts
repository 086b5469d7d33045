import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { installed } from "../projects/install.js";

/*
 * The TypeScript compilers that generated types are held against: the one of this repository, and
 * the last one that is written in JavaScript, which most projects still have.
 */

const root = resolve(import.meta.dirname, "../..");

export interface Compiler {
  /** "5.9.3" */
  readonly version: string;
  /** What `tsc -p folder` says; "" for nothing. */
  readonly compile: (folder: string) => Promise<string>;
}

function compilerIn(modules: string): Compiler {
  const { version } = createRequire(import.meta.url)(join(modules, "typescript/package.json")) as {
    version: string;
  };
  const tsc = join(modules, "typescript/bin/tsc");
  return {
    version,
    async compile(folder) {
      try {
        return (await promisify(execFile)(process.execPath, [tsc, "-p", folder])).stdout;
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    },
  };
}

/** 5.9, which is fetched into .cache once, and 7. */
export function compilers(): readonly Compiler[] {
  const old = installed(join(root, "test/data/typescript-5.9/package.json"));
  return [compilerIn(old), compilerIn(join(root, "node_modules"))];
}

/** A tsconfig.json that holds these files to `--strict`. */
export function strictTsconfig(options: object, files: readonly string[]): string {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2024",
    lib: ["es2024"],
    module: "esnext",
    moduleResolution: "bundler",
    ...options,
  };
  return JSON.stringify({ compilerOptions, files });
}
