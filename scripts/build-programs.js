/**
 * Puts what the two processes of a session load into one file each, from the compiled dist/ (run
 * `tsc -b` first): reading and linking some two hundred modules one by one took a third of the time
 * until the first answer.
 *
 *   dist/programs/drover.cjs       what bin/drover.js runs: calls the next
 *   dist/programs/start.cjs        src/cli/start.ts: forks the host, loads the next with its code cache
 *   dist/programs/drover.main.cjs  the command line and the session
 *   dist/programs/call.cjs         what a plain `drover call` needs of it (src/cli/call-main.ts)
 *   dist/programs/host.cjs         the host process (src/session/host-process.ts)
 *
 * CommonJS, in which a module that is imported later is a function that runs later. The text is not
 * minified: stacks of errors name lines that can be read.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");

/** ES modules that find files beside them: imported as they are, by `__import` of load-program.ts. */
const ONLY_IMPORTED = /\bimport\(("(?:unenv|@cloudflare\/unenv-preset)")\)/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what ASCII is
const NOT_ASCII = /[^\x00-\x7f]/;

/**
 * Modules find files beside them by their own URL, which stays what it is in dist/. What they load
 * late with a `require` of their own is found by the bundler when it is the bundle's.
 * @type {import("esbuild").Plugin}
 */
const ownUrls = {
  name: "own-urls",
  setup(api) {
    api.onLoad({ filter: /\.js$/ }, async ({ path }) => {
      const place = relative(dist, path);
      if (place.startsWith("..")) return undefined;
      const text = await readFile(path, "utf8");
      const url = `(__dist + ${JSON.stringify(place.replaceAll("\\", "/"))})`;
      const contents = text
        .replace(/^const require = createRequire\(import\.meta\.url\);$/m, "")
        .replaceAll("import.meta.url", url)
        .replace(ONLY_IMPORTED, "__import($1)");
      return { contents, loader: "js" };
    });
    // These only look for packages from where they are.
    api.onLoad(
      { filter: /[\\/](?:unenv|unenv-preset)[\\/]dist[\\/]index\.mjs$/ },
      async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replaceAll("import.meta.url", '(__dist + "programs/drover.cjs")');
        return { contents, loader: "js" };
      },
    );
  },
};

/**
 * @param {string} entry below dist/
 * @param {string} program its name in dist/programs/
 */
async function bundle(entry, program) {
  const outfile = join(dist, "programs", program);
  await build({
    entryPoints: [join(dist, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    mainFields: ["module", "main"],
    // These have files of their own beside them, or are large and seldom needed.
    external: ["@photostructure/sqlite", "esbuild", "undici", "ws"],
    supported: { "dynamic-import": program === "start.cjs" },
    plugins: [ownUrls],
    banner: {
      js: `const __dist = require("node:url").pathToFileURL(require("node:path").dirname(__dirname) + "/").href;`,
    },
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
    nodePaths: [join(root, "node_modules")],
    absWorkingDir: root,
  });
  // Read as such; the bundler escapes strings, but not regular expressions.
  const line = (await readFile(outfile, "utf8")).split("\n").find((text) => NOT_ASCII.test(text));
  if (line !== undefined) throw new Error(`${outfile} is not ASCII: ${line.trim()}`);
  return outfile;
}

await bundle("cli/start.js", "start.cjs");
await bundle("host/main.js", "host.cjs");

/** @param {string} file */
async function programFile(file) {
  const text = await readFile(file);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `{ path: __dirname + "/${basename(file)}", hash: "${hash}" }`;
}

const main = await programFile(await bundle("cli/main.js", "drover.main.cjs"));
const call = await programFile(await bundle("cli/call-main.js", "call.cjs"));
await writeFile(
  join(dist, "programs/drover.cjs"),
  `require("./start.cjs").start(${main}, ${call});\n`,
);
