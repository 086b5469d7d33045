import { expect, test } from "vitest";
import { checkDuplicateNames, resolveConfig, resolveConfigs } from "../../../src/config/resolve.ts";
import { tempProject } from "../../helpers/temp-project.ts";
import { configErrorOf, GOOD_TOML, resolveFiles } from "./helpers.ts";

/** Lines 1 to 3 are good; `lines` start at line 4. */
const wrong: [title: string, lines: string, expected: string, code?: string][] = [
  [
    "a value of the wrong type",
    "minify = 1",
    '4:10: Expected "minify" to be of type boolean but got 1.',
  ],
  [
    "a string in the place of a list",
    'compatibility_flags = "x"',
    '4:23: Expected "compatibility_flags" to be of type string[] but got "x".',
  ],
  [
    "a number in a list of strings",
    'compatibility_flags = ["x",\n  7]',
    '5:3: Expected "compatibility_flags[1]" to be of type string but got 7.',
  ],
  ["a table that is none", "vars = 1", '4:8: Expected "vars" to be of type object but got 1.'],
  [
    "a bad choice",
    '[dev]\nlocal_protocol = "htps"',
    '5:18: Expected "dev.local_protocol" field to be one of ["http","https"] but got "htps". Did you mean "https"?',
  ],
  [
    "a port out of range",
    "dev = { port = 70000 }",
    '4:16: Expected "dev.port" to be a port number from 0 to 65535 but got 70000.',
  ],
  [
    "a date inside a JSON var",
    "[vars]\nO = { l = [ 2026-01-02 ] }",
    '5:13: Expected "vars.O.l[0]" to be a string or JSON but got a date.',
  ],
  [
    "a date in props",
    'services = [ { binding = "B", service = "b", props = { d = 2026-01-02 } } ]',
    '4:60: Expected "services[0].props.d" to be a string or JSON but got a date.',
  ],
  [
    "a bad port",
    '[dev]\nport = "80"',
    '5:8: Expected "dev.port" to be of type number but got "80".',
  ],
  [
    "a custom domain with a path",
    'routes = [\n  "c.com/*",\n  { pattern = "*.a.com/x", custom_domain = true } ]',
    "6:15: Invalid Routes:\n    *.a.com/x:\n    Wildcard operators (*) are not allowed in Custom Domains\n    Paths are not allowed in Custom Domains",
  ],
  [
    "Durable Object bindings that are no list",
    "[durable_objects]\nbindings = {}",
    '5:12: The field "durable_objects.bindings" should be an array but got {}.',
  ],
  [
    "a service without binding",
    '[[services]]\nservice = "b"',
    '4:1: "services[0].binding" is a required field.',
  ],
  [
    "a service without service",
    'services = [\n  { binding = "B" } ]',
    '5:3: "services[0].service" is a required field.',
  ],
  [
    "a service that is a string",
    'services = ["b"]',
    '4:13: Expected "services[0]" to be of type object but got "b".',
  ],
  [
    "services that are a table",
    '[services]\nB = "b"',
    '4:2: Expected "services" to be of type object[] but got {"B":"b"}.',
  ],
  [
    "props that are no table",
    '[[services]]\nbinding = "B"\nservice = "b"\nprops = 3',
    '7:9: Expected "services[0].props" to be of type object but got 3.',
  ],
  [
    "a rule of an unknown type",
    '[[rules]]\ntype = "Txt"\nglobs = []',
    '5:8: Expected "rules[0].type" field to be one of',
  ],
  [
    "a rule without globs",
    '[[rules]]\ntype = "Text"',
    '4:1: "rules[0].globs" is a required field.',
  ],
  [
    "a Durable Object without class",
    'durable_objects.bindings = [ { name = "DO" } ]',
    '4:30: "durable_objects.bindings[0]": {"name":"DO"}',
  ],
  [
    "a KV namespace without binding",
    '[[kv_namespaces]]\nid = "x"',
    '4:1: "kv_namespaces[0]" bindings should have a string "binding" field but got {"id":"x"}.',
  ],
  [
    "a queue producer without binding",
    '[[queues.producers]]\nqueue = "q"',
    '4:1: "queues.producers[0]" bindings should have a string "binding" field but got {"queue":"q"}.',
  ],
  [
    "a tail consumer without service",
    "tail_consumers = [ { } ]",
    '4:20: "tail_consumers[0].service" is a required field.',
  ],
  [
    "both route and routes",
    'route = "a.b/*"\nroutes = []',
    '4:1: Expected exactly one of the following fields ["routes","route"].',
  ],
  [
    "migrations and exports",
    '[exports.D]\ntype = "durable-object"\n[[migrations]]\ntag = "v1"',
    "4:2: `migrations` and `exports` are mutually exclusive. Choose one or the other",
  ],
  [
    "a date among the vars",
    "[vars]\nDAY = 2026-01-02",
    '5:7: Expected "vars.DAY" to be a string or JSON but got a date. Put it in quotes',
  ],
  [
    "two bindings of one name and kind",
    '[[kv_namespaces]]\nbinding = "A"\n[[kv_namespaces]]\nbinding = "A"',
    "6:1: A assigned to multiple KV Namespace bindings.\n",
  ],
  [
    "two bindings of one name",
    '[vars]\nA = "1"\n[[r2_buckets]]\nbinding = "A"',
    "6:1: A assigned to R2 Bucket and Environment Variable bindings.\n",
  ],
  [
    "a text blob that is not there",
    '[text_blobs]\nT = "no.txt"',
    '5:5: Could not read the file of "T": ENOENT',
  ],
  ["legacy_env", "legacy_env = true", '4:1: The "legacy_env" field is no longer supported'],
  [
    "node_compat",
    "node_compat = true",
    '4:1: The "node_compat" field is no longer supported as of Wrangler v4.',
  ],
  [
    "a Pages project",
    'pages_build_output_dir = "x"',
    "4:1: This is the configuration of a Pages project",
  ],
  [
    "a workflow without name",
    '[[workflows]]\nbinding = "W"\nclass_name = "X"',
    '4:1: "workflows[0].name" is a required field.',
  ],
  [
    "a limit that is no number",
    'limits = { cpu_ms = "x" }',
    '4:21: Expected "limits.cpu_ms" to be of type number but got "x".',
  ],
];

