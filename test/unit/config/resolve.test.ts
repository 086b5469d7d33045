import { expect, test } from "vitest";
import { parseConfigArgument } from "../../../src/config/flags.ts";
import { resolveConfig, resolveConfigs } from "../../../src/config/resolve.ts";
import { tempProject } from "../../helpers/temp-project.ts";
import { configErrorOf, GOOD_TOML, resolveFiles } from "./helpers.ts";

test("a config that says little gets every default", async () => {
  await using project = await tempProject({ "wrangler.toml": GOOD_TOML, "src/index.ts": "" });
  const config = resolveConfig({ path: "wrangler.toml" }, { cwd: project.dir, processEnv: {} });
  expect(config).toStrictEqual({
    configPath: project.path("wrangler.toml"),
    root: project.dir,
    userRoot: project.dir,
    name: "w",
    environment: undefined,
    main: project.path("src/index.ts"),
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    cpuMs: 30_000,
    laterBehaviour: [],
    rules: [],
    noBundle: false,
    findAdditionalModules: false,
    preserveFileNames: false,
    baseDir: project.path("src"),
    define: {},
    alias: {},
    minify: false,
    keepNames: true,
    jsxFactory: "React.createElement",
    jsxFragment: "React.Fragment",
    tsconfig: undefined,
    build: undefined,
    dev: {
      ip: undefined,
      port: undefined,
      localProtocol: "http",
      upstreamProtocol: undefined,
      host: undefined,
      inspectorPort: undefined,
      inspectorIp: undefined,
      generateTypes: false,
    },
    assets: undefined,
    site: undefined,
    bindings: [],
    services: [],
    tailConsumers: [],
    streamingTailConsumers: [],
    durableObjects: [],
    externalDurableObjects: [],
    rows: [],
    variables: [],
    listeners: [],
    crons: [],
    queueConsumers: [],
    routes: [],
    warnings: [],
    unsupported: [],
    watchFiles: ["wrangler.toml", ".dev.vars", ".env", ".env.local"].map((file) =>
      project.path(file),
    ),
    notes: [],
    raw: { name: "w", main: "src/index.ts", compatibility_date: "2026-01-01" },
  });
});

const FULL = `${GOOD_TOML}compatibility_flags = ["nodejs_compat"]
no_bundle = true
base_dir = "lib"
preserve_file_names = true
minify = true
keep_names = false
jsx_factory = "h"
jsx_fragment = "F"
tsconfig = "conf/tsconfig.json"
route = "a.example/*"
[define]
X = "1"
Y = "2"
[alias]
lodash = "./lo.ts"
[[rules]]
type = "Text"
globs = ["**/*.md"]
fallthrough = true
[build]
command = "make"
cwd = "tools"
watch_dir = ["lib", "src"]
[dev]
ip = "0.0.0.0"
port = 3000
inspector_port = 9300
local_protocol = "https"
upstream_protocol = "http"
host = "h.example"
`;

test("a config's own values are taken, paths made absolute", async () => {
  await using project = await tempProject({ "a/wrangler.toml": FULL, "a/tools/x": "" });
  const config = resolveConfig({ path: "a/wrangler.toml" }, { cwd: project.dir, processEnv: {} });
  expect(config).toMatchObject({
    compatibilityFlags: ["nodejs_compat"],
    noBundle: true,
    findAdditionalModules: true,
    baseDir: project.path("a/lib"),
    preserveFileNames: true,
    minify: true,
    keepNames: false,
    jsxFactory: "h",
    jsxFragment: "F",
    tsconfig: project.path("a/conf/tsconfig.json"),
    routes: ["a.example/*"],
    define: { X: "1", Y: "2" },
    alias: { lodash: "./lo.ts" },
    rules: [{ type: "Text", globs: ["**/*.md"], fallthrough: true }],
    build: {
      command: "make",
      cwd: project.path("a/tools"),
      watchDirs: [project.path("a/lib"), project.path("a/src")],
    },
    dev: {
      ip: "0.0.0.0",
      port: 3000,
      inspectorPort: 9300,
      inspectorIp: undefined,
      localProtocol: "https",
      upstreamProtocol: "http",
      host: "h.example",
    },
  });
});

