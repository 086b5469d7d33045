/**
 * A file that appears later and wins the resolution is noticed (issue 9, section 6).
 */
import { mkdir, rename, symlink } from "node:fs/promises";
import { afterAll, expect, test } from "vitest";
import { stopEsbuild } from "../../../dist/bundle/esbuild-service.js";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import type { TempProject } from "../../helpers/temp-project.ts";
import { config, evaluate, project } from "../../unit/bundle/helpers.ts";
import { watchBuilds } from "./watch-builds.ts";

afterAll(stopEsbuild);

const NEW = `export default "new";`;
const OLD = `export default "old";`;

interface Case {
  /** The entry's code; its default export is what is compared. Default: of "./dep". */
  readonly entry?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly appears: Readonly<Record<string, string>>;
  readonly config?: Partial<ResolvedConfig>;
  readonly before?: unknown;
}

const of = (specifier: string) => `export { default } from "${specifier}";`;
/** An import that throws where no file matches the pattern. */
const wildcard = (pattern: string) =>
  `let dep = "old"; try { dep = (await import(${pattern})).default; } catch {} export default dep;`;
const tsconfig = (compilerOptions: object) => JSON.stringify({ compilerOptions });

const cases: Readonly<Record<string, Case>> = {
  "a TypeScript file beside a JavaScript file": {
    files: { "src/dep.js": OLD },
    appears: { "src/dep.ts": NEW },
  },
  "the TypeScript source of a file named with .js": {
    entry: of("./dep.js"),
    files: { "src/dep.tsx": OLD },
    appears: { "src/dep.ts": NEW },
  },
  "a file that is named exactly": {
    entry: of("./dep.js"),
    files: { "src/dep.ts": OLD },
    appears: { "src/dep.js": NEW },
  },
  "a file beside a used folder of that name": {
    files: { "src/dep/index.js": OLD },
    appears: { "src/dep.js": NEW },
  },
  "another index": {
    files: { "src/dep/index.js": OLD },
    appears: { "src/dep/index.ts": NEW },
  },
  "a package.json in a used folder": {
    files: { "src/dep/index.ts": OLD, "src/dep/main.ts": NEW },
    appears: { "src/dep/package.json": `{ "main": "./main" }` },
  },
  "the file that a package.json names": {
    files: { "src/dep/index.ts": OLD, "src/dep/package.json": `{ "main": "./main" }` },
    appears: { "src/dep/main.ts": NEW },
  },
  "a nearer package": {
    entry: of("pkg"),
    files: { "package.json": "{}", "node_modules/pkg/index.js": OLD },
    appears: { "src/node_modules/pkg/index.js": NEW },
  },
  "a nearer package of a scope": {
    entry: of("@my/pkg"),
    files: {
      "package.json": "{}",
      "node_modules/@my/pkg/index.js": OLD,
      "src/node_modules/@my/other/index.js": "",
    },
    appears: { "src/node_modules/@my/pkg/index.js": NEW },
  },
  "a file of a package without exports": {
    entry: of("pkg/sub"),
    files: { "node_modules/pkg/package.json": "{}", "node_modules/pkg/sub.js": OLD },
    appears: { "node_modules/pkg/sub.jsx": NEW },
  },
  "a package with the name of a module of Node, without node compat": {
    entry: `let events = {}; try { events = require("events"); } catch {} export default events.mark ?? "old";`,
    files: { "package.json": "{}" },
    appears: { "node_modules/events/index.js": `export const mark = "new";` },
  },
  "a nearer tsconfig": {
    entry: of("lib"),
    files: {
      "tsconfig.json": tsconfig({ paths: { lib: ["./old.ts"] } }),
      "old.ts": OLD,
      "new.ts": NEW,
    },
    appears: { "src/tsconfig.json": tsconfig({ paths: { lib: ["../new.ts"] } }) },
  },
  "a tsconfig of another folder of sources": {
    entry: of("../shared/a"),
    files: {
      "tsconfig.json": tsconfig({ paths: { lib: ["./old.ts"] } }),
      "shared/a.ts": of("lib"),
      "old.ts": OLD,
      "new.ts": NEW,
    },
    appears: { "shared/tsconfig.json": tsconfig({ paths: { lib: ["../new.ts"] } }) },
  },
  "what a tsconfig extends from a package": {
    entry: of("lib"),
    files: {
      "tsconfig.json": `{ "extends": "@my/base/tsconfig.json" }`,
      "node_modules/@my/base/tsconfig.json": tsconfig({
        baseUrl: "../../..",
        paths: { lib: ["old.ts"] },
      }),
      "old.ts": OLD,
      "new.ts": NEW,
    },
    appears: {
      "node_modules/@my/base/tsconfig.json": tsconfig({
        baseUrl: "../../..",
        paths: { lib: ["new.ts"] },
      }),
    },
  },
  "the first of two tsconfig paths": {
    entry: of("@lib/dep"),
    files: {
      "tsconfig.json": `{ "compilerOptions": { /* first */ "paths": { "@lib/*": ["./gen/*", "./src/*"], } } }`,
      "src/dep.ts": OLD,
    },
    appears: { "gen/dep.ts": NEW },
  },
  "a file below baseUrl": {
    entry: of("lib/dep"),
    files: {
      "tsconfig.json": tsconfig({ baseUrl: "." }),
      "node_modules/lib/dep.js": OLD,
    },
    appears: { "lib/dep.ts": NEW },
  },
  "changed exports of a package": {
    entry: of("pkg"),
    files: {
      "node_modules/pkg/package.json": `{ "exports": "./old.js" }`,
      "node_modules/pkg/old.js": OLD,
      "node_modules/pkg/new.js": NEW,
    },
    appears: { "node_modules/pkg/package.json": `{ "exports": "./new.js" }` },
  },
  "a changed browser map of a package": {
    entry: of("pkg"),
    files: {
      "node_modules/pkg/package.json": `{ "main": "./old.js" }`,
      "node_modules/pkg/old.js": OLD,
      "node_modules/pkg/new.js": NEW,
    },
    appears: { "node_modules/pkg/package.json": `{ "main": "./old.js", "browser": "./new.js" }` },
  },
  "an optional require": {
    entry: `let dep = "old"; try { dep = require("optional").default; } catch {} export default dep;`,
    files: { "package.json": "{}" },
    appears: { "node_modules/optional/index.js": NEW },
  },
  "an optional require of a file": {
    entry: `let dep = "old"; try { dep = require("./optional").default; } catch {} export default dep;`,
    files: {},
    appears: { "src/optional.ts": NEW },
  },
  "an optional import": {
    entry: `export default await import("optional").then((m) => m.default, () => "old");`,
    files: { "package.json": "{}" },
    appears: { "node_modules/optional/index.js": NEW },
  },
  "a file that matches a wildcard import": {
    entry: wildcard(`"./lang/" + ["en"][0] + ".ts"`),
    files: { "src/lang/de.ts": OLD },
    appears: { "src/lang/en.ts": NEW },
  },
  "a file in a new folder that matches a wildcard import": {
    entry: wildcard('"./lang/" + ["x/en.ts"][0]'),
    files: { "src/lang/de.ts": OLD },
    appears: { "src/lang/x/en.ts": NEW },
  },
  "the target of an alias": {
    entry: of("pkg"),
    files: { "mocks/pkg.js": OLD },
    appears: { "mocks/pkg.ts": NEW },
    config: { alias: { pkg: "./mocks/pkg" } },
  },
  "a nearer package of a module that is no script": {
    entry: of("pkg/text.txt"),
    files: { "package.json": "{}", "node_modules/pkg/text.txt": "old" },
    appears: { "src/node_modules/pkg/text.txt": "new" },
  },
};

