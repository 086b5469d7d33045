import { expect, test } from "vitest";
import { resolveConfig } from "../../../src/config/resolve.ts";
import { tempProject } from "../../helpers/temp-project.ts";
import { configErrorOf, GOOD_TOML, places, resolveFiles } from "./helpers.ts";

const FILE = `${GOOD_TOML}minify = true
compatibility_flags = ["nodejs_compat"]
[vars]
A = "top"
B = "top"
[[services]]
binding = "S"
service = "top-service"
[env.prod]
compatibility_flags = ["nodejs_als"]
[env.prod.vars]
A = "prod"
[env.named]
name = "other"
vars = {}
services = []
`;

test("an environment inherits what is inheritable, key by key, and its name gets a suffix", async () => {
  const config = await resolveFiles({ "wrangler.toml": FILE }, { env: "prod" });
  expect(config).toMatchObject({
    name: "w-prod",
    environment: "prod",
    minify: true,
    compatibilityFlags: ["nodejs_als"],
    services: [],
    bindings: [{ type: "var", name: "A", value: "prod" }],
  });
  expect(config.raw).not.toHaveProperty("env");
});

test("what is not inherited is warned about, single vars too", async () => {
  const { warnings } = await resolveFiles({ "wrangler.toml": FILE }, { env: "prod" });
  expect(warnings.map(({ message }) => message)).toEqual([
    '"vars.B" exists at the top level, but not on "env.prod.vars".\n' +
      'This is not what you probably want, since "vars" configuration is not inherited by environments.\n' +
      'Please add "vars.B" to "env.prod".',
    '"services" exists at the top level, but not on "env.prod".\n' +
      'This is not what you probably want, since "services" is not inherited by environments.\n' +
      'Please add "services" to "env.prod".',
  ]);
  expect(places(warnings)).toEqual(["8:1", "9:3"]);
});

test("an environment's own name has no suffix", async () => {
  expect((await resolveFiles({ "wrangler.toml": FILE }, { env: "named" })).name).toBe("other");
});

test("without environment the top level applies", async () => {
  const config = await resolveFiles({ "wrangler.toml": FILE });
  expect(config).toMatchObject({
    name: "w",
    environment: undefined,
    compatibilityFlags: ["nodejs_compat"],
  });
});

test("an environment's route replaces the top level's routes", async () => {
  const text = `${GOOD_TOML}routes = ["a/*"]\n[env.p]\nroute = "b/*"`;
  expect((await resolveFiles({ "wrangler.toml": text }, { env: "p" })).routes).toEqual(["b/*"]);
});

test.each([
  ["CLOUDFLARE_ENV", { processEnv: { CLOUDFLARE_ENV: "prod" } }, undefined, "w-prod"],
  [
    "--env over CLOUDFLARE_ENV",
    { env: "named", processEnv: { CLOUDFLARE_ENV: "prod" } },
    undefined,
    "other",
  ],
  ["-c path@env over --env", { env: "named" }, "prod", "w-prod"],
  [
    '--env="" for the top level',
    { env: "", processEnv: { CLOUDFLARE_ENV: "prod" } },
    undefined,
    "w",
  ],
])("the environment is chosen by %s", async (_title, flags, environment, name) => {
  await using project = await tempProject({ "w.toml": FILE, "src/index.ts": "" });
  const source = { path: "w.toml", ...(environment !== undefined && { environment }) };
  expect(resolveConfig(source, { cwd: project.dir, processEnv: {}, ...flags }).name).toBe(name);
});

test("an environment that the file lacks is an error if it has others", async () => {
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": FILE }, { env: "prodd" }),
  );
  expect(error.code).toBe("CONFIG_ENVIRONMENT_NOT_FOUND");
  expect(error.message).toContain(
    'wrangler.toml:12:2: No environment found in configuration with name "prodd".',
  );
  expect(error.message).toContain('names are: ["prod","named"]. Did you mean "prod"?');
});

test("an environment is only a warning if the file has none; the top level stands in, with its bindings", async () => {
  const files = { "wrangler.toml": `${GOOD_TOML}[vars]\nA = "1"` };
  const config = await resolveFiles(files, { env: "x" });
  expect(config).toMatchObject({ name: "w-x", bindings: [{ name: "A", value: "1" }] });
  expect(config.warnings[0]?.message).toContain(
    'No environment found in configuration with name "x".\nBefore using `--env=x`',
  );
});

test("places in an environment are those of its own lines, inherited ones those of the top level", async () => {
  const text = `${GOOD_TOML}[access]\nx = 1\n[env.p]\n[[env.p.vectorize]]\nbinding = "K"\n`;
  const config = await resolveFiles({ "wrangler.toml": text }, { env: "p" });
  expect(config.unsupported.map(({ key }) => key)).toEqual(["access", "vectorize (K)"]);
  expect(places(config.unsupported)).toEqual(["4:2", "7:1"]);
});
