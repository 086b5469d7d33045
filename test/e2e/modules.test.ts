import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { DIFFERENCES } from "../parity/modules/differences.js";
import { expand, hasWrongFiles, isWrongFile, SETS } from "../parity/modules/sets.js";

/*
 * Modules that are files of their own (spec/platform.md 14): what the real runtime answered to the Worker in
 * test/parity/modules (`npm run parity -- modules` asks it again) is what drover answers, at dates around
 * each change of the rules, but for what differences.js lists with its reasons.
 */

const folder = resolve(import.meta.dirname, "../parity/modules");

type Answers = Record<string, Record<string, unknown>>;

const slug = (set: string) => `at-${set.replaceAll(" ", "-")}`;

/** One Worker per set, in a folder of its own. */
async function writeWorkers(): Promise<TempProject> {
  const project = await tempProject();
  for (const [set, { date, flags }] of Object.entries(SETS)) {
    const dir = project.path(slug(set));
    await cp(join(folder, "worker"), dir, { recursive: true });
    if (!hasWrongFiles(set)) {
      for (const name of await readdir(dir)) if (isWrongFile(name)) await rm(join(dir, name));
    }
    const config = JSON.parse(await readFile(join(dir, "wrangler.json"), "utf8")) as object;
    const own = { name: slug(set), compatibility_date: date, compatibility_flags: flags };
    await project.write(`${slug(set)}/wrangler.json`, JSON.stringify({ ...config, ...own }));
  }
  return project;
}

