/**
 * The wrangler configs of a whole workspace: one a folder, in the folders that the package manager's
 * workspaces name, or in all below the root where there are none. Reads folders and two small files.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { globToRegExp } from "../../util/glob.ts";
import { isTable } from "../document.ts";
import { CONFIG_FILE_NAMES } from "../find.ts";

/** Folders that hold what tools have made, not what people write. */
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage"]);
const DEEPEST = 8;
/** Beyond this many folders the workspace is somebody's home; what was found so far counts. */
const MOST_FOLDERS = 50_000;

/** Absolute paths, sorted; the root's own first. */
export function findWorkspaceConfigs(root: string): string[] {
  const isMember = readMembers(root);
  const configs: string[] = [];
  let folders = 0;
  const walk = (folder: string, depth: number): void => {
    folders += 1;
    if (folders > MOST_FOLDERS) return;
    const entries = listFolder(folder);
    const path = relative(root, folder).split(sep).join("/");
    const name = CONFIG_FILE_NAMES.find((candidate) =>
      entries.some((entry) => entry.name === candidate && entry.isFile()),
    );
    if (name !== undefined && (path === "" || isMember(path))) configs.push(join(folder, name));
    if (depth === DEEPEST) return;
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
      walk(join(folder, entry.name), depth + 1);
    }
  };
  walk(root, 0);
  return configs;
}

/** Whether a folder, relative to the root, is one of the workspaces; all are if none are named. */
function readMembers(root: string): (path: string) => boolean {
  const globs = [...packageWorkspaces(root), ...pnpmWorkspaces(root)];
  if (globs.length === 0) return () => true;
  const toPattern = (glob: string): RegExp =>
    globToRegExp(glob.replace(/^\.\//, "").replace(/\/$/, ""));
  const wanted = globs.filter((glob) => !glob.startsWith("!")).map(toPattern);
  const unwanted = globs
    .filter((glob) => glob.startsWith("!"))
    .map((glob) => toPattern(glob.slice(1)));
  return (path) =>
    wanted.some((pattern) => pattern.test(path)) && !unwanted.some((pattern) => pattern.test(path));
}

/** `workspaces` of package.json: npm, yarn, bun. */
function packageWorkspaces(root: string): string[] {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readText(join(root, "package.json")) ?? "{}");
  } catch {
    return [];
  }
  const section = isTable(manifest) ? manifest.workspaces : undefined;
  const list = isTable(section) ? section.packages : section;
  return Array.isArray(list) ? list.filter((glob) => typeof glob === "string") : [];
}

/** The list `packages` of pnpm-workspace.yaml: items of one line each, which is how it is written. */
function pnpmWorkspaces(root: string): string[] {
  const text = readText(join(root, "pnpm-workspace.yaml")) ?? "";
  const [, inline] = /^packages:[ \t]*\[([^\]]*)\]/m.exec(text) ?? [];
  const [, block = ""] = /^packages:[ \t]*\r?\n((?:[ \t]*(?:-.*|#.*)?\r?\n?)*)/m.exec(text) ?? [];
  const items = inline === undefined ? block.match(/^[ \t]*-.*$/gm) : inline.split(",");
  return (items ?? [])
    .map((item) => item.replace(/^[ \t]*-?[ \t]*/, "").replace(/[ \t]+#.*$/, ""))
    .map((item) => item.trim().replace(/^(['"])(.*)\1$/, "$2"))
    .filter((item) => item !== "");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Sorted by name; a folder that cannot be read is as good as empty. */
function listFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
