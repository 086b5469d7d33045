import { behaviour, equal, throws } from "../harness.js";

/* 2.8: URLPattern, before and since urlpattern_standard */

const STANDARD = { dates: ["newest", "2025"] };
const OLDER = { dates: ["2024"] };
const COMPONENTS = "protocol username password hostname port pathname search hash".split(" ");

const groupsOf = (pattern, input, base) => {
  const result = pattern.exec(input, base);
  return result && Object.fromEntries(COMPONENTS.map((name) => [name, result[name].groups]));
};

behaviour("2.8", "a URLPattern matches, and says what it has matched", () => {
  const pattern = new URLPattern({ pathname: "/a/:id" });
  const url = "https://x.com/a/5?q#h";
  equal(pattern.test(url), true);
  equal(pattern.test(new URL(url)), true);
  equal(pattern.test("https://x.com/b"), false);
  equal(pattern.exec("https://x.com/b"), null);
  equal(pattern.exec("nope"), null);
  const result = pattern.exec(url);
  equal(result.pathname, { input: "/a/5", groups: { id: "5" } });
  equal(result.search, { input: "q", groups: { 0: "q" } });
  equal(result.inputs, [url]);
  equal(Object.keys(result), ["inputs", ...COMPONENTS]);
  const regExp = new URLPattern({ pathname: "/a/(\\d+)/:x(b|c)" });
  equal(groupsOf(regExp, { pathname: "/a/12/b" }).pathname, { 0: "12", x: "b" });
  equal(new URLPattern().test("https://anything/"), true);
  equal(new URLPattern({ pathname: "/A" }, { ignoreCase: true }).test("https://x/a"), true);
  const based = new URLPattern("/a/:id", "https://x.com");
  equal(based.exec("/a/1", "https://x.com").pathname.groups, { id: "1" });
  equal(new URLPattern({ pathname: "a", baseURL: "https://x.com/b/" }).pathname, "/b/a");
});

behaviour("2.8", "members of a URLPattern, in their order", () => {
  const pattern = new URLPattern({ pathname: "/a/(\\d+)", hostname: "{*.}?x.com" });
  const values = COMPONENTS.map((name) => pattern[name]);
  equal(values, ["*", "*", "*", "{*.}?x.com", "*", "/a/(\\d+)", "*", "*"]);
  const names = [];
  for (const name in pattern) names.push(name);
  equal(
    names.filter((name) => name !== "hasRegExpGroups"),
    [...COMPONENTS, "test", "exec"],
  );
  equal(String(pattern) !== "", true);
});

behaviour(
  "2.8",
  "unmatched groups are undefined, errors say little",
  () => {
    const optional = new URLPattern({ pathname: "/a/:id?" });
    const { groups } = optional.exec("https://x.com/a").pathname;
    equal(["id" in groups, groups.id], [true, undefined]);
    equal(optional.hasRegExpGroups, false);
    equal(new URLPattern({ pathname: "/(a|b)" }).hasRegExpGroups, true);
    equal(new URLPattern("https://*.x.com/a/*").test("https://q.x.com/a/b/c?d#e"), true);
    for (const args of [
      ["/a"],
      [{ pathname: "/(" }],
      [{ pathname: "/:a/:a" }],
      [{ pathname: "/a" }, "https://x"],
      [{ pathname: "/a" }, 5],
      [{ baseURL: "nope" }],
    ]) {
      throws(() => new URLPattern(...args), "TypeError", "Failed to construct URLPattern");
    }
    const withBase = () => optional.test({ pathname: "/a" }, "https://x");
    throws(withBase, "TypeError", "Failed to test URLPattern");
  },
  STANDARD,
);

behaviour(
  "2.8",
  "the input of exec has all members",
  () => {
    const given = new URLPattern().exec({ pathname: "/a" }).inputs[0];
    equal(Object.keys(given), [...COMPONENTS, "baseURL"]);
  },
  { dates: ["newest"] },
);

behaviour(
  "2.8",
  "unmatched groups are empty, the text of a pattern is whole",
  () => {
    const optional = new URLPattern({ pathname: "/a/:id?" });
    equal(optional.exec("https://x.com/a").pathname.groups, { id: "" });
    equal("hasRegExpGroups" in optional, false);
    equal(optional.exec({ pathname: "/a" }).inputs, [{ pathname: "/a" }]);
    const text = new URLPattern("https://*.x.com/a/*");
    equal(text.test("https://q.x.com/a/b/c"), true);
    equal(text.test("https://q.x.com/a/b/c?d"), false);
    throws(
      () => new URLPattern("/a"),
      "TypeError",
      "Syntax error in URL Pattern: a relative pattern must have a base URL.",
    );
    throws(() => new URLPattern({ baseURL: "nope" }), "TypeError", "Invalid base URL.");
    const withBase = () => optional.test({ pathname: "/a" }, "https://x");
    throws(withBase, "TypeError", "A baseURL is not allowed when input is an object.");
  },
  OLDER,
);
