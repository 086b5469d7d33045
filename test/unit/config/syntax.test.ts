import { expect, test } from "vitest";
import { parseJsonc } from "../../../src/config/parse-jsonc.ts";
import { parseToml } from "../../../src/config/parse-toml.ts";
import { renderFrame } from "../../../src/config/source-frame.ts";
import { configErrorOf } from "./helpers.ts";

test.each([
  ["a missing value", "a = 1\nb = \n", "w.toml:2:5: Invalid TOML: invalid value."],
  ["an open array", "a = [1,\n2", "w.toml:2:2: Invalid TOML: expected comma or end of structure."],
  ["a key that is set twice", "a = 1\na = 2", "w.toml:2:1: Invalid TOML: trying to redefine"],
])("TOML: %s is an error with its place", async (_title, text, expected) => {
  const error = await configErrorOf(() => parseToml("/p/w.toml", text, "/p"));
  expect(error.code).toBe("CONFIG_SYNTAX");
  expect(error.message).toContain(expected);
  expect(error.message).toMatch(/│ .*\n +╵ +\^$/);
});

test.each([
  ["a missing comma", '{\n  "a": 1\n  "b": 2 }', 'w.json:3:3: Expected "," between two entries.'],
  ["a missing value", '{ "a": }', "w.json:1:8: Expected a value."],
  ["an unquoted key", "{ a: 1 }", "w.json:1:3: Invalid symbol"],
  ["a missing brace", '{ "a": { "b": 1 }', 'w.json:1:18: Expected "}".'],
  ["an open string", '{ "a": "x\n}', "w.json:1:8: Unterminated string."],
  ["an open comment", "{ /* x", "w.json:1:3: Unterminated comment."],
  ["text after the end", "{} x", "w.json:1:4: "],
  ["an array", "[]", "w.json:1:1: Expected an object at the top level."],
  ["an empty file", "", "w.json:1:1: Expected a value."],
])("JSON: %s is an error with its place", async (_title, text, expected) => {
  const error = await configErrorOf(() => parseJsonc("/p/w.json", text, "/p"));
  expect(error.code).toBe("CONFIG_SYNTAX");
  expect(error.message).toContain(expected);
});

test("JSON: comments and trailing commas are allowed, places are those of the text", () => {
  const text = '// c\n{ /* c */ "a": [1, { "b": 2, },],\n}';
  const document = parseJsonc("/w.jsonc", text, "/");
  expect(document.value).toEqual({ a: [1, { b: 2 }] });
  expect(document.positionOf(["a"])).toEqual({ file: "/w.jsonc", line: 2, column: 11 });
  expect(document.positionOf(["a", 1, "b"])).toMatchObject({ line: 2, column: 22 });
  expect(document.positionOf(["a", 1, "b"], "value")).toMatchObject({ line: 2, column: 27 });
});

test("a frame keeps tabs below tabs", () => {
  const frame = renderFrame({ file: "/w", line: 2, column: 3 }, "x\n\ta = 1\r\n");
  expect(frame).toBe("    2 │ \ta = 1\n      ╵ \t ^");
});

test("a frame of a very long line shows the part around the caret", () => {
  const text = `${"a".repeat(5000)}b${"c".repeat(5000)}`;
  const [line = "", caret = ""] = renderFrame({ file: "/w", line: 1, column: 5001 }, text).split(
    "\n",
  );
  expect(line.length).toBeLessThan(150);
  expect(line[caret.indexOf("^")]).toBe("b");
});
