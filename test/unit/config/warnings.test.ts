import { expect, test } from "vitest";
import { DEFAULT_COMPATIBILITY_DATE } from "../../../src/config/defaults.ts";
import { GOOD_TOML, places, resolveFiles } from "./helpers.ts";

const cases: [title: string, lines: string, place: string, message: string][] = [
  [
    "an unknown key",
    "compatibility_dat = 1",
    "4:1",
    'Unexpected fields found in top-level field: "compatibility_dat". Did you mean "compatibility_date"?',
  ],
  [
    "a CPU limit of nothing",
    "[limits]\ncpu_ms = 0",
    "5:10",
    'Expected "limits.cpu_ms" to be a number of milliseconds above 0 but got 0. Using the default of 30000.',
  ],
  [
    "a key in camel case",
    "compatibilityFlags = []",
    "4:1",
    'Unexpected fields found in top-level field: "compatibilityFlags". Did you mean "compatibility_flags"?',
  ],
  [
    "a key like no other",
    "zebra_crossing = 1",
    "4:1",
    'Unexpected fields found in top-level field: "zebra_crossing".',
  ],
  [
    "an unknown table",
    "[service]\nx = 1",
    "4:2",
    'Unexpected fields found in top-level field: "service". Did you mean "services"?',
  ],
  [
    "an unknown dev key",
    "[dev]\nprot = 1",
    "5:1",
    'Unexpected fields found in dev field: "prot". Did you mean "port"?',
  ],
  [
    "a short key like no other",
    "foo = 1",
    "4:1",
    'Unexpected fields found in top-level field: "foo".',
  ],
  [
    "an unknown build key",
    '[build]\ncomand = "x"',
    "5:1",
    'Unexpected fields found in build field: "comand". Did you mean "command"?',
  ],
  [
    "an unknown rule key",
    '[[rules]]\ntype = "Text"\nglobs = []\nfallthru = true',
    "7:1",
    'Unexpected fields found in rules[0] field: "fallthru". Did you mean "fallthrough"?',
  ],
  [
    "the deprecated environment of a service",
    '[[services]]\nbinding = "B"\nservice = "b"\nenvironment = "p"',
    "7:1",
    'Deprecation: "services[0].environment" is ignored. Name the Worker of the environment instead: service = "b-p".',
  ],
  [
    "unsafe",
    "[unsafe]",
    "4:2",
    '"unsafe" fields are experimental and may change or break at any time.',
  ],
  [
    "usage_model",
    'usage_model = "bundled"',
    "4:1",
    'Deprecation: "usage_model": the usage model is set in the Cloudflare dashboard; this field does nothing.',
  ],
  [
    "Python rules",
    '[[rules]]\ntype = "PythonModule"\nglobs = []',
    "5:1",
    'Rules of type "PythonModule" are ignored: Python cannot run.',
  ],
];

test.each(cases)("%s is a warning with its place", async (_title, lines, place, message) => {
  const { warnings } = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  expect(warnings.map((warning) => warning.message)).toEqual([message]);
  expect(places(warnings)).toEqual([place]);
  expect(warnings[0]?.frame).toMatch(/^ {4}\d+ │ .*\n +╵ +\^$/);
});

test("an unknown key of a service binding is a warning with the nearest known one", async () => {
  const lines = '[[services]]\nbinding = "B"\nservice = "b"\nentrypoit = "Admin"';
  const { warnings } = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  expect(warnings.map(({ message }) => message)).toEqual([
    'Unexpected fields found in services[0] field: "entrypoit". Did you mean "entrypoint"?',
  ]);
});

test("a top-level key in an environment says where it belongs", async () => {
  const lines = "[env.p]\n[env.p.dev]\nport = 1";
  const { warnings } = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines }, { env: "p" });
  expect(warnings.map(({ message }) => message)).toEqual([
    'Unexpected fields found in env.p field: "dev". It can only be set at the top level.',
  ]);
});

