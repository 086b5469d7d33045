import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type TempProject, tempProject } from "./temp-project.ts";

const cache: string = resolve(import.meta.dirname, "../../.cache/registry");

/**
 * A project whose node_modules holds these packages from the registry ("pg@8.23.1"), unchanged.
 * They are installed once a machine, without their install scripts, and shared by all tests.
 */
export async function registryProject(
  packages: readonly string[],
  files: Record<string, string> = {},
): Promise<TempProject> {
  const installed = await install(packages);
  const project = await tempProject(files);
  await symlink(join(installed, "node_modules"), project.path("node_modules"));
  return project;
}

async function install(packages: readonly string[]): Promise<string> {
  const names = [...packages].sort();
  const folder = join(
    cache,
    createHash("sha256").update(names.join(" ")).digest("hex").slice(0, 16),
  );
  if (existsSync(folder)) return folder;
  // Another test process may be at the same: whoever is first wins.
  const making = `${folder}-${process.pid}`;
  await mkdir(making, { recursive: true });
  await writeFile(join(making, "package.json"), `{ "name": "cached", "private": true }`);
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await promisify(execFile)("npm", ["install", ...flags, ...names], { cwd: making });
  try {
    await rename(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    await rm(making, { recursive: true });
  }
  return folder;
}
