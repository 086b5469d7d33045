/**
 * Small Workers of modules that are files of their own, most of which do not start. By name: the
 * contents of each file; the first is the entry.
 */
const HELLO = "export default { fetch: () => new Response(String(seen)) };\n";

/** Of no module in particular: "\0asm" and a version. */
const WASM = "\0asm\x01\0\0\0";

export const STARTS = {
  "missing module": { "main.js": `import "./nope.js"; const seen = 1; ${HELLO}` },
  "missing bare name": { "main.js": `import "nope"; const seen = 1; ${HELLO}` },
  "missing above": { "main.js": `import "../nope.js"; const seen = 1; ${HELLO}` },
  "missing in a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import "./b.js";`,
  },
  "missing above a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import "../../b.js";`,
  },
  "missing bare name in a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import "main.js";`,
  },
  "a name of Node in a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import "node:nope";`,
  },
  "a URL": { "main.js": `import "http://example.com/a.js"; const seen = 1; ${HELLO}` },
  "a URL in a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import "https://example.com/a.js";`,
  },
  "a data URL": { "main.js": `import "data:text/javascript,1"; const seen = 1; ${HELLO}` },
  "an unknown module of Node": { "main.js": `import "node:nope"; const seen = 1; ${HELLO}` },
  "an unknown module of Cloudflare": {
    "main.js": `import "cloudflare:nope"; const seen = 1; ${HELLO}`,
  },
  "an internal module": {
    "main.js": `import "cloudflare-internal:env"; const seen = 1; ${HELLO}`,
  },
  "a query": {
    "main.js": `import { a } from "./a.js?one"; import { a as b } from "./a.js"; const seen = [a === b, globalThis.times, a.url, b.url]; ${HELLO}`,
    "a.js": "globalThis.times = (globalThis.times ?? 0) + 1; export const a = import.meta;",
  },
  "a missing export": {
    "main.js": `import { nope } from "./a.js"; const seen = nope; ${HELLO}`,
    "a.js": "export const a = 1;",
  },
  "a named export of CommonJS": {
    "main.js": `import { a } from "./a.cjs"; const seen = a; ${HELLO}`,
    "a.cjs": "exports.a = 1;",
  },
  "a throw": { "main.js": `const seen = 1; ${HELLO} throw new RangeError("at its top");` },
  "a throw in another module": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `throw new RangeError("at its top");`,
  },
  "a throw in CommonJS": {
    "main.js": `import "./a.cjs"; const seen = 1; ${HELLO}`,
    "a.cjs": `throw new RangeError("at its top");`,
  },
  "a throw of a string": { "main.js": `const seen = 1; ${HELLO} throw "a string";` },
  "a missing require": {
    "main.js": `import "./lib/a.cjs"; const seen = 1; ${HELLO}`,
    "lib/a.cjs": `require("./nope");`,
  },
  "a require above the root": {
    "main.js": `import "./a.cjs"; const seen = 1; ${HELLO}`,
    "a.cjs": `require("../nope");`,
  },
  "a require of a module": {
    "main.js": `import seen from "./a.cjs"; ${HELLO}`,
    "a.cjs": `module.exports = JSON.stringify(require("./b.js"));`,
    "b.js": `export default "default"; export const named = 1;`,
  },
  "a require of JSON": {
    "main.js": `import seen from "./a.cjs"; ${HELLO}`,
    "a.cjs": `module.exports = JSON.stringify(require("./b.json"));`,
    "b.json": `{ "b": 1 }`,
  },
  "a require of a pending module": {
    "main.js": `import seen from "./a.cjs"; ${HELLO}`,
    "a.cjs": `module.exports = JSON.stringify(require("./b.mjs"));`,
    "b.mjs": "export default await new Promise(() => {});",
  },
  "a require of a module that imports a waiting one": {
    "main.js": `import seen from "./a.cjs"; ${HELLO}`,
    "a.cjs": `module.exports = JSON.stringify(require("./b.mjs"));`,
    "b.mjs": `import c from "./c.mjs"; export default c;`,
    "c.mjs": "export default await 1;",
  },
  "a require of the module that imports it": {
    "main.js": `import seen from "./a.cjs"; ${HELLO}`,
    "a.cjs": `module.exports = typeof require("./main.js");`,
  },
  "top-level await": { "main.js": `const seen = await Promise.resolve("waited"); ${HELLO}` },
  "top-level await without end": {
    "main.js": `const seen = await new Promise(() => {}); ${HELLO}`,
  },
  "top-level await without end in another module": {
    "main.js": `import seen from "./lib/a.js"; ${HELLO}`,
    "lib/a.js": "export default await new Promise(() => {});",
  },
  "top-level await of fetch": {
    "main.js": `const seen = await fetch("http://127.0.0.1:9/"); ${HELLO}`,
  },
  "top-level await of an import": {
    "main.js": `const { seen } = await import("./a.js"); ${HELLO}`,
    "a.js": `export const seen = "imported";`,
  },
  "top-level await of a missing import": {
    "main.js": `const seen = await import("./nope.js").catch(String); ${HELLO}`,
  },
  "top-level await that rejects": {
    "main.js": `const seen = await Promise.reject(new RangeError("rejected")); ${HELLO}`,
  },
  "a rejection that nobody handles": {
    "main.js": `const seen = 1; Promise.reject(new Error("unseen")); ${HELLO}`,
  },
  "a syntax error": { "main.js": `const seen = 1;\nlet let;\n${HELLO}` },
  "a syntax error in another module": {
    "main.js": `import "./a.js"; const seen = 1; ${HELLO}`,
    "a.js": "\n  let let;",
  },
  "a syntax error that nobody imports": {
    "main.js": `const seen = 1; ${HELLO}`,
    "a.js": "let let;",
  },
  "a syntax error in CommonJS that nobody requires": {
    "main.js": `const seen = 1; ${HELLO}`,
    "a.cjs": "let let;",
  },
  "a missing module that nobody imports": {
    "main.js": `const seen = 1; ${HELLO}`,
    "a.js": `import "./nope.js";`,
  },
  "a throw that nobody imports": { "main.js": `const seen = 1; ${HELLO}`, "a.js": "throw 1;" },
  "broken WebAssembly": {
    "main.js": `import "./a.wasm"; const seen = 1; ${HELLO}`,
    "a.wasm": "no wasm",
  },
  "broken WebAssembly that nobody imports": {
    "main.js": `const seen = 1; ${HELLO}`,
    "a.wasm": "no wasm",
  },
  "empty WebAssembly": { "main.js": `import "./a.wasm"; const seen = 1; ${HELLO}`, "a.wasm": "" },
  "broken JSON": {
    "main.js": `import "./a.json"; const seen = 1; ${HELLO}`,
    "a.json": "{ no: json }",
  },
  "broken JSON that nobody imports": {
    "main.js": `const seen = 1; ${HELLO}`,
    "a.json": "{ no: json }",
  },
  JSON: {
    "main.js": `import value, * as all from "./a.json"; const seen = JSON.stringify([value, Object.keys(all)]); ${HELLO}`,
    "a.json": `{ "a": [1, null, "x"] }`,
  },
  "JSON with its attribute": {
    "main.js": `import value from "./a.json" with { type: "json" }; const seen = JSON.stringify(value); ${HELLO}`,
    "a.json": `{ "a": [1, null, "x"] }`,
  },
  "text with the attribute of JSON": {
    "main.js": `import seen from "./a.txt" with { type: "json" }; ${HELLO}`,
    "a.txt": "text",
  },
  "text with its attribute": {
    "main.js": `import seen from "./a.txt" with { type: "text" }; ${HELLO}`,
    "a.txt": "text",
  },
  "an unknown attribute": {
    "main.js": `import seen from "./a.txt" with { foo: "bar" }; ${HELLO}`,
    "a.txt": "text",
  },
  "an attribute of a missing module": {
    "main.js": `import seen from "./nope.txt" with { foo: "bar" }; ${HELLO}`,
  },
  "an attribute in a re-export": {
    "main.js": `export { default as x } from "./a.js" with { type: "json" }; const seen = 1; ${HELLO}`,
    "a.js": "export default class {}",
  },
  "source phase import": {
    "main.js": `import source wasm from "./a.wasm"; const seen = wasm instanceof WebAssembly.Module; ${HELLO}`,
    "a.wasm": WASM,
  },
  "source phase import of text": {
    "main.js": `import source seen from "./a.txt"; ${HELLO}`,
    "a.txt": "text",
  },
  "source phase import of a module in a folder": {
    "main.js": `import "./lib/a.js"; const seen = 1; ${HELLO}`,
    "lib/a.js": `import source b from "./b.js"; export { b };`,
    "lib/b.js": "",
  },
  "source phase import of a missing module": {
    "main.js": `import source seen from "./a.wasm"; ${HELLO}`,
  },
  "source phase import without a name": {
    "main.js": `import source from "./a.js"; const seen = source; ${HELLO}`,
    "a.js": `export default "a binding called source";`,
  },
  "dynamic source phase import": {
    "main.js": `const seen = await import.source("./a.wasm").then((module) => module instanceof WebAssembly.Module, String); ${HELLO}`,
    "a.wasm": WASM,
  },
  "dynamic source phase import of text": {
    "main.js": `const seen = await import.source("./a.txt").then((module) => typeof module, String); ${HELLO}`,
    "a.txt": "text",
  },
  "dynamic source phase import of a missing module": {
    "main.js": `const seen = await import.source("./a.wasm").then((module) => typeof module, String); ${HELLO}`,
  },
  "text in UTF-8": {
    "main.js": `import text from "./a.txt"; const seen = JSON.stringify([text.length, text]); ${HELLO}`,
    "a.txt": "\ufeffä€😀",
  },
  "an entry that is CommonJS": {
    "main.cjs": "module.exports = { default: { fetch: () => new Response('x') } };",
  },
  "an export that is a number": { "main.js": `const seen = 1; export const a = 1; ${HELLO}` },
  "an export that is null": { "main.js": `const seen = 1; export const a = null; ${HELLO}` },
  "an export that is undefined": { "main.js": `const seen = 1; export let a; ${HELLO}` },
  "a default export that is a string": { "main.js": `export default "text";` },
};
