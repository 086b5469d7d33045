import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { areSiblingCheckouts, findWorkspace } from "../../../src/registry/workspace.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "drover-workspace-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("the workspace is the git top level, not a lockfile's folder inside it", () => {
  repository("shop");
  write("shop/apps/api/package-lock.json");
  expect(findWorkspace(folder("shop/apps/api"))).toEqual({
    root: at("shop"),
    kind: "git",
    repository: [at("shop/.git")],
  });
});

test("without git it is the nearest lockfile's folder, else the folder itself", () => {
  write("mono/pnpm-lock.yaml");
  expect(findWorkspace(folder("mono/apps/api"))).toMatchObject({
    root: at("mono"),
    kind: "lockfile",
  });
  expect(findWorkspace(folder("loose/api"))).toEqual({
    root: at("loose/api"),
    kind: "folder",
    repository: [],
  });
});

test("linked worktrees are workspaces of their own and siblings of the main one", () => {
  repository("shop");
  write("shop/.git/worktrees/hotfix/commondir", "../..\n");
  write("shop/.git/worktrees/hotfix/HEAD");
  write("hotfix/.git", `gitdir: ${at("shop/.git/worktrees/hotfix")}\n`);
  const [main, hotfix] = [findWorkspace(at("shop")), findWorkspace(folder("hotfix/api"))];
  expect(hotfix.root).toBe(at("hotfix"));
  expect(areSiblingCheckouts(main, hotfix)).toBe(true);
  expect(areSiblingCheckouts(main, main)).toBe(false);
});

test.for([
  ["git@github.com:acme/shop.git", "https://github.com/acme/shop"],
  ["ssh://git@github.com:22/acme/shop.git", "https://token@GitHub.com/acme/shop/"],
  ["/srv/git/shop.git", "/srv/git/shop.git"],
])("clones of %s and %s are siblings", ([one, two]) => {
  repository("one", one);
  repository("two", two);
  expect(areSiblingCheckouts(findWorkspace(at("one")), findWorkspace(at("two")))).toBe(true);
});

test("different repositories are no siblings, with or without an origin", () => {
  repository("one", "https://github.com/acme/shop");
  repository("two", "https://github.com/acme/shop-api");
  repository("three");
  repository("four");
  const all = ["one", "two", "three", "four"].map((name) => findWorkspace(at(name)));
  for (const a of all) for (const b of all) expect(areSiblingCheckouts(a, b)).toBe(false);
});

test("another remote's URL is not the origin", () => {
  repository("one");
  write(
    "one/.git/config",
    '[remote "upstream"]\n\turl = https://x.com/a/b\n[core]\n\tbare = false\n',
  );
  expect(findWorkspace(at("one")).repository).toEqual([at("one/.git")]);
});

test("a submodule belongs to the repository around it", () => {
  repository("shop");
  write("shop/.git/modules/auth/HEAD");
  write("shop/auth/.git", "gitdir: ../.git/modules/auth\n");
  expect(findWorkspace(at("shop/auth")).root).toBe(at("shop"));
});

test("a symbolic link to a checkout is the same workspace", () => {
  repository("shop");
  symlinkSync(at("shop"), at("link"));
  expect(findWorkspace(at("link"))).toEqual(findWorkspace(at("shop")));
});

test("an empty .git folder is no repository", () => {
  folder("shop/.git");
  expect(findWorkspace(folder("shop/api")).kind).not.toBe("git");
});

function at(name: string): string {
  return path.join(root, name);
}

function folder(name: string): string {
  mkdirSync(at(name), { recursive: true });
  return at(name);
}

function write(name: string, text = ""): void {
  folder(path.dirname(name));
  writeFileSync(at(name), text);
}

function repository(name: string, origin?: string): void {
  write(`${name}/.git/HEAD`, "ref: refs/heads/main\n");
  const remote =
    origin === undefined ? "" : `[remote "origin"]\n\turl = ${origin}\n\tfetch = +refs\n`;
  write(`${name}/.git/config`, `[core]\n\tbare = false\n${remote}[branch "main"]\n`);
}