test("an address may be in brackets, as URLs have it; an empty one is none", async () => {
  await using project = await tempProject({
    "a/wrangler.toml": 'name = "a"\nmain = "i.ts"\n[dev]\nip = "[::]"\ninspector_ip = ""\n',
    "a/i.ts": "",
  });
  const ask = { path: "a/wrangler.toml" };
  const flags = { cwd: project.dir, processEnv: {} };
  expect(resolveConfig(ask, flags).dev).toMatchObject({ ip: "::", inspectorIp: undefined });
  expect(resolveConfig(ask, { ...flags, ip: "[::1]" }).dev.ip).toBe("::1");
  expect(resolveConfig(ask, { ...flags, ip: "" }).dev.ip).toBe("::");
});

test("flags win over the config", async () => {
  await using project = await tempProject({ "a/wrangler.toml": FULL, "other.ts": "" });
  const flags = {
    cwd: project.dir,
    processEnv: {},
    name: "flag",
    script: "other.ts",
    compatibilityDate: "2025-05-05",
    compatibilityFlags: ["nodejs_als"],
    define: ["X:3", "Z:a:b"],
    alias: ["lodash:./x.ts", "node:fs:./fs.ts"],
    minify: false,
    noBundle: false,
    tsconfig: "t.json",
    jsxFactory: "j",
    jsxFragment: "k",
    ip: "127.0.0.1",
    port: 0,
    inspectorPort: 0,
    inspectorIp: undefined,
    localProtocol: "http" as const,
    upstreamProtocol: "https" as const,
    host: "x.example",
    routes: ["r/*"],
  };
  expect(resolveConfig({ path: "a/wrangler.toml" }, flags)).toMatchObject({
    name: "flag",
    main: project.path("other.ts"),
    compatibilityDate: "2025-05-05",
    compatibilityFlags: ["nodejs_als"],
    define: { X: "3", Y: "2", Z: "a:b" },
    alias: { lodash: "./x.ts", "node:fs": "./fs.ts" },
    minify: false,
    noBundle: false,
    findAdditionalModules: false,
    tsconfig: project.path("t.json"),
    jsxFactory: "j",
    jsxFragment: "k",
    dev: {
      ip: "127.0.0.1",
      port: 0,
      inspectorPort: 0,
      inspectorIp: undefined,
      localProtocol: "http",
      upstreamProtocol: "https",
      host: "x.example",
    },
    routes: ["r/*"],
  });
});

test("build.cwd that only exists in the working directory is taken from there", async () => {
  await using project = await tempProject({
    "a/wrangler.toml": `${GOOD_TOML}build = { command = "x", cwd = "a/sub" }`,
    "a/sub/x": "",
  });
  const config = resolveConfig({ path: "a/wrangler.toml" }, { cwd: project.dir, processEnv: {} });
  expect(config.build).toEqual({
    command: "x",
    cwd: project.path("a/sub"),
    watchDirs: [project.path("a/src")],
  });
});

test("a bare script runs without a config, named after its folder, without warning about the date", async () => {
  await using project = await tempProject({ "demo/w.ts": "" });
  const config = resolveConfig({ script: "demo/w.ts" }, { cwd: project.dir, processEnv: {} });
  expect(config).toMatchObject({
    configPath: undefined,
    root: project.path("demo"),
    main: project.path("demo/w.ts"),
    name: "demo",
    compatibilityDate: "2026-11-17",
  });
  expect(config.warnings).toHaveLength(1);
});

test("a bare script uses the config above it", async () => {
  await using project = await tempProject({ "wrangler.toml": GOOD_TOML, "src/other.ts": "" });
  const config = resolveConfig({ script: "src/other.ts" }, { cwd: project.dir, processEnv: {} });
  expect(config).toMatchObject({
    name: "w",
    main: project.path("src/other.ts"),
    root: project.dir,
  });
});

test("a bare script that is not there is an error without config", async () => {
  await using project = await tempProject();
  const error = await configErrorOf(() =>
    resolveConfig({ script: "no.ts" }, { cwd: project.dir, processEnv: {} }),
  );
  expect(error.message).toContain(
    'Processing the command line:\n  - The entry-point file at "no.ts"',
  );
});

test("a folder without config and script has no entry", async () => {
  await using project = await tempProject();
  const error = await configErrorOf(() =>
    resolveConfig({ directory: "." }, { cwd: project.dir, processEnv: {} }),
  );
  expect(error.code).toBe("CONFIG_ENTRY_MISSING");
});

