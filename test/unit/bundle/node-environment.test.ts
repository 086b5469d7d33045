import { getCloudflarePreset, nonPrefixedNodeModules } from "@cloudflare/unenv-preset";
import { defineEnv } from "unenv";
import { expect, test } from "vitest";
import { createBundler } from "../../../src/bundle/bundler.ts";
import { nodeEnvironment } from "../../../src/bundle/node/environment.ts";
import { DEBUG, isReplaced, NODE_MODULES, NPM_SHIMS } from "../../../src/bundle/node/names.ts";
import { code, config, evaluate, good, project } from "./helpers.ts";

/* The names that stand in for the two packages where nothing is emulated, against the packages. */
const newest = defineEnv({
  presets: [
    getCloudflarePreset({ compatibilityDate: "2026-03-17", compatibilityFlags: [] }),
    { alias: { debug: "debug" } },
  ],
  npmShims: true,
}).env;

test("the names of Node's modules are the preset's", () => {
  expect([...NODE_MODULES]).toEqual(nonPrefixedNodeModules);
  const names = Object.keys(newest.alias).filter((name) => name !== DEBUG);
  for (const name of names) expect(isReplaced(name), name).toBe(true);
});

test("from 2026-03-17 on only npm packages are replaced", () => {
  const replaced = Object.entries(newest.alias).filter(([name, target]) => name !== target);
  expect(Object.fromEntries(replaced)).toEqual(NPM_SHIMS);
  expect(newest.inject).toEqual({});
  expect(newest.polyfill).toEqual([]);
});

test("before, the date decides what is emulated", async () => {
  const old = await nodeEnvironment("2025-06-01", ["nodejs_compat"]);
  expect(old.files.get("fs")).toMatch(/unenv\/dist\/runtime\/node\/fs\.mjs$/);
  expect(old.files.has("node:path")).toBe(false);
  expect([...old.injected.keys()]).toEqual(["process", "console"]);
  expect(old.polyfills).toHaveLength(1);
  const later = await nodeEnvironment("2026-02-19", ["nodejs_compat"]);
  expect(later.files.has("fs")).toBe(false);
  expect(later.files.get("node:tty")).toMatch(/tty\.mjs$/);
  expect(later.injected.size).toBe(0);
  const disabled = await nodeEnvironment("2026-06-01", ["disable_nodejs_fs_module"]);
  expect(disabled.files.has("fs")).toBe(true);
});

const NEW = { compatibilityDate: "2026-11-17" };

test("packages of Node's names are ignored, npm shims take the place of packages", async () => {
  await using dir = await project({
    "src/index.ts": `import fs from "fs"; import fetch from "node-fetch"; import cjs from "./c.cjs"; export default [fs, fetch, cjs];`,
    "src/c.cjs": `module.exports = [require("inherits"), require("node-fetch")];`,
    "node_modules/fs/index.js": `export default "a package named fs";`,
    "node_modules/node-fetch/index.js": `export default "the package node-fetch";`,
  });
  await using bundler = createBundler(config(dir.dir, NEW));
  const result = good(await bundler.build());
  const [, , [inherits, required]] = (await evaluate(result)).default as [
    unknown,
    unknown,
    [unknown, { readonly Headers?: unknown }],
  ];
  expect([typeof inherits, typeof required.Headers]).toEqual(["function", "function"]);
  const text = code(result);
  expect(text).not.toContain("package");
  expect(text).toContain("globalThis.fetch");
  expect(text).toMatch(/from "fs"/);
});

test("debug comes in its Node build, from the project", async () => {
  await using dir = await project({
    "src/index.ts": `import debug from "debug"; export default debug;`,
    "node_modules/debug/package.json": JSON.stringify({ main: "node.js", browser: "./browser.js" }),
    "node_modules/debug/node.js": `module.exports = "build for Node";`,
    "node_modules/debug/browser.js": `module.exports = "build for browsers";`,
  });
  await using bundler = createBundler(config(dir.dir, NEW));
  expect(code(good(await bundler.build()))).toContain("build for Node");
});
