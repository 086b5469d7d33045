/**
 * Builds what runs inside Workers' threads from the compiled dist/runtime (run `tsc -b` first):
 *
 *   dist/thread-boot.cjs    what `new Worker()` starts
 *   dist/runtime.cjs        the runtime in one file: `(function (require, __dirname) {...})`
 *   dist/html-rewriter/     the parser of HTMLRewriter, copied from its package
 *   dist/encodings.cjs      tables and decoders of legacy encodings, read with the first TextDecoder of one
 *   dist/http-client.cjs    the HTTP client of the host's network, read with the first outbound fetch
 *   dist/storage-thread.js  what storage threads of the host run (dist/resources)
 *   dist/statement-process.js  what processes for long SQL statements run
 *
 * Globals: a thread's globals are removed before user code runs, so every global that the runtime
 * names is captured while it boots. esbuild's `inject` turns each free `URL` into an import of
 * runtime-globals (made here), unused ones are dropped as pure.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Script } from "node:vm";
import { build } from "esbuild";
import { LATE_GROUPS } from "./late-groups.js";
import { buildWithLateGroups } from "./late-modules.js";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const work = mkdtempSync(join(tmpdir(), "drover-runtime-"));

/** Everything that Node defines beyond ECMAScript, in any version, and what user code may replace. */
const NAMES =
  `AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream Event EventTarget File
  FinalizationRegistry MessageChannel MessageEvent MessagePort Performance PerformanceEntry PerformanceMark
  PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming Promise
  ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableStreamDefaultController ReadableStreamDefaultReader SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream TransformStreamDefaultController URL URLSearchParams WeakRef WebAssembly
  WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa clearImmediate clearInterval
  clearTimeout console crypto navigator performance process queueMicrotask setImmediate setInterval setTimeout
  structuredClone`.split(/\s+/);

/** Globals that are our own, also for code that names them: what they are compiled to. */
const OWN = { DOMException: "web/scope/dom-exception.js", performance: "isolate/clock.js" };

/** @returns {string[]} files to inject: Node's first, which our own are made with */
function writeGlobals() {
  const native = NAMES.filter((name) => !(name in OWN)).map(
    (name) => `export const ${name} = /* @__PURE__ */ pick("${name}");`,
  );
  const own = Object.entries(OWN).map(
    ([name, file]) => `export { ${name} } from ${JSON.stringify(join(dist, file))};`,
  );
  return [
    ["runtime-globals.js", ["const pick = (name) => globalThis[name];", ...native]],
    ["own-globals.js", own],
  ].map(([file, lines]) => {
    const path = join(work, file);
    writeFileSync(path, lines.join("\n"));
    return path;
  });
}

/**
 * Members of Node's modules are captured too: `import { pipeline } from "node:stream"` would be a
 * look-up on Node's module object at each call, and a Worker can replace what it finds there.
 * @type {import("esbuild").Plugin}
 */
const captureNode = {
  name: "capture-node",
  setup(api) {
    api.onResolve({ filter: /^node:/ }, ({ path, namespace, kind }) => {
      if (namespace === "captured" || kind === "require-call") return { path, external: true };
      return { path, namespace: "captured" };
    });
    api.onLoad({ filter: /.*/, namespace: "captured" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) =>
        /^[A-Za-z_$][\w$]*$/.test(name),
      );
      const members = names
        .filter((name) => name !== "default")
        .map(
          (name) =>
            `const ${name}_ = /* @__PURE__ */ pick("${name}"); export { ${name}_ as ${name} };`,
        );
      return {
        contents: `const module = require("${path}"); const pick = (name) => module[name];
          export default module; ${members.join("\n")}`,
      };
    });
  },
};

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  // Identifiers stay: names in stacks and logs are true without keepNames, whose helper would run
  // for every closure that is made (30 % of an RPC call).
  minifySyntax: true,
  minifyWhitespace: true,
  charset: "ascii",
  legalComments: "none",
  logLevel: "warning",
  write: true,
  nodePaths: [join(root, "node_modules")],
  absWorkingDir: root,
};

mkdirSync(dist, { recursive: true });
try {
  copyHtmlRewriter();
  await buildEncodings();
  await buildHttpClient();
  await buildRuntime();
  await build({
    ...common,
    entryPoints: [join(dist, "runtime/thread-boot.js")],
    outfile: join(dist, "thread-boot.cjs"),
  });
  await build({
    ...common,
    format: "esm",
    entryPoints: [join(dist, "resources/storage-thread.js")],
    outfile: join(dist, "storage-thread.js"),
  });
  await build({
    ...common,
    format: "esm",
    entryPoints: [join(dist, "resources/d1/statement-process.js")],
    outfile: join(dist, "statement-process.js"),
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Read by src/web/html-rewriter/engine.ts, with a thread's first HTMLRewriter. */
function copyHtmlRewriter() {
  const target = join(dist, "html-rewriter");
  const source = join(root, "node_modules/html-rewriter-wasm/dist");
  mkdirSync(target, { recursive: true });
  const file = "html_rewriter_bg.wasm";
  copyFileSync(join(source, file), join(target, file));
}

/** What src/web/encoding/legacy-tables.ts reads: a function of the globals that the package names. */
async function buildEncodings() {
  writeFileSync(join(work, "node-buffer.js"), "export const isAscii = globalThis.isAscii;");
  const entry = `export { normalizeEncoding } from "@exodus/bytes/encoding-lite.js";
    export { isMultibyte } from "./node_modules/@exodus/bytes/fallback/encoding.js";
    export { createSinglebyteDecoder } from "@exodus/bytes/single-byte.js";
    export { createMultibyteDecoder } from "@exodus/bytes/multi-byte.js";`;
  await build({
    ...common,
    format: "iife",
    globalName: "encodings",
    stdin: { contents: entry, resolveDir: root },
    outfile: join(dist, "encodings.cjs"),
    alias: { "node:buffer": join(work, "node-buffer.js") },
    banner: {
      js: `(function (globalThis) {"use strict";const { Buffer, TextDecoder, TextEncoder } = globalThis;`,
    },
    footer: { js: "return encodings})" },
  });
}

/** What src/host/outbound/request.ts uses of undici: a fifth of the time of loading all of it. */
async function buildHttpClient() {
  await build({
    ...common,
    stdin: {
      contents: `const { Agent, request } = require("undici"); module.exports = { Agent, request };`,
      resolveDir: root,
    },
    outfile: join(dist, "http-client.cjs"),
  });
}

async function buildRuntime() {
  const { code, sizes } = await buildWithLateGroups({
    dist,
    groups: LATE_GROUPS,
    options: {
      ...common,
      entryPoints: [join(dist, "runtime/entry.js")],
      inject: writeGlobals(),
      plugins: [captureNode],
      // esbuild's own code for import() names Promise too.
      // Strict: what it calls must not show its callers (`arguments.callee.caller`) to user code.
      banner: {
        js: `(function (require, __dirname) {"use strict";const Promise = globalThis.Promise, __apply = Reflect.apply, __file = __dirname + "/runtime.cjs";`,
      },
      // What a package of native code is looked up from (src/storage/sqlite/engines.ts).
      define: { "import.meta.url": "__file" },
      footer: { js: "})" },
    },
  });
  writeFileSync(join(dist, "runtime.cjs"), code);
  if (process.env.LATE_REPORT) console.log(sizes);
  // A bundle that does not even parse must not reach a thread.
  new Script(readFileSync(join(dist, "runtime.cjs"), "utf8"));
}
