import { existsSync } from "node:fs";
import { mkdir, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { createBundler } from "../../../src/bundle/bundler.ts";
import { stopEsbuild, warmUp } from "../../../src/bundle/esbuild-service.ts";
import { bad, code, config, evaluate, good, project } from "./helpers.ts";

beforeEach(() => {
  vi.stubEnv("NODE_ENV", undefined);
  return () => vi.unstubAllEnvs();
});
warmUp();
afterAll(stopEsbuild);

test("bundles TypeScript into one ES module named by a file beside the entry", async () => {
  await using dir = await project({
    "src/index.ts": `import { twice } from "./util"; export class Named {}; export default { run: (n: number) => twice(n) };`,
    "src/util.ts": "export const twice = (n: number): number => n * 2;",
  });
  await using bundler = createBundler(config(dir.dir));
  const result = good(await bundler.build());
  const [entry] = result.bundle.modules;
  expect(result.bundle.modules).toHaveLength(1);
  expect(entry).toMatchObject({
    name: pathToFileURL(dir.path("src/index.bundle.js")).href,
    kind: "esm",
  });
  expect(result.warnings).toEqual([]);
  expect(result.exports).toEqual(["Named", "default"]);
  const exports = await evaluate(result);
  expect((exports.default as { run(n: number): number }).run(21)).toBe(42);
  expect(result.ms).toBeGreaterThan(0);
});

test("source maps name the real files by absolute URL", async () => {
  await using dir = await project({
    "src/index.ts": `import { fail } from "../lib dir/ü";\n\nexport default fail;`,
    "lib dir/ü.ts": `interface A {}\n\n\nexport function fail() { throw new Error("here"); }`,
  });
  await using bundler = createBundler(config(dir.dir));
  const result = good(await bundler.build());
  const [entry] = result.bundle.modules;
  const map = new TraceMap(Buffer.from(entry?.sourceMap ?? "").toString("utf8"));
  expect(map.sources).toEqual(
    ["lib dir/ü.ts", "src/index.ts"].map((file) => pathToFileURL(dir.path(file)).href),
  );
  const lines = code(result).split("\n");
  const line = lines.findIndex((text) => text.includes("new Error")) + 1;
  const column = (lines[line - 1] ?? "").indexOf("new Error");
  expect(originalPositionFor(map, { line, column })).toMatchObject({
    source: pathToFileURL(dir.path("lib dir/ü.ts")).href,
    line: 4,
  });
});

test("lowers `using` and decorators and keeps class names", async () => {
  await using dir = await project({
    "src/index.ts": `
      const mark = (value: unknown, _context: unknown) => value;
      const log: string[] = [];
      @mark class Kept {}
      export default function () {
        { using thing = { [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() { log.push("disposed"); } }; log.push("used"); }
        return [Kept.name, ...log];
      }`,
  });
  await using bundler = createBundler(config(dir.dir, { minify: true }));
  const result = await bundler.build();
  expect(code(result)).not.toMatch(/using |@/);
  expect(((await evaluate(result)).default as () => unknown)()).toEqual([
    "Kept",
    "used",
    "disposed",
  ]);
});

test("defines NODE_ENV and navigator.userAgent; the config's own defines win", async () => {
  await using dir = await project({
    "src/index.js": `export default [process.env.NODE_ENV, globalThis.process.env.NODE_ENV, navigator.userAgent, VERSION];`,
  });
  const main = dir.path("src/index.js");
  await using bundler = createBundler(
    config(dir.dir, { main, define: { VERSION: '"1.2"', "navigator.userAgent": '"mine"' } }),
  );
  expect((await evaluate(await bundler.build())).default).toEqual([
    "development",
    "development",
    "mine",
    "1.2",
  ]);
  await using plain = createBundler(config(dir.dir, { main, define: { VERSION: "1" } }));
  expect(code(await plain.build())).toContain('"Cloudflare-Workers"');
  await using old = createBundler(
    config(dir.dir, { main, define: { VERSION: "1" }, compatibilityDate: "2022-01-01" }),
  );
  expect(code(await old.build())).toContain("navigator.userAgent");
});

test("reads JSX in .js files, with the configured factory", async () => {
  await using dir = await project({
    "src/index.js": "const h = (tag) => tag; export default <b/>;",
  });
  await using bundler = createBundler(
    config(dir.dir, { main: dir.path("src/index.js"), jsxFactory: "h" }),
  );
  expect((await evaluate(await bundler.build())).default).toBe("b");
});

test("aliases exact specifiers, relative values from the config's folder", async () => {
  await using dir = await project({
    "src/index.ts": `import a from "pkg"; import b from "pkg/sub"; import fs from "fs"; export default [a, b, fs];`,
    "mocks/pkg.ts": `export default "mock";`,
    "mocks/fs.ts": `export default "mock fs";`,
    "node_modules/pkg/sub.js": `export default "real sub";`,
  });
  await using bundler = createBundler(
    config(dir.dir, {
      alias: { pkg: "./mocks/pkg.ts", fs: "./mocks/fs.ts" },
      compatibilityFlags: ["nodejs_compat"],
    }),
  );
  expect((await evaluate(await bundler.build())).default).toEqual(["mock", "real sub", "mock fs"]);
});

test("package conditions are workerd, worker, browser; WRANGLER_BUILD_CONDITIONS replaces them", async () => {
  await using dir = await project({
    "src/index.ts": `export { default } from "pkg";`,
    "node_modules/pkg/package.json": JSON.stringify({
      exports: { node: "./node.js", workerd: "./workerd.js", default: "./default.js" },
    }),
    "node_modules/pkg/workerd.js": `export default "workerd";`,
    "node_modules/pkg/default.js": `export default "default";`,
    "node_modules/pkg/node.js": `export default "node";`,
  });
  await using bundler = createBundler(config(dir.dir));
  expect((await evaluate(await bundler.build())).default).toBe("workerd");
  vi.stubEnv("WRANGLER_BUILD_CONDITIONS", "");
  await using other = createBundler(config(dir.dir));
  expect((await evaluate(await other.build())).default).toBe("default");
});

test("leaves cloudflare:* and __STATIC_CONTENT_MANIFEST to the runtime", async () => {
  await using dir = await project({
    "src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers"; import m from "__STATIC_CONTENT_MANIFEST"; export default class extends WorkerEntrypoint { m = m }`,
  });
  await using bundler = createBundler(config(dir.dir));
  expect(code(await bundler.build())).toMatch(
    /from "cloudflare:workers"[\s\S]*from "__STATIC_CONTENT_MANIFEST"/,
  );
});

test("bundles the files that a dynamic import with a pattern may mean", async () => {
  await using dir = await project({
    "src/index.ts": `export default (name: string) => import("./lang/" + name + ".ts");`,
    "src/lang/en.ts": `export const hi = "hello";`,
    "src/lang/de.ts": `export const hi = "hallo";`,
  });
  await using bundler = createBundler(config(dir.dir));
  const load = (await evaluate(await bundler.build())).default as (
    name: string,
  ) => Promise<{ hi: string }>;
  expect((await load("de")).hi).toBe("hallo");
  expect(() => load("xx")).toThrow("Module not found in bundle: ./lang/xx.ts");
});

test("a syntax error is esbuild's frame with file, line and column; fixed, it builds again", async () => {
  await using dir = await project({
    "src/index.ts": `import "./broken"; export default {};`,
    "src/broken.ts": "const a = 1;\nconst b = = 2;",
  });
  await using bundler = createBundler(config(dir.dir));
  const result = bad(await bundler.build());
  expect(result.text).toContain("Build failed with 1 error:");
  expect(result.text).toMatch(/src\/broken\.ts:2:10:[\s\S]*const b = = 2;/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looks for ANSI codes
  expect(result.text).not.toMatch(/\u001b/);
  expect(result.coloredText).toContain("\u001b[");
  expect([...bundler.inputs().files]).toEqual(
    expect.arrayContaining([dir.path("src/broken.ts"), dir.path("src/index.ts")]),
  );
  await dir.write("src/broken.ts", "const a = 1;");
  good(await bundler.build());
});

test("an import that does not resolve gets advice and has its future file watched", async () => {
  await using dir = await project({
    "src/index.ts": `import { x } from "./later"; import y from "absent"; export default [x, y];`,
    "package.json": "{}",
  });
  await using bundler = createBundler(config(dir.dir));
  const result = bad(await bundler.build());
  expect(result.text).toContain("Build failed with 2 errors:");
  expect(result.text).toContain('add an entry to "alias"');
  expect(result.text).not.toContain("external");
  expect([...bundler.inputs().files]).toEqual(
    expect.arrayContaining([
      dir.path("src/later"),
      dir.path("src/later.ts"),
      dir.path("node_modules"),
    ]),
  );
  await dir.write("src/later.ts", "export const x = 1;");
  await dir.write("node_modules/absent/index.js", "export default 2;");
  expect((await evaluate(await bundler.build())).default).toEqual([1, 2]);
});

test("a file type without loader gets the rule to write", async () => {
  await using dir = await project({
    "src/index.ts": `import x from "./a.png"; export default x;`,
    "src/a.png": "png",
  });
  await using bundler = createBundler(config(dir.dir));
  expect(bad(await bundler.build()).text).toContain('{ type = "Data", globs = ["**/*.png"] }');
});

test("a deleted entry is a failure that ends when the entry is back", async () => {
  await using dir = await project({ "src/index.ts": "export default {};" });
  await using bundler = createBundler(config(dir.dir));
  good(await bundler.build());
  await unlink(dir.path("src/index.ts"));
  const { text } = bad(await bundler.build());
  expect(text).toMatch(/The entry-point file at ".*index\.ts" was not found\./);
  expect(text).toContain('"main"');
  expect([...bundler.inputs().files]).toContain(dir.path("src/index.ts"));
  await dir.write("src/index.ts", "export default 1;");
  good(await bundler.build());
});

test("an impossible define is a build failure, not an exception", async () => {
  await using dir = await project({ "src/index.ts": "export default {};" });
  await using bundler = createBundler(config(dir.dir, { define: { A: "not json {" } }));
  expect(bad(await bundler.build()).text).toContain("Build failed with 1 error:");
});

test("inputs are the sources, real paths of linked packages, manifests and tsconfigs", async () => {
  await using dir = await project({
    "app/src/index.ts": `import "lib"; import "./data.json"; export default {};`,
    "app/src/data.json": "{}",
    "app/package.json": "{}",
    "app/tsconfig.json": `{ "extends": "../tsconfig.base" }`,
    "tsconfig.base.json": "{}",
    "packages/lib/package.json": `{ "name": "lib", "main": "dist/index.js" }`,
    "packages/lib/dist/index.js": "console.log(1);",
  });
  await mkdir(dir.path("app/node_modules"));
  await symlink("../../packages/lib", dir.path("app/node_modules/lib"));
  await using bundler = createBundler(
    config(dir.path("app"), { main: dir.path("app/src/index.ts") }),
  );
  good(await bundler.build());
  expect([...bundler.inputs().files].filter((file) => existsSync(file)).sort()).toEqual(
    [
      "app/node_modules/lib",
      "app/node_modules/lib/dist/index.js",
      "app/node_modules/lib/package.json",
      "app/src/index.ts",
      "app/src/data.json",
      "app/package.json",
      "app/tsconfig.json",
      "tsconfig.base.json",
      "packages/lib/package.json",
      "packages/lib/dist/index.js",
    ]
      .map((file) => dir.path(file))
      .sort(),
  );
});

test("equal sources have an equal hash; a changed line changes it", async () => {
  await using dir = await project({ "src/index.ts": "export default 1;" });
  await using bundler = createBundler(config(dir.dir));
  const first = good(await bundler.build()).bundle.hash;
  await dir.write("src/index.ts", "export default 1;");
  expect(good(await bundler.build()).bundle.hash).toBe(first);
  await dir.write("src/index.ts", "// moved down\nexport default 1;");
  expect(good(await bundler.build()).bundle.hash).not.toBe(first);
});

test("calls during a build share one more build, which sees the latest files", async () => {
  await using dir = await project({ "src/index.ts": "export default 1;" });
  await using bundler = createBundler(config(dir.dir));
  const first = bundler.build();
  const second = bundler.build();
  expect(bundler.build()).toBe(second);
  expect(second).not.toBe(first);
  await first;
  await dir.write("src/index.ts", "export default 2;");
  const third = bundler.build();
  await second;
  expect(code(await third)).toContain("2");
});

test("a Worker without a default export is an ES module; one that only listens is a script", async () => {
  await using dir = await project({ "src/index.ts": "export class Only {}" });
  await using bundler = createBundler(config(dir.dir));
  expect(good(await bundler.build())).toMatchObject({ warnings: [], exports: ["Only"] });
  await dir.write("src/index.ts", `addEventListener("fetch", () => {});`);
  expect(good(await bundler.build()).bundle.modules[0]?.kind).toBe("script");
  await dir.write(
    "src/index.ts",
    `import "cloudflare:workers"; addEventListener("fetch", () => {});`,
  );
  expect(bad(await bundler.build()).text).toContain(
    'Unexpected external import of "cloudflare:workers".',
  );
  await dir.write(
    "src/index.ts",
    `import "node:fs"; const path = require("path"); addEventListener("fetch", () => path.sep);`,
  );
  const compatibilityFlags = ["nodejs_compat"];
  await using withNode = createBundler(config(dir.dir, { compatibilityFlags }));
  expect(bad(await withNode.build()).text).toContain(
    'Unexpected external import of "node:fs" and "path".',
  );
  await dir.write("src/index.ts", "");
  expect(bad(await bundler.build()).text).toContain("exports nothing");
});

test("a disposed bundler answers failures and can be disposed during a build", async () => {
  await using dir = await project({ "src/index.ts": "export default 1;" });
  const bundler = createBundler(config(dir.dir));
  const running = bundler.build();
  await bundler[Symbol.asyncDispose]();
  await running;
  bad(await bundler.build());
  await rm(join(dir.dir, "src"), { recursive: true });
});
