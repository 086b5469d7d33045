/*
 * A copy of a project that may be started: its dependencies come from the npm registry, into
 * .cache/projects, once per content of its package.json.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const cache = join(here, "../../.cache/projects");

/**
 * @param {string} name folder of test/projects
 * @returns {string} the copy; whoever asks for it removes it
 */
export function copyProject(name) {
  const folder = mkdtempSync(join(tmpdir(), "drover-project-"));
  cpSync(join(here, name), folder, { recursive: true });
  const manifest = join(folder, "package.json");
  if (existsSync(manifest)) symlinkSync(installed(manifest), join(folder, "node_modules"), "dir");
  return folder;
}

/**
 * @param {string} manifest a package.json
 * @returns {string} the folder node_modules that it asks for
 */
export function installed(manifest) {
  const hash = createHash("sha256").update(readFileSync(manifest)).digest("hex").slice(0, 16);
  const folder = join(cache, hash);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const making = mkdtempSync(`${folder}-`);
    copyFileSync(manifest, join(making, "package.json"));
    const options = [
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--omit=peer",
      "--legacy-peer-deps",
    ];
    execFileSync("npm", ["install", ...options], { cwd: making, stdio: "pipe" });
    try {
      renameSync(making, folder);
    } catch {
      // Another run was quicker.
      rmSync(making, { recursive: true });
    }
  }
  return join(folder, "node_modules");
}
