import { expect, test } from "vitest";
import type { ConfigFlags } from "../../../src/config/flags.ts";
import type { ResolvedConfig } from "../../../src/config/types.ts";
import { configErrorOf, resolveFiles } from "./helpers.ts";

/* Texts of spec/assets.md 4, as wrangler 4.164 says them. */

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  readonly flags?: ConfigFlags;
}

function resolve({ config, flags }: Case): Promise<ResolvedConfig> {
  const text = JSON.stringify({ name: "w", compatibility_date: "2026-01-01", ...config }, null, 1);
  const files = { "wrangler.json": text, "public/index.html": "", "a.txt": "" };
  return resolveFiles(files, { configPath: "wrangler.json", ...flags });
}

const main = "src/index.ts";
const directory = "./public";

test.each<readonly [string, Case, string]>([
  [
    "no directory",
    { config: { main, assets: {} } },
    "The `assets` property in your configuration is missing the required `directory` property.",
  ],
  [
    "a list",
    { config: { main, assets: [] } },
    "The `assets` property in your configuration is missing the required `directory` property.",
  ],
  [
    "an empty directory",
    { config: { main, assets: { directory: "" } } },
    "`The assets directory cannot be an empty string.",
  ],
  [
    "a directory that is not there",
    { config: { main, assets: { directory: "zzz" } } },
    'The directory specified by the "assets.directory" field in your configuration file does not exist:\n    <dir>/zzz',
  ],
  [
    "a file",
    { config: { main, assets: { directory: "a.txt" } } },
    'The path specified by the "assets.directory" field in your configuration file doesn\'t point to a directory:\n    <dir>/a.txt',
  ],
  [
    "--assets that is not there",
    { config: { main }, flags: { assets: "zzz" } },
    'The directory specified by the "--assets" command line argument does not exist:\n<dir>/zzz',
  ],
  [
    "--assets that is a file",
    { config: { main }, flags: { assets: "a.txt" } },
    'The path specified by the "--assets" command line argument doesn\'t point to a directory:\n<dir>/a.txt',
  ],
  [
    "a binding without main",
    { config: { assets: { directory, binding: "A" } } },
    "Cannot use assets with a binding in an assets-only Worker.\n    Please remove the asset binding from your configuration file, or provide a Worker script in your configuration file (`main`).",
  ],
  [
    "run_worker_first without main",
    { config: { assets: { directory, run_worker_first: ["/a"] } } },
    "Cannot set run_worker_first without a Worker script.\n    Please remove run_worker_first from your configuration file, or provide a Worker script in your configuration file (`main`).",
  ],
  [
    "site and assets",
    { config: { main, assets: { directory }, site: { bucket: "public" } } },
    "Cannot use assets and Workers Sites in the same Worker.\n    Please remove either the `site` or `assets` field from your configuration file.",
  ],
  [
    "no object",
    { config: { main, assets: "x" } },
    '"assets" should be an object, but got value "assets" of type string',
  ],
  [
    "html_handling",
    { config: { main, assets: { directory, html_handling: "x" } } },
    'Expected "assets.html_handling" field to be one of ["auto-trailing-slash","force-trailing-slash","drop-trailing-slash","none"] but got "x".',
  ],
  [
    "not_found_handling",
    { config: { main, assets: { directory, not_found_handling: 4 } } },
    'Expected "assets.not_found_handling" to be of type string but got 4.',
  ],
  [
    "binding",
    { config: { main, assets: { directory, binding: 5 } } },
    'Expected "assets.binding" to be of type string but got 5.',
  ],
  [
    "run_worker_first",
    { config: { main, assets: { directory, run_worker_first: 3 } } },
    'The field "assets.run_worker_first" should be an array of strings or a boolean, but got 3.',
  ],
  [
    "no rules",
    { config: { main, assets: { directory, run_worker_first: [] } } },
    "No `run_worker_first` rules were provided; must provide at least 1 rule.",
  ],
  [
    "bad rules",
    { config: { main, assets: { directory, run_worker_first: ["a"] } } },
    "Invalid routes in `run_worker_first`:\n    'a': rules must start with '/' or '!/'",
  ],
  [
    "base_path",
    { config: { main, assets: { directory, base_path: "/%61" } } },
    "Invalid assets base_path: The value must not contain percent-encoded sequences.",
  ],
  [
    "nothing at all",
    { config: {} },
    "Missing entry-point to Worker script or to assets directory\n",
  ],
  [
    "--strict and a folder as script",
    { config: {}, flags: { script: "public", strict: true } },
    'The provided entry-point path, "public", points to a directory, rather than a file.',
  ],
])("%s is refused", async (_name, given, text) => {
  const error = await configErrorOf(() => resolve(given));
  expect(error.message.replaceAll(/\/\S+\/drover-test-\w+/g, "<dir>")).toContain(text);
});