test.each(Object.entries(cases))("%s", async (_title, { entry, files, appears, ...rest }) => {
  await using dir = await project({ "src/index.ts": entry ?? of("./dep"), ...files });
  await expectNew(dir, rest.config, async () => {
    for (const [path, contents] of Object.entries(appears)) await dir.write(path, contents);
  });
});

test("a link to a package that is turned to another folder", async () => {
  await using dir = await project({
    "src/index.ts": of("pkg"),
    "packages/old/index.js": OLD,
    "packages/new/index.js": NEW,
  });
  await mkdir(dir.path("node_modules"));
  await symlink("../packages/old", dir.path("node_modules/pkg"));
  await expectNew(dir, {}, async () => {
    await symlink("../packages/new", dir.path("node_modules/other"));
    await rename(dir.path("node_modules/other"), dir.path("node_modules/pkg"));
  });
});

test("a file that is moved to where it wins, with its old times", async () => {
  await using dir = await project({
    "src/index.ts": of("./dep"),
    "src/dep.js": OLD,
    "attic/dep.ts": NEW,
  });
  await expectNew(dir, {}, () => rename(dir.path("attic/dep.ts"), dir.path("src/dep.ts")));
});

test("while the build fails for another reason", async () => {
  await using dir = await project({
    "src/index.ts": of("./dep"),
    "src/dep.js": "export default = ;",
  });
  await using builds = await watchBuilds(config(dir.dir));
  expect(builds.first.ok).toBe(false);
  await dir.write("src/dep.ts", NEW);
  const result = await builds.until(({ ok }) => ok);
  expect((await evaluate(result)).default).toBe("new");
});

/** The default export is "old" until `change`; after it a build makes it "new". */
async function expectNew(
  dir: TempProject,
  changes: Partial<ResolvedConfig> | undefined,
  change: () => Promise<void>,
): Promise<void> {
  const value = async (result: Parameters<typeof evaluate>[0]) => {
    const text = result.ok ? result.bundle.modules[1]?.contents : undefined;
    return typeof text === "string" ? text : (await evaluate(result)).default;
  };
  await using builds = await watchBuilds(config(dir.dir, changes));
  expect(await value(builds.first)).toBe("old");
  await change();
  await builds.until(async (result) => result.ok && (await value(result)) === "new");
}
