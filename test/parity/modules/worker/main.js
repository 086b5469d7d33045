/* Modules as files of their own (`no_bundle`): each probe says what one import or require gives. */

import * as textNamespace from "note.txt";
import data from "./bytes.bin";
import wasm from "./empty.wasm";
import { sibling } from "./lib/deep.js";
import text from "./note.txt";
import * as cjsNamespace from "./plain.cjs";
import requires from "./requires.cjs";

const meta = import.meta;
const scopeThis = typeof this;

const PROBES = {
  "values of text, data, wasm": () => [
    text,
    Object.prototype.toString.call(data),
    [...new Uint8Array(data)],
    wasm instanceof WebAssembly.Module,
    Object.keys(textNamespace),
  ],
  "same instances": async () => [
    (await import("./bytes.bin")).default === data,
    (await import("./empty.wasm")).default === wasm,
    (await import("./plain.cjs")).default === cjsNamespace.default,
    requires("./bytes.bin") === data,
  ],
  "namespace of CommonJS": () => [Object.keys(cjsNamespace), keys(cjsNamespace.default)],
  "CommonJS with __esModule": async () => shape(await import("./es-module.cjs")),
  "CommonJS primitive": async () => shape(await import("./primitive.cjs")),
  "CommonJS exports replaced": async () => shape(await import("./replaced.cjs")),
  "CommonJS nothing": async () => shape(await import("./nothing.cjs")),
  "CommonJS scope": () => cjsNamespace.default.scope,
  "CommonJS scope in a folder": async () => (await import("./lib/inner.cjs")).default,
  "this of a module": () => scopeThis,
  "import.meta": () => [typeof meta, Object.getPrototypeOf(meta), describe(meta)],
  "import.meta of others": async () => [
    describe((await import("./meta.js")).meta),
    describe((await import("./lib/meta.js")).meta),
  ],
  "import.meta.resolve": () =>
    ["./x.js", "x.js", "../x.js", "/x.js", "node:fs", "http://a/b", "", "./plain.cjs", "%zz"].map(
      (name) => outcome(() => meta.resolve(name)),
    ),
  "import.meta.resolve in a folder": async () => {
    const { meta } = await import("./lib/meta.js");
    return ["./x.js", "../x.js", "x.js"].map((name) => outcome(() => meta.resolve(name)));
  },
  "import.meta.resolve without argument": () => outcome(() => meta.resolve()),
  "import.meta can be changed": () => {
    meta.own = 1;
    const before = meta.url;
    meta.url = "other";
    const answer = [meta.own, meta.url === before];
    delete meta.own;
    meta.url = before;
    return answer;
  },
  "names from a folder": () => sibling(),
  "TLA by microtasks": async () => shape(await import("./tla.mjs")),
  "a module is evaluated once": async () => {
    const [first, second] = [await import("./counted.js"), await import("./counted.js")];
    return [first === second, globalThis.counted];
  },
  "a module that throws": async () => [
    await outcome(() => import("./throws.js")),
    await outcome(() => import("./throws.js")),
    globalThis.threw,
  ],
  "cycles of modules": async () => (await import("./cycle-a.js")).result(),
  "cycles of CommonJS": async () => (await import("./cycle-a.cjs")).default,
  "import in CommonJS": async () => {
    const { load } = (await import("./importing.cjs")).default;
    return [shape(await load("./plain.cjs")), await outcome(() => load("./nope.js"))];
  },
  "import.meta in CommonJS": () => outcome(() => import("./bad-meta.cjs")),
  "an export in CommonJS": () => outcome(() => import("./bad-export.cjs")),
  "CommonJS that throws": async () => [
    await outcome(() => import("./throwing.cjs")),
    await outcome(() => import("./throwing.cjs")),
    outcome(() => requires("./throwing.cjs")),
    outcome(() => requires("./throwing.cjs")),
  ],
  "named import of CommonJS": () => outcome(() => import("./named-cjs.js")),
  "named import of text": () => outcome(() => import("./named-text.js")),
  "missing export": () => outcome(() => import("./missing-export.js")),
  "missing import inside": () => outcome(() => import("./missing-inside.js")),
  "missing import inside a folder": () => outcome(() => import("./lib/missing-inside.js")),
  "timers in a module": () => outcome(() => import("./timer.js")),
  "timers in CommonJS": () => outcome(() => import("./timer.cjs")),
  "timers in required CommonJS": () => outcome(() => requires("./timer-2.cjs")),
  "time in required CommonJS": () => requires("./time.cjs"),
  "pending TLA": () => outcome(() => import("./tla-pending.mjs"), true),
  "source phase import": () => outcome(async () => shape(await import("./source-wasm.js"))),
  "source phase import of text": () => outcome(() => import("./source-text.js")),
  "source phase import of a module": () => outcome(() => import("./source-esm.js")),
  "dynamic source phase import": () => outcome(() => import("./source-dynamic.js")),
};