test.each(wrong)(
  "%s is an error with file, line, column and caret",
  async (_title, lines, expected) => {
    const error = await configErrorOf(() => resolveFiles({ "wrangler.toml": GOOD_TOML + lines }));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(
      `Processing wrangler.toml configuration:\n  - wrangler.toml:${expected}`,
    );
    expect(error.message).toMatch(/ │ .*\n +╵ +\^$/);
  },
);

test.each([
  [
    "name",
    'name = "My Worker"',
    '1:8: Expected "name" to be of type string, alphanumeric and lowercase with dashes only but got "My Worker".',
  ],
  [
    "compatibility_date with a dash of the wrong kind",
    'name = "w"\ncompatibility_date = "2026–01–01"',
    '2:22: "compatibility_date" field should use ISO-8601 accepted hyphens (-)',
  ],
  [
    "compatibility_date",
    'compatibility_date = "2026-13-01"',
    '1:22: "compatibility_date" field should be a valid ISO-8601 date (YYYY-MM-DD), but got "2026-13-01".',
  ],
  [
    "compatibility_date without quotes",
    "compatibility_date = 2026-01-01",
    '1:22: Expected "compatibility_date" to be of type string but got 2026-01-01. TOML reads this as a date: put it in quotes',
  ],
])("a bad %s is an error", async (_title, text, expected) => {
  const error = await configErrorOf(() => resolveFiles({ "wrangler.toml": text }));
  expect(error.message).toContain(`wrangler.toml:${expected}`);
});

test("all problems of a file are reported together, in JSON too", async () => {
  const text =
    '{\n  "name": 1,\n  "main": "src/index.ts",\n  "services": [{ "binding": 2, "service": "b" }]\n}';
  const error = await configErrorOf(() => resolveFiles({ "wrangler.jsonc": text }));
  expect(error.message).toBe(`Processing wrangler.jsonc configuration:
  - wrangler.jsonc:2:11: Expected "name" to be of type string, alphanumeric and lowercase with dashes only but got 1.
        2 │   "name": 1,
          ╵           ^
  - wrangler.jsonc:4:29: Expected "services[0].binding" to be of type string but got 2.
        4 │   "services": [{ "binding": 2, "service": "b" }]
          ╵                             ^`);
});

