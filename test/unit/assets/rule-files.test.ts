import { describe, expect, test } from "vitest";
import { parseHeaders } from "../../../src/assets/headers-file.ts";
import { parseRedirects } from "../../../src/assets/redirects-file.ts";
import { describeHeaders, describeRedirects } from "../../../src/assets/rule-report.ts";
import { compileHeaders, compileRedirects } from "../../../src/assets/rules.ts";
import recorded from "../../parity/assets/answers.json" with { type: "json" };
import { projects } from "../../parity/assets/cases.js";
import { linesOf } from "../../parity/assets/lines.js";

const AUTO = "auto-trailing-slash";
const filesOf = (name: string) => projects.find((it) => it.name === name)?.files ?? {};
const textOf = (remarks: readonly { text: string }[]) => remarks.map(({ text }) => text).join("\n");

test("what is wrong with _headers is said as wrangler says it", () => {
  const parsed = parseHeaders(filesOf("bad-headers")._headers ?? "");
  const said = textOf(describeHeaders(parsed, "public/_headers"));
  expect(linesOf(said)).toEqual(recorded["bad-headers"].lines);
});

test.each(["redirects", "bad-redirects"] as const)("%s: said as wrangler says it", (name) => {
  const parsed = parseRedirects(filesOf(name)._redirects ?? "", AUTO);
  const said = textOf(describeRedirects(parsed, "public/_redirects"));
  expect(linesOf(said)).toEqual(recorded[name].lines);
});

describe("_headers", () => {
  const messages = (text: string) => parseHeaders(text).invalid;

  test("a word before the first path", () => {
    expect(messages("stray\n/a\n B: c")).toEqual([
      {
        message: "Expected a path beginning with at least one forward-slash",
        line: "stray",
        lineNumber: 1,
      },
    ]);
  });

  test("the last rule has no headers: no line number", () => {
    expect(messages("/a\n B: c\n/last")).toEqual([
      { message: "No headers specified", line: "/last" },
    ]);
  });

  test("the 101st rule gets in, the next does not", () => {
    const text = Array.from({ length: 103 }, (_, index) => `/h${index}\n A: ${index}\n`).join("");
    const parsed = parseHeaders(`${text}/last\n`);
    expect(parsed.count).toBe(101);
    expect(parsed.invalid).toEqual([
      { message: "Maximum number of rules supported is 100. Skipping remaining 6 lines of file." },
    ]);
  });

  test("a second rule for the same path replaces the first, and that is said", () => {
    const parsed = parseHeaders("/a\n X: 1\n/b\n Y: 1\n/a\n Z: 2");
    expect(parsed.rules).toEqual([
      { path: "/a", unset: [], set: [["z", "2"]] },
      { path: "/b", unset: [], set: [["y", "1"]] },
    ]);
    expect(textOf(describeHeaders(parsed, "public/_headers"))).toContain(
      "public/_headers:5 is a second rule for /a",
    );
  });

  test("a name that occurs twice drops the rule in silence", () => {
    const apply = compileHeaders(parseHeaders("/:a/:a\n X: 1\n/b/*\n Y: 2").rules);
    const headers = new Map<string, string>();
    apply({ pathname: "/b/b", hostname: "h" }, headers);
    expect([...headers]).toEqual([["y", "2"]]);
  });

  test("first set overwrites, later ones append, a removal forgets", () => {
    const apply = compileHeaders(
      parseHeaders("/*\n X: 1\n Etag: mine\n/a*\n X: 2\n Etag: too\n/ab\n ! X\n X: 3\n").rules,
    );
    const headers = new Map([
      ["etag", '"own"'],
      ["x", "0"],
    ]);
    apply({ pathname: "/ab", hostname: "h" }, headers);
    expect([...headers].sort()).toEqual([
      ["etag", "mine, too"],
      ["x", "3"],
    ]);
  });

  test("what matches is put in as text, dollars included", () => {
    const apply = compileHeaders(parseHeaders("/:x/*\n A: :x|:splat|:xy|:other\n").rules);
    const headers = new Map<string, string>();
    apply({ pathname: "/$&/b/c", hostname: "h" }, headers);
    expect(headers.get("a")).toBe("$&|b/c|$&y|:other");
  });
});

describe("_redirects", () => {
  const parse = (text: string) => parseRedirects(text, AUTO);

  test("limits of static and dynamic rules", () => {
    const many = (count: number, path: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => `${path(index)} /t\n`).join("");
    const text = `${many(2003, (index) => `/s${index}`)}${many(103, (index) => `/d${index}/:x`)}/after /x\n`;
    const { rules, invalid } = parse(text);
    expect(rules.length).toBe(2100);
    const perLine = "Maximum number of static rules supported is 2000. Skipping line.";
    expect(invalid.map(({ message }) => message)).toEqual([
      perLine,
      perLine,
      perLine,
      "Maximum number of dynamic rules supported is 100. Skipping remaining 5 lines of file.",
    ]);
  });

  test("a path after a pattern works as one, with a remark", () => {
    const { rules, notes } = parse("/a/* /b\n/x /page 301\n");
    expect(compileRedirects(rules)("/x")).toMatchObject({ status: 301, to: "/page" });
    expect(notes).toEqual([
      "The redirect rule /x → 301 /page could be made more performant by bringing it above any lines with splats or placeholders.",
    ]);
  });

  test("a target that begins like a host is refused, whatever is put in stays a path", () => {
    expect(parse("/a/* //:splat").invalid).toHaveLength(1);
    expect(parse("/a/* /\\:splat").invalid).toHaveLength(1);
    const find = compileRedirects(parse("/a/* /:splat").rules);
    expect(find("/a//evil.com")?.to).toBe("/evil.com");
    expect(find("/a/\\evil.com")?.to).toBe("/evil.com");
  });

  test("a loop of html handling is one only where there is html handling", () => {
    expect(parseRedirects("/j/ /index\n", "none").invalid).toEqual([]);
    expect(parseRedirects("/j/* /index\n", "none").invalid).toHaveLength(1);
    expect(parse("/i /index.html\n").invalid).toEqual([]);
  });
});
