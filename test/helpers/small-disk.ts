import { execFile } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  readonly dir: string;
  /** Takes what is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  /** From now on nobody may write, not even root. Nobody may have a file open for writing. */
  lock(): Promise<void>;
}

/** A file system of its own below `dir`, of a few hundred kilobytes. Linux; needs root, or sudo that asks for nothing. */
export async function smallDisk(dir: string, kilobytes: number): Promise<SmallDisk> {
  mkdirSync(dir, { recursive: true });
  const asRoot = (...command: string[]): Promise<unknown> => {
    const [name, ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
    return run(name as string, args);
  };
  await asRoot("mount", "-t", "tmpfs", "-o", `size=${kilobytes}k,mode=777`, "drover-test", dir);
  const filler = join(dir, "filler");
  return {
    dir,
    fill() {
      const { bavail, bsize } = statfsSync(dir);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    free: () => rmSync(filler),
    async lock() {
      await asRoot("mount", "-o", "remount,ro", dir);
    },
    async [Symbol.asyncDispose]() {
      await asRoot("umount", "-l", dir);
    },
  };
}
