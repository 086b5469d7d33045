import { expect, test } from "vitest";
import { parseBasePath } from "../../../src/assets/base-path.ts";
import { compileRules, findRulesProblem } from "../../../src/assets/run-worker-first.ts";

test("rules match the whole path, literally but for the star", () => {
  const { decide } = compileRules(["/api/*", "/a.b", "/u*v", "!/api/docs/*"]);
  const answers = ["/api/", "/api/x/y", "/api", "/a.b", "/axb", "/u//v", "/u/v/w", "/API/x"].map(
    decide,
  );
  const worker = "worker";
  expect(answers).toEqual([
    worker,
    worker,
    undefined,
    worker,
    undefined,
    worker,
    undefined,
    undefined,
  ]);
  expect(decide("/api/docs/x")).toBe("assets");
});

test.each([
  [[], "No `run_worker_first` rules were provided; must provide at least 1 rule."],
  [
    ["!/a"],
    "Only negative `run_worker_first` rules were provided; must provide at least 1 non-negative rule",
  ],
  [
    ["a", "!b", "/x/*", "/x/y", "/x/*", "!/n/*", "!/n/m", "/".padEnd(101, "z"), "/x*", "!"],
    [
      "Invalid routes in `run_worker_first`:",
      "'a': rules must start with '/' or '!/'",
      "'!b': negative rules must start with '!/'",
      "'!': negative rules must start with '!/'",
      "'/x/y': rule '/x/*' makes it redundant",
      "'/x/*': rule is a duplicate; rules must be unique",
      "'/x/y': rule '/x/*' makes it redundant",
      `'${"/".padEnd(101, "z")}': all rules must be less than 100 characters in length`,
      "'/x/*': rule '/x*' makes it redundant",
      "'/x/y': rule '/x*' makes it redundant",
      "'/x/*': rule '/x*' makes it redundant",
      "'!/n/m': rule '!/n/*' makes it redundant",
    ].join("\n"),
  ],
  [["/a", "!/b/*", "/c/*"], undefined],
])("rules %#", (rules, problem) => {
  expect(findRulesProblem(rules)).toBe(problem);
});

test("over 100 rules", () => {
  const rules = Array.from({ length: 101 }, (_, index) => `/r${index}`);
  expect(findRulesProblem(rules)).toBe(
    "Too many `run_worker_first` rules were provided; 101 rules provided exceeds max of 100.",
  );
  const repeated = Array.from({ length: 101 }, (_, index) => `/r${index % 95}`);
  expect(findRulesProblem(repeated)?.split("\n")).toEqual([
    "Too many `run_worker_first` rules were provided; 101 rules provided (95 distinct, 6 duplicate entries) exceeds max of 100. Note: duplicate entries count towards the route limit. Ensure that no duplicate rules are present in your `run_worker_first` configuration.",
    "",
    "The duplicated rules found are:",
    ...[0, 1, 2, 3, 4].map((index) => `- "/r${index}"`),
    "...and 1 more duplicated rule.",
  ]);
});

test.each([
  ["/app", { path: "/app/" }],
  ["app/", { path: "/app/" }],
  ["a//b/./c/../d", { path: "/a/b/d/" }],
  ["/", { path: "/" }],
  ["", { problem: "The value must not be empty." }],
  ["https://x/y", { problem: "The value must be a pathname, not a URL." }],
  ["/a\\b", { problem: "The value must not contain backslashes." }],
  ["/a\u0001", { problem: "The value must not contain control characters." }],
  ["/a?b", { problem: "The value must not contain query strings or fragments." }],
  ["/%61", { problem: "The value must not contain percent-encoded sequences." }],
  [4, { problem: "Expected a string but got number." }],
])("base path %s", (value, result) => {
  expect(parseBasePath(value)).toEqual(result);
});