test("an asset-only Worker has no entry and every default", async () => {
  const config = await resolve({ config: { assets: { directory } } });
  expect(config.main).toBe("");
  expect(config.unsupported).toEqual([]);
  expect({ ...config.assets, directory: "" }).toEqual({
    directory: "",
    binding: undefined,
    htmlHandling: "auto-trailing-slash",
    notFoundHandling: "none",
    runWorkerFirst: false,
    basePath: "/",
    hasWorker: false,
    navigationPrefersAssets: true,
  });
});

test.each([
  ["2025-04-01", [], true],
  ["2025-03-31", [], false],
  ["2025-03-31", ["assets_navigation_prefers_asset_serving"], true],
  ["2026-01-01", ["assets_navigation_has_no_effect"], false],
  [undefined, [], false],
])("date %s and flags %s: navigation %s", async (date, flags, prefers) => {
  const compat = { compatibility_date: date, compatibility_flags: flags };
  const config = await resolve({ config: { main, assets: { directory }, ...compat } });
  expect(config.assets?.navigationPrefersAssets).toBe(prefers);
});

test("--assets replaces the directory and nothing else", async () => {
  const assets = { directory: "zzz", binding: "A", html_handling: "none" };
  const config = await resolve({ config: { main, assets }, flags: { assets: "public" } });
  expect(config.assets?.directory).toMatch(/\/public$/);
  expect(config.assets).toMatchObject({ binding: "A", htmlHandling: "none" });
  expect(config.bindings).toEqual([{ type: "assets", name: "A" }]);
});

test("an environment without assets takes those of the top level", async () => {
  const config = await resolve({
    config: { main, assets: { directory, binding: "A" }, env: { prod: {} } },
    flags: { env: "prod" },
  });
  expect(config.assets?.binding).toBe("A");
});

test("a folder in place of a script is a folder of assets, where there is no script", async () => {
  const config = await resolve({ config: {}, flags: { script: "public" } });
  expect(config.assets?.directory).toMatch(/\/public$/);
  expect(config.notes).toContain('Serving the folder "public" as assets.');
});

test("what is likely to surprise is a warning", async () => {
  const routes = ["a.com/*", "b.com/x/*", "c.com/y", { pattern: "d.com", custom_domain: true }];
  const texts = async (config: object) =>
    (await resolve({ config: { main, ...config } })).warnings.map(({ message }) => message);
  expect(await texts({ assets: { directory, extra: 1, run_worker_first: true } })).toEqual([
    'Unexpected fields found in assets field: "extra".',
    "run_worker_first=true set without an assets binding\nSetting run_worker_first to true will always invoke your Worker script.\nTo fetch your assets from your Worker, please set the [assets.binding] key in your configuration file.\n\nRead more: https://developers.cloudflare.com/workers/static-assets/binding/#binding",
  ]);
  expect(await texts({ assets: { directory }, routes })).toEqual([
    "Warning: The following routes will attempt to serve Assets on a configured path:\n  • b.com/x/* (Will match assets: public/x/*)\n  • c.com/y (Will match assets: public/y)\n\nRequests not matching an asset will be forwarded to the Worker's code.",
  ]);
});
