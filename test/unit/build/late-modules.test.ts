import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { buildWithLateGroups } from "../../../scripts/late-modules.js";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Bundles modules as tsc writes them, `main.js` first; runs it with a function that takes notes. */
async function run(
  files: Record<string, string>,
  groups: Record<string, string[]>,
): Promise<Notes> {
  const dist = mkdtempSync(join(tmpdir(), "drover-late-"));
  folders.push(dist);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), text.replaceAll(/([;}])\s*export /g, "$1\nexport "));
  }
  const { code } = await buildWithLateGroups({
    dist,
    groups,
    options: {
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: "silent",
      entryPoints: [join(dist, "main.js")],
      banner: { js: `(function (note, take) {"use strict";const __apply = Reflect.apply;` },
      footer: { js: "})" },
    },
  });
  const notes: string[] = [];
  let main: () => unknown = () => undefined;
  const bundle = runInThisContext(code) as (note: (text: string) => void, take: unknown) => void;
  bundle(
    (text) => notes.push(text),
    (fn: () => unknown) => {
      main = fn;
    },
  );
  return { notes, main };
}

interface Notes {
  readonly notes: string[];
  readonly main: () => unknown;
}

const HELPER = `note("helper"); export function help(a, b) { note("help " + (a + b)); }`;

test("evaluates a group with the first call of one of its functions, once", async () => {
  const { notes, main } = await run(
    {
      "main.js": `import { go, stop } from "./late.js"; note("main"); take(() => { go(1, 2); return stop(); });`,
      "late.js": `import { help } from "./helper.js"; note("late");
        export function go(...args) { help(...args); }
        export async function stop() { return arguments.length; }`,
      "helper.js": HELPER,
    },
    { late: ["late"] },
  );
  expect(notes).toEqual(["main"]);
  expect(await main()).toBe(0);
  await main();
  expect(notes).toEqual(["main", "helper", "late", "help 3", "help 3"]);
});

test("evaluates at once what groups share, with each other or with the program", async () => {
  const { notes, main } = await run(
    {
      "main.js": `import { one } from "./one.js"; import { two } from "./two.js"; import "./early.js"; note("main");
        take(() => { one(); two(); });`,
      "early.js": `note("early"); export const value = 5;`,
      "one.js": `import { help } from "./helper.js"; import { value } from "./early.js"; note("one");
        export function one() { help(value, 1); }`,
      "two.js": `import { help } from "./helper.js"; note("two"); export function two() { help(1, 1); }`,
      "helper.js": HELPER,
    },
    { one: ["one"], two: ["two"] },
  );
  expect(notes.toSorted()).toEqual(["early", "helper", "main"]);
  notes.length = 0;
  main();
  expect(notes).toEqual(["one", "help 6", "two", "help 2"]);
});

test("gives import() everything that a module exports", async () => {
  const { notes, main } = await run(
    {
      "main.js": `note("main"); take(async () => new (await import("./late.js")).Late().text);`,
      "late.js": `note("late"); export class Late { text = "made"; } export const other = 1;`,
    },
    { late: ["late"] },
  );
  expect(notes).toEqual(["main"]);
  expect(await main()).toBe("made");
  expect(notes).toEqual(["main", "late"]);
});

test("refuses a late module whose classes are imported", async () => {
  const files = {
    "main.js": `import { Late } from "./late.js"; take(() => new Late());`,
    "late.js": `export class Late {}`,
  };
  await expect(run(files, { late: ["late"] })).rejects.toThrow(
    "late exports more than functions: it can only be imported by import()",
  );
});
