import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** A folder of its own for one test, removed on dispose. */
export interface TempProject extends AsyncDisposable {
  readonly dir: string;
  path(...parts: string[]): string;
  /**
   * Creates or replaces a file in one step, as most editors save: who watches it never finds it empty. Parent folders
   * are made.
   */
  write(path: string, contents: string | Uint8Array): Promise<void>;
}

/** `files`: path below the folder -> contents. */
export async function tempProject(files: Record<string, string> = {}): Promise<TempProject> {
  const dir = await mkdtemp(join(tmpdir(), "drover-test-"));
  const project: TempProject = {
    dir,
    path: (...parts) => join(dir, ...parts),
    async write(path, contents) {
      const file = join(dir, path);
      await mkdir(dirname(file), { recursive: true });
      // Beside the folder: nobody watches there, and it is the same disk, but for what a test has mounted.
      const whole = `${dir}-${randomUUID()}`;
      await writeFile(whole, contents);
      await rename(whole, file).catch(async (error: NodeJS.ErrnoException) => {
        await rm(whole);
        if (error.code !== "EXDEV") throw error;
        await writeFile(file, contents);
      });
    },
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  for (const [path, contents] of Object.entries(files)) await project.write(path, contents);
  return project;
}

/** A copy of fixtures/<name> that a test may edit. */
export async function copyFixture(name: string): Promise<TempProject> {
  const project = await tempProject();
  await cp(resolve(import.meta.dirname, "../../fixtures", name), project.dir, { recursive: true });
  return project;
}
