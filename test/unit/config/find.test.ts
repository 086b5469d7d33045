import { expect, test } from "vitest";
import { findConfig } from "../../../src/config/find.ts";
import { resolveConfig } from "../../../src/config/resolve.ts";
import { tempProject } from "../../helpers/temp-project.ts";
import { configErrorOf, GOOD_TOML } from "./helpers.ts";

const REDIRECT = ".wrangler/deploy/config.json";

test.each([
  ["the nearest config", { "a/wrangler.toml": "", "wrangler.toml": "" }, "a/b", "a/wrangler.toml"],
  ["one further up", { "wrangler.jsonc": "{}", "a/b/x": "" }, "a/b", "wrangler.jsonc"],
  [
    ".json before .jsonc and .toml",
    { "wrangler.toml": "", "wrangler.jsonc": "", "wrangler.json": "" },
    ".",
    "wrangler.json",
  ],
  [
    "a .json further up before a .toml here",
    { "a/wrangler.toml": "", "wrangler.json": "" },
    "a",
    "wrangler.json",
  ],
  [
    "a .jsonc further up before a .toml here",
    { "a/wrangler.toml": "", "wrangler.jsonc": "" },
    "a",
    "wrangler.jsonc",
  ],
  [
    "a redirect before the user's config",
    { "wrangler.toml": "", [REDIRECT]: '{"configPath":"../../dist/w.json"}', "dist/w.json": "{}" },
    ".",
    "dist/w.json",
  ],
])("finds %s", async (_title, files, from, expected) => {
  await using project = await tempProject(files);
  await project.write(`${from}/keep`, "");
  expect(findConfig(project.path(from))?.path).toBe(project.path(expected));
});

test("a redirect says what was used instead of what", async () => {
  await using project = await tempProject({
    "wrangler.toml": "",
    [REDIRECT]: '{ "configPath": "../../dist/w.json" }',
    "dist/w.json": "{}",
  });
  const found = findConfig(project.dir);
  expect(found).toMatchObject({
    userPath: project.path("wrangler.toml"),
    redirectPath: project.path(REDIRECT),
  });
  expect(found?.notes[0]).toBe("Using redirected Wrangler configuration.");
  expect(found?.notes).toHaveLength(4);
});

test.each([
  ["without configPath", { [REDIRECT]: "{}" }, 'the required "configPath" property was not found'],
  ["to nowhere", { [REDIRECT]: '{"configPath":"x.json"}' }, "does not exist"],
  [
    "from another folder than the config's",
    { "a/wrangler.toml": "", [REDIRECT]: '{"configPath":"../../x.json"}', "x.json": "{}" },
    "do not share the same base path",
  ],
])("a redirect %s is an error", async (_title, files, expected) => {
  await using project = await tempProject(files);
  await project.write("a/keep", "");
  const error = await configErrorOf(() => findConfig(project.path("a")));
  expect(error).toMatchObject({
    code: "CONFIG_REDIRECT",
    message: expect.stringContaining(expected),
  });
});

const GENERATED = {
  "wrangler.toml": GOOD_TOML,
  ".dev.vars": "TOKEN=t",
  [REDIRECT]: '{"configPath":"../../dist/w.json"}',
  "dist/index.js": "",
  "dist/w.json":
    '{"name":"w","main":"index.js","compatibility_date":"2026-01-01","targetEnvironment":"prod"}',
};

test("a folder as source follows a redirect and reads the var files of the user's config", async () => {
  await using project = await tempProject(GENERATED);
  const config = resolveConfig({ directory: "." }, { cwd: project.dir, processEnv: {} });
  expect(config.main).toBe(project.path("dist/index.js"));
  expect(config.bindings).toEqual([{ type: "secret", name: "TOKEN", value: "t" }]);
  expect(config.watchFiles).toEqual(
    expect.arrayContaining([project.path(REDIRECT), project.path("wrangler.toml")]),
  );
  expect(config.warnings).toEqual([]);
});

test("a redirected config refuses another environment than it was built for", async () => {
  await using project = await tempProject(GENERATED);
  const flags = { cwd: project.dir, processEnv: {} };
  expect(resolveConfig({ directory: "." }, { ...flags, env: "prod" }).name).toBe("w");
  const error = await configErrorOf(() =>
    resolveConfig({ directory: "." }, { ...flags, env: "dev" }),
  );
  expect(error.message).toContain('does not match the target environment "prod"');
});

test("a redirected config reads the var files of the environment that it was built for", async () => {
  await using project = await tempProject({ ...GENERATED, ".dev.vars.prod": "TOKEN=prod" });
  const config = resolveConfig({ directory: "." }, { cwd: project.dir, processEnv: {} });
  expect(config.bindings).toEqual([{ type: "secret", name: "TOKEN", value: "prod" }]);
});

test("a redirected config may not have environments", async () => {
  await using project = await tempProject({
    ...GENERATED,
    "dist/w.json": '{"name":"w","main":"index.js","env":{"x":{}}}',
  });
  const error = await configErrorOf(() =>
    resolveConfig({ directory: "." }, { cwd: project.dir, processEnv: {} }),
  );
  expect(error.message).toContain(
    "dist/w.json:1:31: Redirected configurations cannot include environments.",
  );
});

test("Workers that were built beside the redirected one are found with the user's own configs", async () => {
  await using project = await tempProject({
    "wrangler.toml": "",
    [REDIRECT]:
      '{ "configPath": "../../dist/a/w.json", "auxiliaryWorkers": [{ "configPath": "../../dist/b/w.json" }] }',
    "dist/a/w.json": "{}",
    "dist/b/w.json": '{ "userConfigPath": "../../b/wrangler.toml" }',
  });
  expect(findConfig(project.dir)?.auxiliary).toEqual([
    { path: project.path("dist/b/w.json"), userPath: project.path("b/wrangler.toml") },
  ]);
});