test("an environment that is no table is an error if it is chosen", async () => {
  const files = { "wrangler.toml": `${GOOD_TOML}[env]\nprod = 1` };
  expect((await resolveFiles(files)).name).toBe("w");
  const error = await configErrorOf(() => resolveFiles(files, { env: "prod" }));
  expect(error.message).toContain(
    'wrangler.toml:5:8: Expected "env.prod" to be of type object but got 1.',
  );
});

test("a wrong value and a missing entry are reported together", async () => {
  const error = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": 'name = "w"\nmain = "no.ts"\nminify = 1' }),
  );
  expect(error.message).toContain("wrangler.toml:3:10:");
  expect(error.message).toContain('wrangler.toml:2:8: The entry-point file at "no.ts"');
});

test("an entry of the wrong type is one error", async () => {
  const error = await configErrorOf(() => resolveFiles({ "wrangler.toml": "main = 1" }));
  expect(error.message.match(/wrangler\.toml:/g)).toHaveLength(1);
});

test("of two equal keys in JSON the last one counts, for messages too", async () => {
  const error = await configErrorOf(() => resolveFiles({ "w.json": '{"name":"w",\n"name":1}' }));
  expect(error.message).toContain("w.json:2:8:");
});

test("a wrong value in the chosen environment is an error there; in another one it is not", async () => {
  const files = { "wrangler.toml": `${GOOD_TOML}[env.a]\nminify = 1\n[env.b]\n` };
  const error = await configErrorOf(() => resolveFiles(files, { env: "a" }));
  expect(error.message).toContain(
    'wrangler.toml:5:10: Expected "env.a.minify" to be of type boolean but got 1.',
  );
  expect((await resolveFiles(files, { env: "b" })).name).toBe("w-b");
});

const NAMED = 'name = "w"\ncompatibility_date = "2026-01-01"\n';

test.each([
  [
    "no entry",
    "",
    "CONFIG_ENTRY_MISSING",
    'Missing entry-point to Worker script or to assets directory\n    Add `main = "src/index.ts"`',
  ],
  [
    "an entry that is not there",
    'main = "src/main.ts"',
    "CONFIG_ENTRY_NOT_FOUND",
    'wrangler.toml:3:8: The entry-point file at "src/main.ts" was not found.',
  ],
  [
    "an entry of another extension",
    'main = "src/index.js"',
    "CONFIG_ENTRY_NOT_FOUND",
    'Did you mean "src/index.ts"?',
  ],
  [
    "an entry that is a folder",
    'main = "src"',
    "CONFIG_ENTRY_IS_DIRECTORY",
    'wrangler.toml:3:8: The provided entry-point path, "src", points to a directory, rather than a file.\n    Did you mean "src/index.ts"?',
  ],
  [
    "a Python entry",
    'main = "w.py"',
    "CONFIG_ENTRY_UNSUPPORTED",
    'wrangler.toml:3:8: The entry-point file at "w.py" is a Python Worker',
  ],
])("%s is an error", async (_title, line, code, expected) => {
  const files = { "wrangler.toml": NAMED + line, "w.py": "" };
  const error = await configErrorOf(() => resolveFiles(files));
  expect(error).toMatchObject({ code, message: expect.stringContaining(expected) });
});

test("warnings are told with the errors: a mistyped key may be why", async () => {
  const files = { "wrangler.toml": 'name = "w"\nmian = "index.ts"\n' };
  const error = await configErrorOf(() => resolveFiles(files));
  expect(error).toMatchObject({
    code: "CONFIG_ENTRY_MISSING",
    message: expect.stringMatching(
      /Missing entry-point[\s\S]*- Warning: wrangler\.toml:2:1: Unexpected fields found in top-level field: "mian"\. Did you mean "main"\?/,
    ),
  });
});

test("an entry in an environment is shown there", async () => {
  const files = { "wrangler.toml": `${GOOD_TOML}[env.p]\nmain = "nope.ts"` };
  const error = await configErrorOf(() => resolveFiles(files, { env: "p" }));
  expect(error.message).toContain(
    'wrangler.toml:5:8: The entry-point file at "nope.ts" was not found.',
  );
});

