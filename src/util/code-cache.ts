/**
 * Code that V8 compiled, kept on disk for the processes that run the same file after this one
 * (Node's own `module.enableCompileCache` is there from 22.8 on, and keeps nothing of a process that
 * is killed). Used for the runtime of threads (host/runtime-source.ts) and for the command line
 * (util/load-program.ts).
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { cacheFolder } from "./cache-folder.ts";
import { makeFolder } from "./folders.ts";

/** Caches of other versions that may stay on disk. */
const KEPT = 4;

export class CodeCache {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #path: string;

  /** `hash`: of the source. V8 looks at its length alone: all that a cache depends on is in the name. */
  constructor(program: string, hash: string, folder: string = cacheFolder()) {
    this.#folder = folder;
    this.#prefix = `${program}-`;
    const { version, arch } = process;
    const name = `${this.#prefix}${hash}-${version}-${arch}-${cachedDataVersionTag()}.cache`;
    this.#path = join(folder, name);
  }

  read(): Buffer | undefined {
    try {
      return readFileSync(this.#path);
    } catch {
      return undefined;
    }
  }

  /** Without a place to write the next process just compiles anew: no reason to complain. */
  write(bytes: Uint8Array): void {
    try {
      makeFolder(this.#folder, 0o700);
      const temporary = `${this.#path}.${process.pid}`;
      writeFileSync(temporary, bytes, { mode: 0o600 });
      renameSync(temporary, this.#path);
      const byAge = readdirSync(this.#folder)
        .filter((name) => name.startsWith(this.#prefix))
        .map((name) => join(this.#folder, name))
        .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
      for (const old of byAge.slice(KEPT)) rmSync(old, { force: true });
    } catch {
      // Read-only or full disk, or another process was quicker.
    }
  }
}
