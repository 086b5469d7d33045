import { statSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createWatcher, type Watcher } from "../../../src/bundle/watch.ts";
import { project } from "./helpers.ts";

interface Recorder extends AsyncDisposable {
  /** Watches these from now on; what is a folder now, whole. */
  update(paths: readonly string[], since?: number): void;
  readonly watcher: Watcher;
  readonly batches: ReadonlySet<string>[];
  /** The next batch that was not taken yet. */
  next(): Promise<ReadonlySet<string>>;
  /** Resolves once `file` is in a batch, in this one or a later one. */
  seen(file: string): Promise<void>;
}

function record(files: readonly string[], since?: number): Recorder {
  const batches: ReadonlySet<string>[] = [];
  let taken = 0;
  let wake = () => {};
  const watcher = createWatcher((changed) => {
    batches.push(changed);
    wake();
  });
  const owner = {};
  const update = (paths: readonly string[], from?: number) => {
    const isFolder = (path: string) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const trees = new Set(paths.filter(isFolder));
    const single = new Set(paths.filter((path) => !trees.has(path)));
    watcher.update(owner, { files: single, trees }, from);
  };
  update(files, since);
  const next = async () => {
    while (batches.length === taken) await new Promise<void>((resolve) => (wake = resolve));
    return batches[taken++] as ReadonlySet<string>;
  };
  return {
    watcher,
    update,
    batches,
    next,
    async seen(file) {
      while (!(await next()).has(file)) {}
    },
    [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose](),
  };
}

test("a saved file is one batch; its neighbours are not reported", async () => {
  await using dir = await project({ "src/a.ts": "1", "src/b.ts": "1" });
  await using changes = record([dir.path("src/a.ts")]);
  await dir.write("src/b.ts", "2");
  await dir.write("src/a.ts", "2");
  expect(await changes.next()).toEqual(new Set([dir.path("src/a.ts")]));
});

test("200 files written at once are one batch", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `src/d${index % 10}/f${index}.ts`);
  await using dir = await project(Object.fromEntries(names.map((name) => [name, "1"])));
  const files = names.map((name) => dir.path(name));
  await using changes = record(files);
  // At once for whoever watches, which is this process too.
  for (const file of files) writeFileSync(file, "2");
  expect(await changes.next()).toEqual(new Set(files));
  expect(changes.batches).toHaveLength(1);
});

test("a save by rename over the file is seen, again and again", async () => {
  await using dir = await project({ "a.ts": "1" });
  await using changes = record([dir.path("a.ts")]);
  for (let save = 0; save < 3; save++) {
    await dir.write("a.ts.tmp", `save ${save}`);
    await rename(dir.path("a.ts.tmp"), dir.path("a.ts"));
    await changes.seen(dir.path("a.ts"));
  }
});

test("deletion, re-creation and first creation are seen", async () => {
  await using dir = await project({ "a.ts": "1" });
  await using changes = record([dir.path("a.ts"), dir.path(".dev.vars")]);
  await unlink(dir.path("a.ts"));
  await changes.seen(dir.path("a.ts"));
  await dir.write("a.ts", "2");
  await changes.seen(dir.path("a.ts"));
  await dir.write(".dev.vars", "A=1");
  await changes.seen(dir.path(".dev.vars"));
});

test("a file whose folders do not exist yet is seen when they appear", async () => {
  await using dir = await project({ "a.ts": "1" });
  const file = dir.path("x/y/z.ts");
  await using changes = record([file]);
  await mkdir(dir.path("x/y"), { recursive: true });
  await writeFile(file, "1");
  await changes.seen(file);
});

test("a folder that is removed and made again keeps being watched", async () => {
  await using dir = await project({ "src/deep/a.ts": "1" });
  const file = dir.path("src/deep/a.ts");
  await using changes = record([file]);
  for (let round = 0; round < 3; round++) {
    await rm(dir.path("src"), { recursive: true });
    await changes.seen(file);
    await dir.write("src/deep/a.ts", String(round));
    await changes.seen(file);
  }
});

test("a link that is pointed elsewhere is followed to where it leads now", async () => {
  await using dir = await project({ "a.toml": "1", "b.toml": "1" });
  await symlink("a.toml", dir.path("link.toml"));
  await using changes = record([dir.path("link.toml")]);
  await symlink("b.toml", dir.path("link.new"));
  await rename(dir.path("link.new"), dir.path("link.toml"));
  await changes.seen(dir.path("link.toml"));
  await dir.write("b.toml", "2");
  await changes.seen(dir.path("link.toml"));
  await symlink("c.toml", dir.path("link.new"));
  await rename(dir.path("link.new"), dir.path("link.toml"));
  await changes.seen(dir.path("link.toml"));
  await dir.write("c.toml", "the target is there now");
  await changes.seen(dir.path("link.toml"));
});

test("a file under a folder that is a link is seen to change with the link, and behind it", async () => {
  await using dir = await project({ "app/x.txt": "", "one/src/i.ts": "1", "two/src/i.ts": "2" });
  await symlink("../one", dir.path("app/current"));
  const file = dir.path("app/current/src/i.ts");
  await using changes = record([file]);
  await symlink("../two", dir.path("app/next"));
  await rename(dir.path("app/next"), dir.path("app/current"));
  await changes.seen(file);
  await dir.write("two/src/i.ts", "3");
  await changes.seen(file);
});