describe("modules as files of their own", () => {
  let recorded: Answers;
  let dev: RunningDev;

  beforeAll(async () => {
    recorded = expand(JSON.parse(await readFile(join(folder, "answers.json"), "utf8")) as Answers);
    const project = await writeWorkers();
    const configs = Object.keys(SETS).map((set) => `${slug(set)}/wrangler.json`);
    dev = await runDev(configs, { cwd: project.dir, args: ["--no-registry"] });
    return async () => {
      await dev[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    };
  });

  test.each(Object.keys(SETS))("are found, named and refused as recorded (%s)", async (set) => {
    const ask = async (path: string): Promise<unknown> =>
      (await dev.fetch(path, { worker: slug(set) })).json();
    const got: Record<string, unknown> = {};
    for (const name of (await ask("/")) as string[]) {
      got[name] = await ask(`/?p=${encodeURIComponent(name)}`);
    }
    const expected = { ...recorded[set] };
    for (const { name, sets, answer } of DIFFERENCES) {
      if (sets.includes(set)) expected[name] = answer;
    }
    expect(got).toEqual(expected);
  });
});

/* What wrangler's builds leave of imports, and what is then said: asked of wrangler 4.164. */
test("imports of a bundled Worker are found, named and refused as in wrangler's builds", async () => {
  const config = (name: string, date: string) =>
    JSON.stringify({ name, main: "../src/index.js", compatibility_date: date });
  await using project = await tempProject({
    "older/wrangler.json": config("older", "2026-11-16"),
    "newer/wrangler.json": config("newer", "2026-11-17"),
    "src/a.json": `{"a":1}`,
    "src/a.txt": "hi",
    "src/lazy.js": "export default 7",
    "src/lib/late.js": `export const name = "./nope.js"; export const url = import.meta.url;`,
    "src/index.js": `
      import json from "./a.json" with { type: "json" };
      import text from "./a.txt" with { type: "text" };
      import source wasm from "./a.wasm";
      import { name, url } from "./lib/late.js";
      const outcome = (promise) => promise.then((value) => typeof value.default, String);
      export default { fetch: async () => Response.json([
        json, text, wasm instanceof WebAssembly.Module, [import.meta.url, import.meta.main, url],
        (await import("./lazy.js")).default,
        await outcome(import(name)), await outcome(import(["https://example.com/a.js"][0])),
        await outcome(import("cloudflare:nope")), await outcome(import(["nope"][0])),
        await outcome(import.source("./a.wasm")),
      ]) };`,
  });
  await project.write("src/a.wasm", Buffer.from("\0asm\x01\0\0\0", "latin1"));
  const configs = ["newer/wrangler.json", "older/wrangler.json"];
  await using dev = await runDev(configs, { cwd: project.dir, args: ["--no-registry"] });
  const found = [{ a: 1 }, "hi", true];
  expect(await (await dev.fetch("/")).json()).toEqual([
    ...found,
    ["file:///bundle/index.js", true, "file:///bundle/index.js"],
    7,
    "Error: Module not found: file:///bundle/nope.js",
    "Error: Module not found: https://example.com/a.js",
    "Error: Module not found: cloudflare:nope",
    "Error: Module not found: file:///bundle/nope",
    "undefined",
  ]);
  expect(await (await dev.fetch("/", { worker: "older" })).json()).toEqual([
    ...found,
    [null, null, null],
    7,
    'Error: No such module "nope.js".',
    'Error: No such module "https:/example.com/a.js".',
    'Error: No such module "cloudflare:nope".',
    'Error: No such module "nope".',
    "Error: Not supported",
  ]);
});

test("a missing module of another folder is found where base_dir says, under its own name", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "above",
      main: "src/index.js",
      base_dir: ".",
      compatibility_date: "2026-11-16",
      no_bundle: true,
      rules: [{ type: "ESModule", globs: ["**/*.js"] }],
    }),
    "lib/a.js": `export { b } from "./b.js"; export const top = () => import("../../nope.js");`,
    "lib/b.js": `export const b = "b";`,
    "src/index.js": `
      import { b, top } from "../lib/a.js";
      export default { fetch: async () => Response.json([b, await top().catch(String)]) };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    "b",
    'Error: No such module "../../nope.js"',
  ]);
});

/* Asked of wrangler 4.164, but for the back slash, at which it exits. */
test("files are modules under the names that they have, whatever stands in them", async () => {
  const config = (name: string, date: string) =>
    JSON.stringify({
      name,
      main: "main.js",
      base_dir: ".",
      compatibility_date: date,
      no_bundle: true,
      rules: [
        { type: "ESModule", globs: ["*.js"] },
        { type: "Text", globs: ["*.txt"] },
      ],
    });
  await using project = await tempProject({
    "newer.json": config("newer", "2026-11-17"),
    "older.json": config("older", "2026-11-16"),
    "100%.js": `export default "100";`,
    "x%41y.js": `export default "x";`,
    "a#b.js": `export default "a";`,
    "sp ace é.txt": "space",
    "back\\slash.js": `export default "back";`,
    "main.js": `
      const names = ["100%.js", "100%25.js", "x%41y.js", "xAy.js", "a#b.js", "a%23b.js", "sp ace é.txt", "back\\\\slash.js"];
      const load = (name) => import("./" + name).then((value) => value.default, () => "missing");
      export default { fetch: async () => Response.json(await Promise.all(names.map(load))) };`,
  });
  await using dev = await runDev(["newer.json", "older.json"], {
    cwd: project.dir,
    args: ["--no-registry"],
  });
  expect(await (await dev.fetch("/")).json()).toEqual([
    ...["100", "100", "x", "x", "a", "missing", "space", "back"],
  ]);
  expect(await (await dev.fetch("/", { worker: "older" })).json()).toEqual([
    ...["100", "missing", "x", "missing", "a", "missing", "space", "back"],
  ]);
});

/* Asked of wrangler 4.164. */
test("modules of a graph that cannot be linked say why, each of them and each time", async () => {
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "broken",
      main: "main.js",
      compatibility_date: "2026-11-17",
      no_bundle: true,
      rules: [{ type: "ESModule", globs: ["*.js"] }],
    }),
    "a.js": `import "./b.js"; import "./nope.js";`,
    "b.js": `import "./c.js";`,
    "c.js": `import "./d.js";`,
    "d.js": `import "./e.js";`,
    "e.js": `import "./a.js";`,
    "main.js": `
      const load = (name) => import("./" + name + ".js").then(Object.keys, String);
      export default { async fetch() {
        const outcomes = new Set();
        for (const name of "abcdeabcde") outcomes.add(await load(name));
        return Response.json([...outcomes]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([
    "Error: Module not found: file:///bundle/nope.js",
  ]);
});

/* As builds of frameworks are: an entry, chunks beside it, a map for each. */
test("stacks name the sources of chunks too, by the map that their last line names", async () => {
  // In two parts: it is no comment of this file.
  const mapComment = (file: string) => `\n//# sourceMapping${"URL"}=${file}`;
  const map = (source: string) =>
    JSON.stringify({ version: 3, sources: [source], names: [], mappings: ";;AASA" });
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "built",
      main: "dist/index.js",
      compatibility_date: "2026-11-16",
      no_bundle: true,
      rules: [{ type: "ESModule", globs: ["**/*.js"] }],
    }),
    "dist/index.js": `export { default } from "./assets/chunk.js";`,
    "dist/assets/chunk.js": `const text = \`${mapComment("nope.js.map")}
\`; export default { fetch() { console.error(new Error("logged")); return new Response(new Error("sent").stack + text); } };${mapComment("chunk.js.map")}`,
    "dist/assets/chunk.js.map": map("../../src/page.ts"),
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/")).text()).toContain(`${project.path("src/page.ts")}:10:1`);
  await dev.waitForLine(/Error: logged/);
  await dev.waitForLine(/src\/page\.ts:10:1/);
});