test("flags apply to every Worker, but a name and a script only to the first", async () => {
  await using project = await tempProject({
    "a/w.toml": 'name = "a"\nmain = "i.js"',
    "b/w.toml": 'name = "b"\nmain = "i.js"',
    "a/i.js": "",
    "b/i.js": "",
    "s.js": "",
  });
  const flags = { cwd: project.dir, processEnv: {}, minify: true, vars: ["K:1"] };
  const [a, b] = resolveConfigs([{ path: "a/w.toml" }, { path: "b/w.toml" }], {
    ...flags,
    name: "first",
    script: "s.js",
  });
  expect(a).toMatchObject({ name: "first", main: project.path("s.js"), minify: true });
  expect(b).toMatchObject({ name: "b", main: project.path("b/i.js"), minify: true });
  expect(a?.bindings).toEqual(b?.bindings);
});

test("--var worker:KEY=value goes to that Worker only; without such a Worker it is KEY:value", async () => {
  await using project = await tempProject({
    "a.toml": 'name = "a"\nmain = "i.js"',
    "b.toml": 'name = "b"\nmain = "i.js"',
    "i.js": "",
  });
  const configs = resolveConfigs([{ path: "a.toml" }, { path: "b.toml" }], {
    cwd: project.dir,
    processEnv: {},
    vars: ["b:K=x=1:2", "URL:http://h/?q=1", "c:K=2"],
  });
  const values = configs.map(({ bindings }) =>
    Object.fromEntries(bindings.map((spec) => [spec.name, "value" in spec && spec.value])),
  );
  const both = { URL: "http://h/?q=1", c: "K=2" };
  expect(values).toEqual([both, { ...both, K: "x=1:2" }]);
});

test.each([
  ["--var", { vars: ["FOO=bar"] }, "Did you mean --var FOO:bar?"],
  ["--define", { define: ["FOO"] }, "Did you mean --define FOO:value?"],
  ["--alias", { alias: [":x"] }, "Did you mean"],
])("%s without a key or colon is an error", async (flag, flags, hint) => {
  const error = await configErrorOf(() => resolveFiles({ "wrangler.toml": GOOD_TOML }, flags));
  expect(error).toMatchObject({ code: "FLAG_VALUE", hint: expect.stringContaining(hint) });
  expect(error.message).toContain(`Expected ${flag} KEY:value`);
});

test("a bad --name is an error", async () => {
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML }, { name: "My Worker" }),
  );
  expect(error).toMatchObject({ code: "FLAG_VALUE", message: expect.stringContaining("--name") });
});

test("a bad --compatibility-date is an error", async () => {
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML }, { compatibilityDate: "today" }),
  );
  expect(error.message).toContain('--compatibility-date: "compatibility_date" field should be');
});

test.each([
  ["a/w.toml", { path: "a/w.toml" }],
  ["a/w.toml@prod", { path: "a/w.toml", environment: "prod" }],
  ["node_modules/@x/w.toml", { path: "node_modules/@x/w.toml" }],
  ["x@y/w.toml@prod", { path: "x@y/w.toml", environment: "prod" }],
  ["w@2.toml", { path: "w@2.toml" }],
  ["w.toml@", { path: "w.toml@" }],
  ["@w", { path: "@w" }],
])("-c %s is split into path and environment", (argument, expected) => {
  expect(parseConfigArgument(argument)).toEqual(expected);
});

test("-c with a real file whose name contains @ is that file", async () => {
  await using project = await tempProject({ "w.toml@prod": "" });
  const path = project.path("w.toml@prod");
  expect(parseConfigArgument(path)).toEqual({ path });
  expect(parseConfigArgument("w.toml@prod", project.dir)).toEqual({ path: "w.toml@prod" });
});

test.each([
  ["[dev]\nhost = 'a.example'\n", {}, "a.example"],
  ["[dev]\nhost = 'https://a.example/path'\n", {}, "a.example"],
  ["route = 'example.com/*'\n", {}, "example.com"],
  ["routes = ['*.example.com/api/*', 'other.com/*']\n", {}, "example.com"],
  ["routes = [{ pattern = 'shop.example.com', custom_domain = true }]\n", {}, "shop.example.com"],
  ["route = 'https://EXAMPLE.com:8443/*'\n", {}, "example.com:8443"],
  ["route = '*/*'\n", {}, undefined],
  ["route = 'example.com/*'\n", { routes: ["b.example/*"] }, "b.example"],
  ["route = 'example.com/*'\n[dev]\nhost = 'a.example'\n", { host: "c.example" }, "c.example"],
])("%j with %j is at host %s", async (lines, flags, host) => {
  const config = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines }, flags);
  expect(config.dev.host).toBe(host);
});
