import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ExitCode } from "../src/util/errors.ts";

const root = resolve(import.meta.dirname, "..");
const errors = readFileSync(join(root, "docs/errors.md"), "utf8");

/** First and second cells of all table rows whose first cell matches. */
function rows(first: RegExp): [string, string][] {
  const cells = [...errors.matchAll(/^\| ([^|]+?) \| ([^|]*?) \|/gm)];
  return cells
    .filter(([, name = ""]) => first.test(name))
    .map(([, name = "", next = ""]) => [name.replaceAll("`", ""), next.replaceAll("`", "")]);
}

/** Members of the unions `...ErrorCode`, and codes that are given to an error where it is made. */
function codesInSources(): string[] {
  const src = join(root, "src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  const codes = files
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(src, name), "utf8"))
    .flatMap((text) => {
      const unions = text.match(/^export type \w*ErrorCode =[\s\S]*?;$/gm) ?? [];
      const members = unions.flatMap((union) => [...union.matchAll(/"([A-Z_]+)"/g)]);
      const made = text.matchAll(
        /(?:new UserError(?:<\w+>)?|createConfigError)\(\s*(?:\w+ \? )?"([A-Z_]+)"(?: : "([A-Z_]+)")?/g,
      );
      return [...members, ...made].flatMap(([, ...found]) => found.filter((code) => !!code));
    });
  return [...new Set(codes as string[])].sort();
}

test("docs/errors.md explains every error code of the sources and no other", () => {
  const documented = rows(/^`[A-Z]+(_[A-Z]+)+`$/).map(([code]) => code);
  expect([...documented].sort()).toEqual(codesInSources());
});

test("docs/errors.md lists the exit codes by number and name", () => {
  const documented = rows(/^\d$/).map(([code, name]) => [name, Number(code)]);
  expect(Object.fromEntries(documented)).toEqual(ExitCode);
});

test("every relative link of the documents leads to a file", () => {
  const documents = [
    ...readdirSync(root).filter((name) => name.endsWith(".md")),
    ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
  ];
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8");
    const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(
      ([, target = ""]) => target,
    );
    return targets
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`);
  });
  expect(broken).toEqual([]);
});
