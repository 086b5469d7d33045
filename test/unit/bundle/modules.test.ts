import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { createBundler } from "../../../src/bundle/bundler.ts";
import { stopEsbuild } from "../../../src/bundle/esbuild-service.ts";
import { resolveRules } from "../../../src/bundle/module-rules.ts";
import { additional, bad, code, config, evaluate, good, project } from "./helpers.ts";

afterAll(stopEsbuild);

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
const wasm = "\0asm\x01\0\0\0";

test("text, data and wasm imports become modules of their own, queries stripped", async () => {
  await using dir = await project({
    "src/index.ts": `import text from "./a.txt"; import page from "./b.html"; import sql from "../c.sql"; import data from "./d.bin"; import mod from "pkg/e.wasm?module"; export default [text, page, sql, data, mod];`,
    "src/a.txt": "hello",
    "src/b.html": "<b>",
    "c.sql": "select 1",
    "src/d.bin": "\x01\x02",
    "node_modules/pkg/e.wasm": wasm,
  });
  await using bundler = createBundler(config(dir.dir));
  const result = await bundler.build();
  const expected: [string, string, string][] = [
    [`./${sha1("hello")}-a.txt`, "text", "hello"],
    [`./${sha1("<b>")}-b.html`, "text", "<b>"],
    [`./${sha1("select 1")}-c.sql`, "text", "select 1"],
    [`./${sha1("\x01\x02")}-d.bin`, "data", "\x01\x02"],
    [`./${sha1(wasm)}-e.wasm`, "wasm", wasm],
  ];
  const found = additional(result).map(([name, kind, contents]) => [
    name,
    kind,
    typeof contents === "string" ? contents : Buffer.from(contents).toString("latin1"),
  ]);
  expect(found.sort()).toEqual(expected.sort());
  for (const [name] of expected) expect(code(result)).toContain(`from "${name}"`);
  expect([...bundler.inputs().files]).toEqual(
    expect.arrayContaining([dir.path("src/a.txt"), dir.path("node_modules/pkg/e.wasm")]),
  );
});

test("source phase imports of wasm are left to the thread that runs the bundle", async () => {
  await using dir = await project({
    "src/index.ts": `import source mod from "./e.wasm"; export default mod;`,
    "src/e.wasm": wasm,
  });
  await using bundler = createBundler(config(dir.dir));
  expect(code(await bundler.build())).toContain(`import source mod from "./${sha1(wasm)}-e.wasm"`);
});

test("a changed text file changes the module and the hash; a removed one fails until it is back", async () => {
  await using dir = await project({
    "src/index.ts": `import text from "./a.txt"; export default text;`,
    "src/a.txt": "one",
  });
  await using bundler = createBundler(config(dir.dir));
  const first = good(await bundler.build());
  await dir.write("src/a.txt", "two");
  const second = good(await bundler.build());
  expect(additional(second)).toEqual([[`./${sha1("two")}-a.txt`, "text", "two"]]);
  expect(second.bundle.hash).not.toBe(first.bundle.hash);
  await dir.write("src/index.ts", `import text from "./b.txt"; export default text;`);
  expect(bad(await bundler.build()).text).toContain('Could not read "./b.txt"');
  expect([...bundler.inputs().files]).toContain(dir.path("src/b.txt"));
  await dir.write("src/b.txt", "three");
  good(await bundler.build());
});

test("preserve_file_names keeps the path from the entry as the name", async () => {
  await using dir = await project({
    "src/index.ts": `import a from "./sub/a.txt"; import other from "./sub/other"; export default [a, other];`,
    "src/sub/a.txt": "hello",
    "src/sub/other.ts": `import a from "./a.txt?raw"; import up from "../../a.txt"; export default [a, up];`,
    "a.txt": "above",
  });
  await using bundler = createBundler(config(dir.dir, { preserveFileNames: true }));
  const result = await bundler.build();
  expect(additional(result).sort()).toEqual([
    ["../a.txt", "text", "above"],
    ["./sub/a.txt", "text", "hello"],
  ]);
  expect(code(result)).toContain('from "./sub/a.txt"');
});

test("a rule without fallthrough drops later rules of its type, with a warning, and their files fail", async () => {
  await using dir = await project({
    "src/index.ts": `import md from "./a.md"; export default md;`,
    "src/a.md": "# hi",
    "src/b.txt": "text",
  });
  const rule = { type: "Text" as const, globs: ["**/*.md"], fallthrough: false };
  await using bundler = createBundler(config(dir.dir, { rules: [rule] }));
  const result = good(await bundler.build());
  expect(additional(result).map(([, , text]) => text)).toEqual(["# hi"]);
  expect(result.warnings).toEqual([
    expect.stringMatching(
      /does not have a fallback, the following rules will be ignored:\n.*\*\*\/\*\.txt.*\(DEFAULT\)/,
    ),
  ]);
  await dir.write("src/index.ts", `import t from "./b.txt"; export default t;`);
  expect(bad(await bundler.build()).text).toContain("was ignored because a previous rule");
  await using falling = createBundler(config(dir.dir, { rules: [{ ...rule, fallthrough: true }] }));
  expect(good(await falling.build()).warnings).toEqual([]);
});