test("without name the folder's name is used, and a warning says so", async () => {
  const files = { "My Api!/wrangler.toml": 'main = "i.js"', "My Api!/i.js": "" };
  const config = await resolveFiles(files, { env: "p", compatibilityDate: "2026-01-01" });
  expect(config.name).toBe("my-api-p");
  expect(config.warnings.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('No "name" was specified. Using "my-api-p"'),
  );
});

test("without compatibility_date the default is used, and a warning says so", async () => {
  const config = await resolveFiles({ "wrangler.toml": 'name = "w"\nmain = "src/index.ts"' });
  expect(config.compatibilityDate).toBe(DEFAULT_COMPATIBILITY_DATE);
  expect(config.warnings[0]?.message).toContain(
    "No compatibility_date was specified. Using the default compatibility date: 2026-11-17.",
  );
});

test("keys that drover does not act on are listed in file order, with their places", async () => {
  const lines = `
[[vectorize]]
binding = "VEC"
index_name = "x"
[[queues.producers]]
binding = "Q"
queue = "q"
[[queues.consumers]]
queue = "q"
[triggers]
crons = ["* * * * *"]
[[services]]
binding = "B"
service = "b"
remote = true
[[tail_consumers]]
service = "t"`;
  const config = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  const listed = config.unsupported.map(({ key, position }) => `${position?.line} ${key}`);
  expect(listed).toEqual(["5 vectorize (VEC)", "18 services.remote (B)"]);
});

test("what older versions of wrangler took and this one ignores is said", async () => {
  const lines = `account_id = ""
route = ""
[durable_objects]
classes = [{ binding = "A", class_name = "A" }]
[build]
upload_format = "modules"
[build.upload]
main = "x"`;
  const { warnings, durableObjects } = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  expect(warnings.map(({ message }) => message)).toEqual([
    'Unexpected fields found in build field: "upload_format".',
    'Unexpected fields found in build field: "upload".',
    'Unexpected fields found in durable_objects field: "classes".',
    'The "route" field in your configuration is an empty string and will be ignored.\nPlease remove the "route" field from your configuration.',
    'The "account_id" field in your configuration is an empty string and will be ignored.\nPlease remove the "account_id" field from your configuration.',
  ]);
  expect(durableObjects).toEqual([]);
});

test("keys without meaning on a developer's machine are not listed as unsupported", async () => {
  const lines = `account_id = "x"
workers_dev = false
logpush = true
upload_source_maps = true
keep_vars = true
routes = [{ pattern = "a.example/*", zone_name = "example" }]
[placement]
mode = "smart"
[observability]
enabled = true
[limits]
cpu_ms = 5
[[migrations]]
tag = "v1"
new_classes = ["A"]`;
  const config = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  expect(config.unsupported).toEqual([]);
  expect(config.warnings).toEqual([]);
  expect(config.routes).toEqual(["a.example/*"]);
  expect(config.raw).toMatchObject({ placement: { mode: "smart" }, account_id: "x" });
});

test("a flag of Cloudflare's templates that means nothing without a zone is not listed", async () => {
  const flags = 'compatibility_flags = ["global_fetch_strictly_public"]\n';
  expect((await resolveFiles({ "wrangler.toml": GOOD_TOML + flags })).unsupported).toEqual([]);
});

test("compatibility flags that change nothing are listed as unsupported, with their place", async () => {
  const flags = 'compatibility_flags = ["url_standard",\n  "cots_on_external_fetch"]\n';
  const { unsupported } = await resolveFiles({ "wrangler.toml": GOOD_TOML + flags });
  expect(unsupported).toMatchObject([
    {
      key: "compatibility_flags (cots_on_external_fetch)",
      effect: "The flag has no effect: drover always behaves as with no_cots_on_external_fetch.",
      position: { line: 5, column: 3 },
    },
  ]);
});
