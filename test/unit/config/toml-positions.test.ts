import { expect, test } from "vitest";
import type { ConfigPath } from "../../../src/config/document.ts";
import { parseToml } from "../../../src/config/parse-toml.ts";

/** Every path of a parsed value. */
function* pathsOf(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield [...path, index];
      yield* pathsOf(item, [...path, index]);
    }
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    for (const [key, item] of Object.entries(value)) {
      yield [...path, key];
      yield* pathsOf(item, [...path, key]);
    }
  }
}

/** text with "«" before each place to be found, and the paths in reading order of the marks. */
const cases: [title: string, text: string, ...paths: [ConfigPath, "key" | "value"][]][] = [
  ["a key", "«a = 1", [["a"], "key"]],
  ["a value", 'a   =  «"x"', [["a"], "value"]],
  ["a table header", "[«a]\n«b = 1", [["a"], "key"], [["a", "b"], "key"]],
  ["a dotted header", "[a . «b]\nc = «1", [["a", "b"], "key"], [["a", "b", "c"], "value"]],
  [
    "a dotted key",
    "a.«b.«c = «1",
    [["a", "b"], "key"],
    [["a", "b", "c"], "key"],
    [["a", "b", "c"], "value"],
  ],
  ["a quoted key", `"x.y" . «'z' = 1`, [["x.y", "z"], "key"]],
  ["an escaped key", '«"\\u0041\\t" = 1', [["A\t"], "key"]],
  [
    "an array of tables",
    "[[«s]]\nb = 1\n«[[s]]\n«b = 2",
    [["s"], "key"],
    [["s", 1], "key"],
    [["s", 1, "b"], "key"],
  ],
  [
    "a sub-table of the last array element",
    "[[s]]\n[[s]]\n[s.«props]\n«k = 1",
    [["s", 1, "props"], "key"],
    [["s", 1, "props", "k"], "key"],
  ],
  [
    "an array of tables in an environment",
    "[env.p]\n[[env.p.s]]\na=1\n«[[env.p.s]]\n«a=2",
    [["env", "p", "s", 1], "key"],
    [["env", "p", "s", 1, "a"], "key"],
  ],
  [
    "an array in an array element",
    "[[s]]\n[[s.t]]\n[[s]]\n«[[s.t]]\n«[[s.t]]\n«x = 1",
    [["s", 1, "t", 0], "key"],
    [["s", 1, "t", 1], "key"],
    [["s", 1, "t", 1, "x"], "key"],
  ],
  [
    "inline tables in an array",
    's = [ «{ «b = "1", p = { «k = «[1, «2] } },\n  # comment ]\n  «{ b = "2" }, ]',
    [["s", 0], "value"],
    [["s", 0, "b"], "key"],
    [["s", 0, "p", "k"], "key"],
    [["s", 0, "p", "k"], "value"],
    [["s", 0, "p", "k", 1], "value"],
    [["s", 1], "value"],
  ],
  ["what follows a comment", '# [x]\na = 1 # "\n«b = 2', [["b"], "key"]],
  ["what follows a multi-line string", 'a = """\n[x]\nb = 1\\"""\n"""\n«b = 2', [["b"], "key"]],
  ["what follows a string ending in quotes", 'a = """x"""""\n«b = 2', [["b"], "key"]],
  ["what follows a literal multi-line string", "a = '''\n\\'''\n«b = 2", [["b"], "key"]],
  ["what follows brackets in strings", `a = "]}#=\\"[" \nc = ']}#\\'\n«b = 2`, [["b"], "key"]],
  ["what follows a date with a space", "a = 1979-05-27 07:32:00\n«b = 2", [["b"], "key"]],
  [
    "a line that ends in CRLF",
    "a = 1\r\n[t]\r\n«b = «2\r\n",
    [["t", "b"], "key"],
    [["t", "b"], "value"],
  ],
  ["text after a byte order mark", "\uFEFFa = 1\n«b = 2", [["b"], "key"]],
  ["columns in characters", 'a = { x = "🦊", «b = 1 }', [["a", "b"], "key"]],
];

test.each(cases)("finds %s", (_title, marked, ...expected) => {
  const text = marked.replaceAll("«", "");
  const document = parseToml("/w.toml", text, "/");
  const marks: string[] = [];
  for (const [row, line] of marked.split("\n").entries()) {
    let column = 1;
    for (const char of line) {
      if (char === "«") marks.push(`${row + 1}:${column}`);
      else column += 1;
    }
  }
  const found = expected.map(([path, part]) => {
    const position = document.positionOf(path, part);
    return position && `${position.line}:${position.column}`;
  });
  expect(found).toEqual(marks);
});

test("knows a place for every path of the value", () => {
  for (const [, marked] of cases) {
    const document = parseToml("/w.toml", marked.replaceAll("«", ""), "/");
    for (const path of pathsOf(document.value)) {
      expect(document.positionOf(path), JSON.stringify(path)).toBeDefined();
    }
  }
});

test("knows no place for what is not in the file", () => {
  const document = parseToml("/w.toml", "a = 1", "/");
  expect(document.positionOf(["b"])).toBeUndefined();
  expect(document.positionOf(["a", 0])).toBeUndefined();
});

test("gives ordinary objects, also for a key called __proto__", () => {
  const { value } = parseToml("/w.toml", "[vars]\n__proto__ = 1", "/");
  const vars = value.vars as object;
  expect(Object.getPrototypeOf(vars)).toBe(Object.prototype);
  expect(Object.keys(vars)).toEqual(["__proto__"]);
});