for (const name of [
  "./nope.js",
  "nope",
  "nope.js",
  "../nope.js",
  "/nope.js",
  "./lib/",
  "./lib",
  "",
  ".",
  "./plain",
  "./counted.js?x",
  "./counted.js#x",
  "./Counted.js",
  "counted.js",
  "/counted.js",
  "../counted.js",
  "file:///counted.js",
  "file:///bundle/counted.js",
  "main.js",
  "./main.js",
  "lib/deep.js",
  "./lib/../counted.js",
  "./count%65d.js",
  "http://example.com/a.js",
  "https://example.com/a.js?b=c",
  "//example.com/a.js",
  "data:text/javascript,export default 1",
  "blob:x",
  "node:nope",
  "node:path",
  "path",
  "cloudflare:nope",
  "cloudflare:sockets",
  "cloudflare-internal:env",
  "workerd:unsafe",
  "internal:x",
  "npm:x",
  "%zz",
  "a b",
  "ü.js",
]) {
  PROBES[`import ${name}`] = () => outcome(async () => shape(await import(name)));
}
PROBES["import 5"] = () => outcome(() => import(5));
PROBES["import undefined"] = () => outcome(() => import(undefined));
PROBES["import symbol"] = () => outcome(() => import(Symbol("s")));

for (const name of [
  "plain.cjs",
  "./plain.cjs",
  "./plain",
  "plain",
  "/plain.cjs",
  "../plain.cjs",
  "lib/inner.cjs",
  "./lib",
  "nope",
  "./nope",
  "../nope",
  "/nope",
  "",
  "./note.txt",
  "note.txt",
  "./bytes.bin",
  "./empty.wasm",
  "./with-default.js",
  "./without-default.js",
  "./default-primitive.js",
  "./tla.mjs",
  "./tla-pending-2.mjs",
  "./throws-2.js",
  "./bad-syntax.cjs",
  "./es-module.cjs",
  "./primitive.cjs",
  "./nothing.cjs",
  "path",
  "node:path",
  "node:nope",
  "cloudflare:workers",
  "cloudflare:nope",
  "http://example.com/a.js",
  "file:///plain.cjs",
  "file:///bundle/plain.cjs",
  "./plain.cjs?x",
]) {
  PROBES[`require ${name}`] = () => outcome(() => shape(requires(name)));
}
PROBES["require from a folder"] = async () => {
  const { load } = (await import("./lib/loads.cjs")).default;
  return ["./inner.cjs", "../plain.cjs", "inner.cjs", "plain.cjs", "lib/inner.cjs", "../nope"].map(
    (name) => outcome(() => shape(load(name))),
  );
};
PROBES["require without name"] = () => outcome(() => requires());
PROBES["require 5"] = () => outcome(() => requires(5));

const ATTRIBUTES = {
  "no attributes": {},
  json: { type: "json" },
  text: { type: "text" },
  bytes: { type: "bytes" },
  css: { type: "css" },
  "another key": { foo: "bar" },
  "type and another key": { type: "json", foo: "bar" },
};
for (const [name, attributes] of Object.entries(ATTRIBUTES)) {
  for (const file of ["./note.txt", "./with-default.js", "./attr-nope.js"]) {
    PROBES[`attributes: ${name} of ${file}`] = () =>
      outcome(async () => shape(await import(file, { with: attributes })));
  }
}
PROBES["attributes: not an object"] = () => outcome(() => import("./note.txt", { with: 5 }));
PROBES["attributes: not a string"] = () =>
  outcome(() => import("./note.txt", { with: { type: 5 } }));
PROBES["attributes: options without with"] = () =>
  outcome(async () => shape(await import("./note.txt", { assert: { type: "json" } })));
for (const name of ["json", "text", "other"]) {
  PROBES[`static attributes: ${name}`] = () =>
    outcome(async () => shape(await import(`./attr-${name}.js`)));
}

/** What a value is, as JSON. */
function shape(value) {
  if (value === undefined) return "undefined";
  if (typeof value === "string") return value;
  if (value instanceof WebAssembly.Module) return "WebAssembly.Module";
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return value;
  const kind = Object.prototype.toString.call(value);
  const names = Object.keys(value);
  if (names.length > 8) return `${kind} of many`;
  const entries = names.map((name) => [name, shape(value[name])]);
  return { kind, ...Object.fromEntries(entries) };
}

function keys(value) {
  return Object.keys(value);
}

function describe(object) {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, descriptor]) => [
      name,
      [
        typeof descriptor.value === "function"
          ? `function ${descriptor.value.length}`
          : descriptor.value,
        `${descriptor.writable} ${descriptor.enumerable} ${descriptor.configurable}`,
      ],
    ]),
  );
}

/** The value, or what was thrown; async only where the value is a promise. */
function outcome(run, isSlow = false) {
  const failed = (error) => ({
    error: `${error?.constructor?.name}: ${error?.message ?? String(error)}`,
  });
  try {
    const value = run();
    if (!(value instanceof Promise)) return value;
    const settled = value.then((result) => ({ resolves: shape(result) }), failed);
    if (!isSlow) return settled;
    const late = new Promise((resolve) => setTimeout(resolve, 4000, "pending"));
    return Promise.race([settled, late]);
  } catch (error) {
    return { throws: failed(error).error };
  }
}

export default {
  async fetch(request) {
    const name = new URL(request.url).searchParams.get("p");
    if (name === null) return Response.json(Object.keys(PROBES));
    try {
      return Response.json((await PROBES[name]()) ?? null);
    } catch (error) {
      return Response.json({ failed: `${error.name}: ${error.message}` });
    }
  },
};
