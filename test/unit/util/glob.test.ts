import { expect, test } from "vitest";
import { globToRegExp } from "../../../src/util/glob.ts";

test.each([
  ["**/*.txt", ["a.txt", "x/y/a.txt"], ["a.txt.js", "a_txt"]],
  ["*.md", ["a.md"], ["x/a.md"]],
  ["./lib/**", ["lib/a", "lib/b/c"], ["libx/a"]],
  ["**/*.{png,jpg}", ["a.png", "b/c.jpg"], ["a.gif"]],
  ["a?[bc].js", ["axb.js", "axc.js"], ["ab.js", "a/b.js", "axd.js"]],
  ["(x)+.txt", ["(x)+.txt"], ["xx.txt"]],
])("%s", (glob, matching, others) => {
  const pattern = globToRegExp(glob);
  expect(matching.filter((path) => !pattern.test(path))).toEqual([]);
  expect(others.filter((path) => pattern.test(path))).toEqual([]);
});