test("globs with folders match the path below the base folder or the config", async () => {
  await using dir = await project({
    "src/index.ts": `import a from "./sql/a.js"; import b from "./other.js"; export default [a, b];`,
    "src/sql/a.js": "just text",
    "src/other.js": `export default "code";`,
  });
  await using bundler = createBundler(
    config(dir.dir, { rules: [{ type: "Text", globs: ["src/sql/*.js"], fallthrough: true }] }),
  );
  const result = await bundler.build();
  expect(additional(result).map(([, , text]) => text)).toEqual(["just text"]);
  expect(code(result)).toContain('"code"');
});

test("find_additional_modules adds matching files below base_dir and keeps their imports", async () => {
  await using dir = await project({
    "src/index.ts": `import dep from "./dep.mjs"; export default (name: string) => [dep, import("./lang/" + name)];`,
    "src/dep.mjs": `export default "dep";`,
    "src/lang/en.mjs": "export default 1;",
    "src/lang/note.txt": "note",
    "src/node_modules/x.mjs": "no",
    "src/.wrangler/tmp.mjs": "no",
  });
  await using bundler = createBundler(
    config(dir.dir, {
      findAdditionalModules: true,
      rules: [{ type: "ESModule", globs: ["**/*.mjs"], fallthrough: true }],
    }),
  );
  const result = await bundler.build();
  expect(additional(result)).toEqual([
    ["./dep.mjs", "esm", `export default "dep";`],
    ["./lang/en.mjs", "esm", "export default 1;"],
    ["./lang/note.txt", "text", "note"],
  ]);
  expect(code(result)).toContain('from "./dep.mjs"');
  expect([...bundler.inputs().trees]).toContain(dir.path("src"));
});

test("no_bundle takes the entry and the scripts beside it as they are", async () => {
  const entry = `import "./lib/a.js"; export default {};\n//# sourceMappingURL=index.js.map`;
  await using dir = await project({
    "dist/index.js": entry,
    "dist/index.js.map": JSON.stringify({
      version: 3,
      sources: ["../src/index.ts"],
      names: [],
      mappings: "AAAA",
    }),
    "dist/lib/a.js": "export const a = 1;",
    "dist/lib/b.cjs": "module.exports = 1;",
    "dist/c.txt": "c",
  });
  await using bundler = createBundler(
    config(dir.dir, { main: dir.path("dist/index.js"), noBundle: true }),
  );
  const result = good(await bundler.build());
  expect(result.bundle.modules[0]).toMatchObject({ kind: "esm", contents: entry });
  expect(result.bundle.modules[0]?.name).toMatch(/^file:.*\/dist\/index\.js$/);
  const map = JSON.parse(Buffer.from(result.bundle.modules[0]?.sourceMap ?? "").toString());
  expect(map.sources).toEqual([dir.path("src/index.ts")]);
  expect(additional(result)).toEqual([
    ["./c.txt", "text", "c"],
    ["./lib/a.js", "esm", "export const a = 1;"],
    ["./lib/b.cjs", "commonjs", "module.exports = 1;"],
  ]);
  // Asked of wrangler 4.164: it attaches c.txt alone, and the runtime misses lib/a.js.
  expect(result.warnings).toEqual([
    'wrangler takes no scripts along with no_bundle unless a rule names them: "./lib/a.js" and 1 more would be missing when deployed.\n' +
      'Add a rule of type ESModule for them, such as { "type": "ESModule", "globs": ["**/*.js"] }.',
  ]);
});

test("no_bundle says nothing of scripts that a rule names", async () => {
  await using dir = await project({
    "dist/index.js": `import "./lib/a.js"; export default {};`,
    "dist/lib/a.js": "export const a = 1;",
    "dist/c.txt": "c",
  });
  await using bundler = createBundler(
    config(dir.dir, {
      main: dir.path("dist/index.js"),
      noBundle: true,
      rules: [{ type: "ESModule", globs: ["**/*.js"], fallthrough: false }],
    }),
  );
  const result = good(await bundler.build());
  expect(additional(result).map(([name]) => name)).toEqual(["./c.txt", "./lib/a.js"]);
  expect(result.warnings).toEqual([]);
});

test("with nodejs_compat Node's modules are the runtime's, bare, prefixed and required", async () => {
  await using dir = await project({
    "src/index.ts": `import { Buffer } from "node:buffer"; import * as path from "path"; import cjs from "./c.cjs"; export default [Buffer.from("a").length, path.basename("/x/y"), cjs];`,
    "src/c.cjs": `const { EventEmitter } = require("events"); module.exports = new EventEmitter().listenerCount("x");`,
  });
  await using bundler = createBundler(config(dir.dir, { compatibilityFlags: ["nodejs_compat"] }));
  const result = good(await bundler.build());
  expect(result.warnings).toEqual([]);
  expect(code(result)).toMatch(/from "path"/);
  expect(code(result)).toMatch(/from "node:events"/);
  expect((await evaluate(result)).default).toEqual([1, "y", 0]);
});