test("an entry that a build command will make may be absent", async () => {
  const config = await resolveFiles({
    "wrangler.toml": `${NAMED}main = "out.js"\nbuild.command = "x"`,
  });
  expect(config.main).toMatch(/out\.js$/);
});

test.each([
  [
    "a missing file",
    "no.toml",
    "CONFIG_NOT_READABLE",
    "Could not read file: no.toml\n  ENOENT",
    "Check the path",
  ],
  [
    "a folder",
    "api",
    "CONFIG_IS_DIRECTORY",
    "api is a directory",
    "Did you mean api/wrangler.toml?",
  ],
  [
    "a folder without config",
    "src",
    "CONFIG_IS_DIRECTORY",
    "src is a directory",
    "wrangler.json, wrangler.jsonc, wrangler.toml",
  ],
  [
    "an unknown extension",
    "wrangler.yaml",
    "CONFIG_UNKNOWN_EXTENSION",
    "Unknown configuration format: wrangler.yaml",
    "without -c",
  ],
])("%s as a config is an error", async (_title, path, code, message, hint) => {
  await using project = await tempProject({
    "api/wrangler.toml": "",
    "src/x": "",
    "wrangler.yaml": "",
  });
  const error = await configErrorOf(() => resolveConfig({ path }, { cwd: project.dir }));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});

test("two Workers of the same name are an error that names both files", async () => {
  await using project = await tempProject({
    "a/wrangler.toml": 'name = "same"\nmain = "i.js"',
    "b/wrangler.json": '{"name":"same","main":"i.js"}',
    "a/i.js": "",
    "b/i.js": "",
  });
  const sources = [{ path: "a/wrangler.toml" }, { path: "b/wrangler.json" }];
  const flags = { cwd: project.dir, processEnv: {} };
  const error = await configErrorOf(() => resolveConfigs(sources, flags));
  expect(error).toMatchObject({
    code: "CONFIG_DUPLICATE_NAME",
    message:
      'Two Workers of this session have the same name "same":\n  - a/wrangler.toml\n  - b/wrangler.json',
  });
  checkDuplicateNames(
    sources.slice(0, 1).map((source) => resolveConfig(source, flags)),
    "/",
  );
});

test("several broken configs are reported together", async () => {
  await using project = await tempProject({ "a.toml": "name = 1", "b.toml": "x = " });
  const error = await configErrorOf(() =>
    resolveConfigs([{ path: "a.toml" }, { path: "b.toml" }, { path: "c.toml" }], {
      cwd: project.dir,
    }),
  );
  for (const text of ["a.toml:1:8:", "b.toml:1:5:", "Could not read file: c.toml"]) {
    expect(error.message).toContain(text);
  }
});

test("a compatibility date in the future is an error, in a config and as a flag", async () => {
  const tomorrow = new Date(Date.now() + 24 * 3600 * 1000).toISOString().slice(0, 10);
  const message = `Compatibility date "${tomorrow}" is in the future and unsupported`;
  const toml = `name = "w"\nmain = "src/index.ts"\ncompatibility_date = "${tomorrow}"\n`;
  const inConfig = await configErrorOf(() => resolveFiles({ "wrangler.toml": toml }));
  expect(inConfig.message).toContain(`wrangler.toml:3:22: ${message}`);
  const asFlag = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML }, { compatibilityDate: tomorrow }),
  );
  expect(asFlag.message).toContain(message);
});

test.each([
  [["nodejs_comapt"], 'No such compatibility flag: nodejs_comapt. Did you mean "nodejs_compat"?'],
  [["no_rpc", "rpc"], "Compatibility flags are mutually contradictory: rpc vs no_rpc"],
])("compatibility flags %j are an error, in a config and as flags", async (flags, message) => {
  const toml = `${GOOD_TOML}compatibility_flags = ${JSON.stringify(flags)}\n`;
  const inConfig = await configErrorOf(() => resolveFiles({ "wrangler.toml": toml }));
  expect(inConfig.message).toContain(message);
  const asFlag = await configErrorOf(() =>
    resolveFiles({ "wrangler.toml": GOOD_TOML }, { compatibilityFlags: flags }),
  );
  expect(asFlag.message).toContain(message);
});
