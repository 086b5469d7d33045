import { expect, test } from "vitest";
import { parseJsonc } from "../../../src/config/parse-jsonc.ts";
import { parseToml } from "../../../src/config/parse-toml.ts";
import { renderFrame } from "../../../src/config/source-frame.ts";
import { configErrorOf } from "./helpers.ts";

test.each([
  ["a missing value", "a = 1\nb = \n", '2:5: expected a value after "=".'],
  ["an open string", 'b = 1\na = "x\n', '2:5: string is not closed: expected " on this line.'],
  ["one with CRLF", "a = 'x\r\nb = 1", "1:5: string is not closed: expected ' on this line."],
  ["one at the end", 'a = "x', '1:5: string is not closed: expected " on this line.'],
  ["one in a list", 'a = [\n "b", # "\n "c,\n "d"]', "3:2: string is not closed"],
  ["one after others", 'a = ["\\"", \'it\', "c]\n', "1:18: string is not closed"],
  ["an open long string", 'a = """x\n', '1:5: string is not closed: expected """ before the end'],
  [
    "a control character",
    'a = "\u0001"',
    "1:6: control character in a string: write it as \\u0001.",
  ],
  ["an open list", "a = [1,\n2", '2:2: expected "," or "]": the list that begins on line 1'],
  ["an open list before a key", 'a = ["]", 1\nb = 1', '2:1: expected "," or "]": the list that'],
  ["an open table", "a = { b = [1] c = 1 }", '1:15: expected "," or "}".'],
  ["an open header", "[a\nb = 1", '1:3: expected "]" after the name of the table.'],
  ["an open header of a list", "[[a]\nb = 1", '1:5: expected "]]" after the name of the table.'],
  ["a key that is set twice", "a = 1\na = 2", "2:1: a clashes with a key or table of that name"],
  ["text without quotes", "a = b", "1:5: unexpected b: text stands in quotes."],
  ["Python's True", "a = True", "1:5: unexpected True: write true."],
  ["null", "a = null", "1:5: unexpected null: TOML has no null, leave the key out."],
  ["typographic quotes", "a = “b”", "1:5: unexpected “: use straight quotes."],
  ["no key", "= 1", '1:1: expected a key before "=".'],
  ["no equals sign", "a 1", '1:3: expected "=" after the key.'],
  ["a colon", "a: 1", '1:2: expected "=" after the key, not ":".'],
  ["a semicolon", "a = 1;", "1:6: unexpected ; after the value: its line ends there."],
  ["a comment of JavaScript", "// a", "1:1: a comment begins with # in TOML."],
  ["JSON", '{ "a": 1 }', "1:1: this is JSON: name the file wrangler.jsonc."],
  ["a merge conflict", "<<<<<<< HEAD\na = 1", "1:1: a merge conflict is not resolved."],
  ["a path of Windows", 'a = "C:\\dev"', "1:9: no such escape in a string: write \\\\ for \\, or"],
])("TOML: %s is an error with its place", async (_title, text, expected) => {
  const error = await configErrorOf(() => parseToml("/p/w.toml", text, "/p"));
  expect(error.code).toBe("CONFIG_SYNTAX");
  expect(error.message.replace("Invalid TOML: ", "")).toContain(`w.toml:${expected}`);
  expect(error.message).toMatch(/│ .*\n +╵ +\^$/);
});

test.each([
  ["a missing comma", '{\n  "a": 1\n  "b": 2 }', 'w.json:3:3: Expected "," between two entries.'],
  ["a missing value", '{ "a": }', "w.json:1:8: Expected a value."],
  ["an unquoted key", "{ a: 1 }", "w.json:1:3: Unexpected a: a name stands in double quotes."],
  [
    "a missing brace",
    '{\n "a": [\n{ "}": 1 ]',
    'w.json:3:10: Expected "," or "}": an object is not',
  ],
  [
    "no brace at the end",
    '{\n "a": { "b": 1 }',
    'w.json:2:17: Expected "}": the "{" on line 1 is not',
  ],
  ["a missing bracket", '{ "a": [1 }', 'w.json:1:11: Expected "," or "]": a list is not closed.'],
  ["an open string", '{ "a": "x\n}', 'w.json:1:8: String is not closed: expected " on this line.'],
  ["an open name", '{ "a: "x" }', 'w.json:1:8: Unexpected x after a string: a " may be missing'],
  ["an open comment", "{ /* x", "w.json:1:3: Comment is not closed: expected */."],
  ["single quotes", "{ 'a': 1 }", "w.json:1:3: Unexpected ': strings and names stand in double"],
  ["an equals sign", '{ "a" = 1 }', 'w.json:1:7: Expected ":" after the property name, not "=".'],
  ["Python's True", '{ "a": True }', "w.json:1:8: Unexpected True: write true."],
  ["undefined", '{ "a": undefined }', "w.json:1:8: Unexpected undefined: write null."],
  ["a comment of TOML", '{ # b\n"a": 1 }', "w.json:1:3: Unexpected #: a comment begins with //"],
  ["typographic quotes", "{ “a”: 1 }", "w.json:1:3: Unexpected “: use straight quotes."],
  ["a leading zero", '{ "a": 01 }', "w.json:1:9: Invalid number: it begins with 0."],
  [
    "a path of Windows",
    '{ "a": "C:\\dev" }',
    "w.json:1:8: No such escape in a string: write \\\\ for",
  ],
  ["TOML", 'a = "b"', "w.json:1:1: This is TOML: name the file wrangler.toml."],
  [
    "a merge conflict",
    '{\n<<<<<<< HEAD\n"a": 1 }',
    "w.json:2:1: A merge conflict is not resolved.",
  ],
  ["text after the end", "{} x", "w.json:1:4: "],
  ["an array", "[]", "w.json:1:1: Expected an object at the top level."],
  ["an empty file", "", "w.json:1:1: The file is empty: expected { }."],
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