test("without nodejs_compat each of them is a warning with its importers, unless a package has the name", async () => {
  await using dir = await project({
    "src/index.ts": `import * as a from "node:buffer"; import * as b from "node:path"; import c from "events"; import "./again"; export default [a, b, c];`,
    "src/again.ts": `import { Buffer } from "node:buffer"; Buffer.from("");`,
    "node_modules/events/index.js": `export default "package";`,
  });
  await using bundler = createBundler(config(dir.dir));
  const result = good(await bundler.build());
  expect(result.warnings).toHaveLength(2);
  const [buffer, path] = result.warnings.toSorted();
  expect(buffer).toContain(
    `The package "node:buffer" wasn't found on the file system but is built into node.`,
  );
  expect(buffer).toContain('unless you enable the "nodejs_compat" compatibility flag.');
  expect(buffer).toMatch(/Imported from:\n\s+- src\/index\.ts\n\s+- src\/again\.ts/);
  expect(path).toContain('The package "node:path"');
  expect(code(result)).toContain('"package"');
});

test.each([
  ["2026-08-03", [], 'Add the "nodejs_compat" compatibility flag to your project.'],
  ["2026-08-03", ["nodejs_als"], 'Add the "nodejs_compat" compatibility flag to your project.'],
  [
    "2024-09-01",
    ["nodejs_compat"],
    'Make sure to prefix the module name with "node:" or update your compatibility_date to 2024-09-23 or later.',
  ],
])(
  "names without prefix are an error that says what to do (%s %j)",
  async (date, flags, advice) => {
    await using dir = await project({
      "src/index.ts": `import dep from "dep"; export default dep;`,
      "node_modules/dep/index.js": `module.exports = require("events");`,
    });
    await using bundler = createBundler(
      config(dir.dir, { compatibilityDate: date, compatibilityFlags: flags }),
    );
    const { text } = bad(await bundler.build());
    expect(text).toContain('Could not resolve "events"');
    expect(text).toContain(
      'The package "events" wasn\'t found on the file system but is built into node.',
    );
    expect(text).toContain(advice);
    expect(text).not.toContain("platform");
  },
);

test("what neither runtime nor unenv lists is an error with nodejs_compat", async () => {
  await using dir = await project({
    "src/index.ts": `import test from "node:test"; import nope from "node:nope"; export default [test, nope];`,
  });
  await using bundler = createBundler(config(dir.dir, { compatibilityDate: "2026-11-17" }));
  const { text } = bad(await bundler.build());
  expect(text).toContain(
    'The package "node:test" wasn\'t found on the file system but is built into node.',
  );
  expect(text).toContain('Could not resolve "node:nope"');
  expect(text).toContain('add an entry to "alias"');
});

test("a default rule that a tool wrote out replaces the default one without a word", () => {
  const rule = { type: "ESModule", globs: ["**/*.js", "**/*.mjs"], fallthrough: false } as const;
  expect(resolveRules([rule], true)).toMatchObject({ dropped: [], warnings: [] });
});

test.each([
  ["none", "2026-01-01", []],
  ["als", "2026-01-01", ["nodejs_als"]],
  ["v1", "2024-01-01", ["nodejs_compat"]],
])("a browser map turns modules off or replaces them (mode %s)", async (_mode, date, flags) => {
  await using dir = await project({
    "src/index.ts": `import dep from "dep"; export default dep;`,
    "node_modules/dep/package.json": JSON.stringify({
      browser: { fs: false, path: "./path.js", "node:os": false, "./off.js": false },
    }),
    "node_modules/dep/path.js": `module.exports = "own path";`,
    "node_modules/dep/off.js": "throw 1;",
    "node_modules/dep/esm.mjs": `import fs, * as all from "fs"; export default [fs, Object.keys(all)];`,
    "node_modules/dep/index.js": `module.exports = [require("fs"), require("path"), require("node:os"), require("./off"), require("./esm.mjs").default];`,
  });
  await using bundler = createBundler(
    config(dir.dir, { compatibilityDate: date, compatibilityFlags: flags }),
  );
  const result = good(await bundler.build());
  expect(result.warnings).toEqual([]);
  const own = [{}, ["default"]];
  expect((await evaluate(result)).default).toEqual([{}, "own path", {}, {}, own]);
});

test("with nodejs_compat Node's modules win over a browser map", async () => {
  await using dir = await project({
    "src/index.ts": `import dep from "dep"; export default dep;`,
    "node_modules/dep/package.json": JSON.stringify({ browser: { fs: false, path: "./path.js" } }),
    "node_modules/dep/path.js": `module.exports = "own path";`,
    "node_modules/dep/index.js": `module.exports = [typeof require("fs").readFileSync, typeof require("path").join];`,
  });
  await using bundler = createBundler(config(dir.dir, { compatibilityFlags: ["nodejs_compat"] }));
  expect((await evaluate(await bundler.build())).default).toEqual(["function", "function"]);
});