test("a linked file is reported by the name it was given, wherever it is edited", async () => {
  await using dir = await project({ "packages/lib/index.ts": "1", "app/package.json": "{}" });
  await mkdir(dir.path("app/node_modules"));
  await symlink("../../packages/lib", dir.path("app/node_modules/lib"));
  const linked = dir.path("app/node_modules/lib/index.ts");
  await using changes = record([linked]);
  await dir.write("packages/lib/index.ts", "2");
  await changes.seen(linked);
});

test("a folder is watched whole, without node_modules and .wrangler", async () => {
  await using dir = await project({
    "src/a/b.txt": "1",
    "src/node_modules/x.js": "1",
    "src/.wrangler/y.js": "1",
  });
  await using changes = record([dir.path("src")]);
  await dir.write("src/a/b.txt", "2");
  await changes.seen(dir.path("src/a/b.txt"));
  await dir.write("src/node_modules/x.js", "2");
  await dir.write("src/.wrangler/y.js", "2");
  await dir.write("src/a/new/c.txt", "1");
  await changes.seen(dir.path("src/a/new/c.txt"));
  const all = new Set(changes.batches.flatMap((batch) => [...batch]));
  expect([...all].sort()).toEqual([dir.path("src/a/b.txt"), dir.path("src/a/new/c.txt")]);
});

test("a file written between the start of a build and update() is reported", async () => {
  await using dir = await project({ "a.ts": "1" });
  await using changes = record([dir.path("a.ts")], Date.now() - 1000);
  expect(await changes.next()).toEqual(new Set([dir.path("a.ts")]));
  changes.update([dir.path("a.ts")], Date.now() - 1000);
  await dir.write("b.ts", "1");
  changes.update([dir.path("b.ts")], Date.now() + 60_000);
  await dir.write("b.ts", "2");
  expect(await changes.next()).toEqual(new Set([dir.path("b.ts")]));
});

test("update() replaces the watched files", async () => {
  await using dir = await project({ "x/a.ts": "1", "y/b.ts": "1" });
  await using changes = record([dir.path("x/a.ts")]);
  changes.update([dir.path("y/b.ts")]);
  await dir.write("x/a.ts", "2");
  await dir.write("y/b.ts", "2");
  expect(await changes.next()).toEqual(new Set([dir.path("y/b.ts")]));
});

test("a folder among the files counts when another stands in its place", async () => {
  await using dir = await project({ "a/one.ts": "1", "b/one.ts": "1" });
  await symlink("a", dir.path("link"));
  await using changes = record([dir.path("c.ts")]);
  const files = new Set([dir.path("link"), dir.path("a"), dir.path("c.ts")]);
  changes.watcher.update({}, { files, trees: new Set() });
  await dir.write("a/two.ts", "1");
  await dir.write("c.ts", "1");
  expect(await changes.next()).toEqual(new Set([dir.path("c.ts")]));
  await symlink("b", dir.path("link.new"));
  await rename(dir.path("link.new"), dir.path("link"));
  expect(await changes.next()).toEqual(new Set([dir.path("link")]));
});

test("what one owner lets go is still watched for another, and is news to the next", async () => {
  await using dir = await project({ "a.ts": "1", "b.ts": "1" });
  await using changes = record([dir.path("a.ts")]);
  const [one, two] = [{}, {}];
  const places = { files: new Set([dir.path("b.ts")]), trees: new Set<string>() };
  const nothing = { files: new Set<string>(), trees: new Set<string>() };
  changes.watcher.update(one, places);
  changes.watcher.update(two, { ...places }, Date.now() - 60_000);
  expect(await changes.next()).toEqual(new Set([dir.path("b.ts")]));
  changes.watcher.update(one, nothing);
  await dir.write("b.ts", "2");
  expect(await changes.next()).toEqual(new Set([dir.path("b.ts")]));
  changes.watcher.update(two, nothing);
  await dir.write("b.ts", "3");
  await dir.write("a.ts", "3");
  expect(await changes.next()).toEqual(new Set([dir.path("a.ts")]));
});

test("after dispose nothing is reported", async () => {
  await using dir = await project({ "a.ts": "1", "b.ts": "1" });
  const disposed = record([dir.path("a.ts"), dir.path("b.ts")]);
  await using live = record([dir.path("b.ts")]);
  writeFileSync(dir.path("a.ts"), "2");
  await disposed.watcher[Symbol.asyncDispose]();
  await disposed.watcher[Symbol.asyncDispose]();
  await dir.write("b.ts", "2");
  await live.seen(dir.path("b.ts"));
  expect(disposed.batches).toEqual([]);
});

test("polls where native events are not to be had", async () => {
  vi.stubEnv("CHOKIDAR_USEPOLLING", "1");
  await using dir = await project({ "a.ts": "1" });
  await using changes = record([dir.path("a.ts")]);
  vi.unstubAllEnvs();
  await dir.write("a.ts", "longer");
  await changes.seen(dir.path("a.ts"));
  await dir.write(join("b", "c.ts"), "1");
  await unlink(dir.path("a.ts"));
  await changes.seen(dir.path("a.ts"));
});
