/**
 * Which workspace a config belongs to: names of Workers are looked up in their own workspace first,
 * and two checkouts of one repository never call each other (users.md P4). Reads a few small
 * files; starts no process.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { WorkspaceInfo } from "../protocol/registry.ts";

const LOCKFILES: readonly string[] = [
  "package-lock.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
];

/**
 * The workspace of the config in `folder`: the git worktree's top level, else the folder of the
 * nearest lockfile, else `folder`. A submodule belongs to the repository around it; a repository
 * that is the home directory itself (dotfiles) does not count.
 */
export function findWorkspace(folder: string): WorkspaceInfo {
  const start = realPath(folder);
  const home = homeFolder();
  let submodule: WorkspaceInfo | undefined;
  let lockfile: string | undefined;
  for (const directory of ancestors(start)) {
    if (
      lockfile === undefined &&
      LOCKFILES.some((name) => existsSync(path.join(directory, name)))
    ) {
      lockfile = directory;
    }
    const gitDir = directory === home ? undefined : findGitDir(directory);
    if (gitDir === undefined) continue;
    const found: WorkspaceInfo = { root: directory, kind: "git", repository: identify(gitDir) };
    if (!/[\\/]modules[\\/]/.test(gitDir)) return found;
    submodule ??= found;
  }
  if (submodule !== undefined) return submodule;
  if (lockfile !== undefined) return { root: lockfile, kind: "lockfile", repository: [] };
  return { root: start, kind: "folder", repository: [] };
}

/** True if both are checkouts of one repository, but not the same one. */
export function areSiblingCheckouts(a: WorkspaceInfo, b: WorkspaceInfo): boolean {
  return a.root !== b.root && a.repository.some((identity) => b.repository.includes(identity));
}

function* ancestors(start: string): Generator<string> {
  for (let directory = start; ; directory = path.dirname(directory)) {
    yield directory;
    if (directory === path.dirname(directory)) return;
  }
}

/** The git directory of a top level: `.git`, or where a `.git` file points to. */
function findGitDir(directory: string): string | undefined {
  const dotGit = path.join(directory, ".git");
  const stats = statSync(dotGit, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return existsSync(path.join(dotGit, "HEAD")) ? dotGit : undefined;
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(readText(dotGit))?.[1];
  return target === undefined ? undefined : path.resolve(directory, target);
}

/** Linked worktrees share the common git directory; clones share the URL of their origin. */
function identify(gitDir: string): string[] {
  const shared = readText(path.join(gitDir, "commondir")).trim();
  const commonDir = realPath(shared === "" ? gitDir : path.resolve(gitDir, shared));
  const origin = originUrl(readText(path.join(commonDir, "config")));
  return origin === undefined ? [commonDir] : [commonDir, origin];
}

function originUrl(config: string): string | undefined {
  const section = /^\[remote "origin"\]\s*$([^[]*)/m.exec(config)?.[1] ?? "";
  const url = /^\s*url\s*=\s*(.+?)\s*$/m.exec(section)?.[1];
  return url === undefined ? undefined : normalizeUrl(url);
}

/** `git@host:a/b.git`, `https://user@host/a/b` and `ssh://git@host/a/b.git` are one repository. */
function normalizeUrl(url: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const standard = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:]*)(?::\d+)?\/(.+)$/i.exec(url);
  const [, host, rest] = standard ?? scp ?? [];
  if (host === undefined || rest === undefined) return url;
  return `${host.toLowerCase()}/${rest.replace(/\/+$/, "").replace(/\.git$/, "")}`;
}

function homeFolder(): string | undefined {
  try {
    return realPath(os.homedir());
  } catch {
    // No HOME and no entry for the user: containers.
    return undefined;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Absent or unreadable: it tells us nothing.
    return "";
  }
}

function realPath(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return path.resolve(folder);
  }
}
