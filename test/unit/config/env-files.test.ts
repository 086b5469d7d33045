import { expect, test } from "vitest";
import { readCommandEnvironment } from "../../../src/config/env-files.ts";
import type { ConfigFlags } from "../../../src/config/flags.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import { tempProject } from "../../helpers/temp-project.ts";
import { configErrorOf, type Files, GOOD_TOML, resolveFiles } from "./helpers.ts";

const WITH_ENVS = `${GOOD_TOML}vars = { K = "config" }\n[env.p]\nvars = { K = "config.p" }\n`;
const SECRETS = `${GOOD_TOML}vars = { K = "config" }\nsecrets = { required = ["K"] }\n`;
const DOT_ENV: Files = { ".env": "K=.env" };

function boundValue(config: ResolvedConfig, name = "K"): unknown {
  const binding = config.bindings.find((spec) => spec.name === name);
  return binding !== undefined && "value" in binding ? binding.value : undefined;
}

/*
 * The precedence table of env-files.ts, row by row: each case adds one source to the one before it
 * in its group and expects the new source to win.
 */
const rows: [row: string, toml: string, files: Files, flags: ConfigFlags, winner: string][] = [
  ["vars of the config", WITH_ENVS, {}, {}, "config"],
  ["vars of the environment", WITH_ENVS, {}, { env: "p" }, "config.p"],

  [".env over vars", WITH_ENVS, DOT_ENV, { env: "p" }, ".env"],
  [
    ".env.local over .env",
    WITH_ENVS,
    { ...DOT_ENV, ".env.local": "K=local" },
    { env: "p" },
    "local",
  ],
  [
    ".env.<env> over .env.local",
    WITH_ENVS,
    { ...DOT_ENV, ".env.local": "K=local", ".env.p": "K=p" },
    { env: "p" },
    "p",
  ],
  [
    ".env.<env>.local over .env.<env>",
    WITH_ENVS,
    { ...DOT_ENV, ".env.p": "K=p", ".env.p.local": "K=p.local" },
    { env: "p" },
    "p.local",
  ],
  [
    "not .env.<env> of another environment",
    WITH_ENVS,
    { ...DOT_ENV, ".env.q": "K=q" },
    { env: "p" },
    ".env",
  ],
  ["not process.env", WITH_ENVS, DOT_ENV, { processEnv: { K: "process" } }, ".env"],
  [
    "process.env over .env if included",
    WITH_ENVS,
    DOT_ENV,
    { processEnv: { K: "process", CLOUDFLARE_INCLUDE_PROCESS_ENV: "true" } },
    "process",
  ],
  [
    "process.env over .env with secrets",
    SECRETS,
    DOT_ENV,
    { processEnv: { K: "process" } },
    "process",
  ],
  [
    "vars if .env files are switched off",
    WITH_ENVS,
    DOT_ENV,
    { processEnv: { CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false" } },
    "config",
  ],

  [
    ".dev.vars over all .env files",
    WITH_ENVS,
    { ...DOT_ENV, ".env.p.local": "K=p.local", ".dev.vars": "K=dev" },
    { env: "p" },
    "dev",
  ],
  [
    ".dev.vars.<env> over .dev.vars",
    WITH_ENVS,
    { ".dev.vars": "K=dev", ".dev.vars.p": "K=dev.p" },
    { env: "p" },
    "dev.p",
  ],
  [
    ".dev.vars over process.env",
    SECRETS,
    { ".dev.vars": "K=dev" },
    { processEnv: { K: "process" } },
    "dev",
  ],

  [
    "--env-file over .dev.vars",
    WITH_ENVS,
    { ".dev.vars": "K=dev", one: "K=1" },
    { envFiles: ["one"] },
    "1",
  ],
  ["the last --env-file", WITH_ENVS, { one: "K=1", two: "K=2" }, { envFiles: ["one", "two"] }, "2"],
  ["no --env-file: an empty list", WITH_ENVS, { ".dev.vars": "K=dev" }, { envFiles: [] }, "dev"],

  ["--var over .dev.vars", WITH_ENVS, { ".dev.vars": "K=dev" }, { vars: ["K:flag"] }, "flag"],
  [
    "--var over --env-file",
    WITH_ENVS,
    { one: "K=1" },
    { envFiles: ["one"], vars: ["K:flag"] },
    "flag",
  ],
  ["the last --var", WITH_ENVS, {}, { vars: ["K:1", "K:2"] }, "2"],
];

test.each(rows)("wins: %s", async (_row, toml, files, flags, winner) => {
  expect(boundValue(await resolveFiles({ "wrangler.toml": toml, ...files }, flags))).toBe(winner);
});

test(".dev.vars.<env> replaces .dev.vars as a whole", async () => {
  const files = { "wrangler.toml": WITH_ENVS, ".dev.vars": "ONLY=dev", ".dev.vars.p": "K=dev.p" };
  expect(boundValue(await resolveFiles(files, { env: "p" }), "ONLY")).toBeUndefined();
});

test("values of files are secrets, hidden in the table; without file there are none", async () => {
  const config = await resolveFiles({ "wrangler.toml": GOOD_TOML, ".dev.vars": 'T="a b"' });
  expect(config.bindings).toEqual([{ type: "secret", name: "T", value: "a b" }]);
  expect(config.rows).toEqual([
    { name: "T", value: '"(hidden)"', resource: "Environment Variable", mode: "local" },
  ]);
  expect((await resolveFiles({ "wrangler.toml": GOOD_TOML })).bindings).toEqual([]);
});

test("$NAME expands in .env files and stays as it is in .dev.vars", async () => {
  const text = `A=1\nB=x$A-\${A}\nC='\\$A'`;
  const expanded = await resolveFiles({ "wrangler.toml": GOOD_TOML, ".env": text });
  expect(boundValue(expanded, "B")).toBe("x1-1");
  expect(boundValue(expanded, "C")).toBe("$A");
  const literal = await resolveFiles({ "wrangler.toml": GOOD_TOML, ".dev.vars": text });
  expect(boundValue(literal, "B")).toBe(`x$A-\${A}`);
});

test("a value of a file does not replace a binding of another kind", async () => {
  const toml = `${GOOD_TOML}[[services]]\nbinding = "K"\nservice = "b"\n`;
  const config = await resolveFiles({ "wrangler.toml": toml, ".dev.vars": "K=1" });
  expect(config.bindings).toEqual([{ type: "service", name: "K", target: { service: "b" } }]);
  expect(config.warnings[0]?.message).toContain(
    '"K" is defined in a var file, but is also a Worker binding',
  );
});

test("--var replaces a binding of another kind, with a warning", async () => {
  const toml = `${GOOD_TOML}[[services]]\nbinding = "K"\nservice = "b"\n`;
  const config = await resolveFiles({ "wrangler.toml": toml }, { vars: ["K:1"] });
  expect(config.bindings).toEqual([{ type: "secret", name: "K", value: "1" }]);
  expect(config.services).toEqual([]);
  expect(config.warnings[0]?.message).toContain("--var K replaces the Worker binding");
});

test("with secrets.required only vars and listed names are taken; missing ones warn", async () => {
  const toml = `${GOOD_TOML}vars = { V = "1" }\nsecrets = { required = ["A", "B", "C"] }\n`;
  const config = await resolveFiles({ "wrangler.toml": toml, ".dev.vars": "V=2\nA=3\nOTHER=4" });
  expect(config.bindings.map(({ name }) => name)).toEqual(["V", "A"]);
  expect(config.warnings).toMatchObject([
    {
      message:
        "Missing required secrets: B, C. Add them to .dev.vars, .env, or set as environment variables.",
      position: { line: 5, column: 13 },
    },
  ]);
});

test("a .dev.vars file keeps process.env out, required secrets too", async () => {
  const files = { "wrangler.toml": SECRETS, ".dev.vars": "" };
  const config = await resolveFiles(files, { processEnv: { K: "process" } });
  expect(boundValue(config)).toBe("config");
  expect(config.warnings[0]?.message).toContain("Missing required secrets: K.");
});

test("notes say where secrets came from", async () => {
  const files = { "wrangler.toml": GOOD_TOML, ".env": "A=1", ".env.local": "B=1" };
  const processEnv = { CLOUDFLARE_INCLUDE_PROCESS_ENV: "true" };
  expect((await resolveFiles(files, { processEnv })).notes).toEqual([
    "Using secrets defined in .env",
    "Using secrets defined in .env.local",
    "Using secrets defined in process.env",
  ]);
  expect((await resolveFiles({ ...files, ".dev.vars": "" })).notes).toEqual([
    "Using secrets defined in .dev.vars",
  ]);
});

test("each Worker reads the files of its own folder", async () => {
  const config = await resolveFiles({
    "a/wrangler.toml": 'name = "a"\nmain = "i.js"',
    "a/i.js": "",
    "a/.dev.vars": "K=a",
    ".dev.vars": "K=cwd",
  });
  expect(boundValue(config)).toBe("a");
  expect(config.notes).toEqual(["Using secrets defined in a/.dev.vars"]);
});

test("--env-file is looked for beside the config, then in the working directory; absent ones warn", async () => {
  const files = {
    "a/wrangler.toml": 'name = "a"\nmain = "i.js"\ncompatibility_date = "2026-01-01"',
    "a/i.js": "",
    "a/one": "A=a",
    one: "A=cwd",
    two: "B=cwd",
  };
  const config = await resolveFiles(files, { envFiles: ["one", "two", "three"] });
  expect([boundValue(config, "A"), boundValue(config, "B")]).toEqual(["a", "cwd"]);
  expect(config.warnings.map(({ message }) => message)).toEqual([
    "The file given with --env-file was not found: three",
  ]);
});

test("files that were looked for are watched, absent ones too", async () => {
  const { watchFiles, root } = await resolveFiles(
    { "wrangler.toml": WITH_ENVS, ".env": "" },
    { env: "p" },
  );
  const names = watchFiles.map((file) => file.slice(root.length + 1));
  expect(names).toEqual([
    "wrangler.toml",
    ".dev.vars.p",
    ".dev.vars",
    ".env",
    ".env.local",
    ".env.p",
    ".env.p.local",
  ]);
});

test("with .dev.vars.<env> the files that it hides are not watched", async () => {
  const { watchFiles } = await resolveFiles(
    { "wrangler.toml": WITH_ENVS, ".dev.vars.p": "" },
    { env: "p" },
  );
  expect(watchFiles).toHaveLength(2);
});

test("a switch that is neither true nor false is an error", async () => {
  const processEnv = { CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "no" };
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML }, { processEnv }),
  );
  expect(error.message).toBe(
    'Expected CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV to be "true" or "false", but got "no"',
  );
});

test("a var file that cannot be read is an error", async () => {
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML, ".dev.vars/x": "" }),
  );
  expect(error).toMatchObject({
    code: "CONFIG_NOT_READABLE",
    message: expect.stringContaining("Could not read file: .dev.vars"),
  });
});

test("the command's own environment: .env files of the working directory under process.env", async () => {
  await using project = await tempProject({ ".env": `A=1\nB=\${A}2`, ".env.p": "A=p", x: "A=x" });
  const read = (env: string | undefined, files: string[]): unknown =>
    readCommandEnvironment(project.dir, env, files, { C: "c", B: undefined });
  expect(read(undefined, [])).toEqual({ A: "1", B: "12", C: "c" });
  expect(read("p", [])).toMatchObject({ A: "p" });
  expect(read("p", ["x"])).toEqual({ A: "x", C: "c" });
});
