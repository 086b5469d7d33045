/** Modules: kinds, names and paths. */
import { answerOf, code, DATE, ECHO, fresh, HELLO, M, NEW_DATE } from "./tools.js";

const imp = (spec) =>
  `{ let r; try { r = (await import(${JSON.stringify(spec)})).default } catch (e) { r = e.message } out.push(${JSON.stringify(spec)} + " = " + r); }`;
const specs = [
  "./u.js",
  "../u2.js",
  "u2.js",
  "src/u.js",
  "/u2.js",
  "/src/u.js",
  "u.js",
  "./lib/deep.js",
  "lib/deep.js",
  "./../src/u.js",
  "./u.js?x",
  "file:///bundle/u2.js",
  "file:///src/u.js",
];
const mods = {
  "src/m.js": `export default { async fetch() { const out = []; ${specs.map(imp).join("\n")} return Response.json(out) } }`,
  "src/u.js": "export default 'src/u'",
  "u2.js": "export default 'u2'",
  "src/lib/deep.js": `import x from '../u.js'; export default 'deep ' + x`,
  "lib/deep.js": "export default 'rootdeep'",
  "./dot.js": "export default 'dot'",
};

export const MODULES = {
  "syntax error twice same id": async ({ env }) => {
    let n = 0;
    const id = fresh();
    const f = () => {
      n++;
      return n < 2 ? code("export default {") : code(ECHO);
    };
    const out = [];
    for (let i = 0; i < 3; i++)
      try {
        out.push(await env.LOADER.get(id, f).getEntrypoint().count());
      } catch (e) {
        out.push(e.message);
      }
    return [out, n];
  },
  "modules empty": ({ env }) => answerOf(env, M({})),
  "modules 5": ({ env }) => answerOf(env, M(5)),
  "modules null": ({ env }) => answerOf(env, M(null)),
  "main missing": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "z.js", modules: { "m.js": HELLO } }),
  "main 5": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: 5, modules: { "m.js": HELLO } }),
  "module name m": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "m", modules: { m: HELLO } }),
  "module name mjs": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "m.mjs", modules: { "m.mjs": HELLO } }),
  "module name ts": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "m.ts", modules: { "m.ts": HELLO } }),
  "module js obj no ext": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "m", modules: { m: { js: HELLO } } }),
  "module two keys": ({ env }) => answerOf(env, M({ "m.js": { js: HELLO, text: "x" } })),
  "module no keys": ({ env }) => answerOf(env, M({ "m.js": {} })),
  "module unknown key": ({ env }) => answerOf(env, M({ "m.js": { foo: "x" } })),
  "module null": ({ env }) => answerOf(env, M({ "m.js": null })),
  "module 5": ({ env }) => answerOf(env, M({ "m.js": 5 })),
  "module js 5": ({ env }) => answerOf(env, M({ "m.js": { js: 5 } })),
  "module data str": ({ env }) => answerOf(env, M({ "m.js": HELLO, d: { data: "str" } })),
  "module wasm bad": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js": "import w from './w.wasm'; export default {}",
        "w.wasm": { wasm: new Uint8Array([1, 2]).buffer },
      }),
    ),
  "module wasm": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import w from './w.wasm'; export default {fetch() { return new Response(String(w) + (w instanceof WebAssembly.Module)) }}",
        "w.wasm": { wasm: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) },
      }),
    ),
  "module wasm unused bad": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO, "w.wasm": { wasm: new Uint8Array([1, 2]).buffer } })),
  "module all kinds": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import t from './t.txt'; import d from 'd'; import j from './j.json'; import c from './c.cjs'; import e, {x} from './lib/e.js'; import {y} from 'b.js'; export default {async fetch() { return new Response(JSON.stringify([t, String(d), d.byteLength, j, c, e, x, y, (await import('./dyn.js')).z, import.meta.url])) }}",
        "t.txt": { text: "txt" },
        d: { data: new Uint8Array([1, 2, 3]) },
        "j.json": { json: { a: [1] } },
        "c.cjs": { cjs: "module.exports = {n: 1, t: require('t.txt'), v: require('./v.js')}" },
        "lib/e.js": "import { y } from '../b.js'; export default y; export const x = 5",
        "b.js": "export const y = 6",
        "dyn.js": { js: "export const z = 7" },
        "v.js": { cjs: "exports.q = 2" },
      }),
    ),
  "module json str": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import j from './j.json'; export default {async fetch() { return new Response(JSON.stringify(j)) }}",
        "j.json": { json: '{"a":1}' },
      }),
    ),
  "module json fn": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import j from './j.json'; export default {async fetch() { return new Response(JSON.stringify(j)) }}",
        "j.json": { json: () => 1 },
      }),
    ),
  "module json undefined": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO, "j.json": { json: undefined } })),
  "module cjs main": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": { cjs: "module.exports = { fetch() { return new Response('cjs') } }" } }),
    ),
  "module text main": ({ env }) => answerOf(env, M({ "m.js": { text: "x" } })),
  "module json main": ({ env }) => answerOf(env, M({ "m.js": { json: {} } })),
  "module py": ({ env }) =>
    answerOf(env, { compatibilityDate: DATE, mainModule: "m.py", modules: { "m.py": "x = 1" } }),
  "module py obj": ({ env }) => answerOf(env, M({ "m.js": HELLO, p: { py: "x = 1" } })),
  "dyn import missing": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "export default { async fetch() { try { await import('./q.js') } catch (e) { return new Response(e.name + e.message) } } }",
      }),
    ),
  "weird module name": ({ env }) =>
    answerOf(env, {
      compatibilityDate: DATE,
      mainModule: "a b/../é.js",
      modules: {
        "a b/../é.js":
          "import x from './z.js'; export default { fetch() { return new Response(x + import.meta.url) } }",
        "z.js": "export default 'z'",
        "a b/z.js": "export default 'abz'",
      },
    }),
  "absolute module name": ({ env }) =>
    answerOf(env, {
      compatibilityDate: DATE,
      mainModule: "/m.js",
      modules: {
        "/m.js":
          "import x from '/z.js'; export default { fetch() { return new Response(x + import.meta.url) } }",
        "/z.js": "export default 'z'",
      },
    }),
  stack: ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import { f } from './o.js'; export default { fetch() { return new Response(f().stack) } }",
        "o.js": "export function f() {\n  return new Error('here') }",
      }),
    ),
  eval: ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "export default { fetch() { try { return new Response(String(eval('1+1'))) } catch (e) { return new Response(e.name + e.message) } } }",
      }),
    ),
  "new date missing": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "import './nope.js'; export default {}" }, { compatibilityDate: NEW_DATE }),
    ),
  "new date bare": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "import 'lodash'; export default {}" }, { compatibilityDate: NEW_DATE }),
    ),
  "new date stack": ({ env }) =>
    answerOf(
      env,
      M(
        {
          "m.js":
            "import { f } from './o.js'; export default { fetch() { return new Response(f().stack + import.meta.url + import.meta.main) } }",
          "o.js": "export function f() {\n  return new Error('here') }",
        },
        { compatibilityDate: NEW_DATE },
      ),
    ),
  "new date throw": ({ env }) =>
    answerOf(
      env,
      M(
        { "m.js": "throw new RangeError('x'); export default {}" },
        { compatibilityDate: NEW_DATE },
      ),
    ),
  "new date syntax": ({ env }) =>
    answerOf(env, M({ "m.js": "export default {" }, { compatibilityDate: NEW_DATE })),
  "new date main": ({ env }) =>
    answerOf(env, M({ "o.js": "export default {}" }, { compatibilityDate: NEW_DATE })),
  "new date cjs main": ({ env }) =>
    answerOf(env, M({ "m.js": { cjs: "module.exports = {}" } }, { compatibilityDate: NEW_DATE })),
  "new date all kinds": ({ env }) =>
    answerOf(
      env,
      M(
        {
          "m.js":
            "import t from './t.txt'; import d from 'd'; import j from './j.json'; import c from './c.cjs'; import e, {x} from './lib/e.js'; import {y} from 'b.js'; export default {async fetch() { return new Response(JSON.stringify([t, String(d), d.byteLength, j, c, e, x, y, (await import('./dyn.js')).z, import.meta.url])) }}",
          "t.txt": { text: "txt" },
          d: { data: new Uint8Array([1, 2, 3]) },
          "j.json": { json: { a: [1] } },
          "c.cjs": { cjs: "module.exports = {n: 1, t: require('t.txt'), v: require('./v.js')}" },
          "lib/e.js": "import { y } from '../b.js'; export default y; export const x = 5",
          "b.js": "export const y = 6",
          "dyn.js": { js: "export const z = 7" },
          "v.js": { cjs: "exports.q = 2" },
        },
        { compatibilityDate: NEW_DATE },
      ),
    ),
  "new date dyn missing": ({ env }) =>
    answerOf(
      env,
      M(
        {
          "m.js":
            "export default { async fetch() { try { await import('./q.js') } catch (e) { return new Response(e.name + e.message) } } }",
        },
        { compatibilityDate: NEW_DATE },
      ),
    ),
  "json in require": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js": "import c from './c.cjs'; export default { fetch() { return Response.json(c) } }",
        "c.cjs": { cjs: "module.exports = [require('./j.json'), require('b.js')]" },
        "j.json": { json: [1] },
        "b.js": "export const q = 1; export default 5",
      }),
    ),
  "json shared": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import j from './j.json'; export default { fetch() { j.a = 2; return Response.json(j) } }",
        "j.json": { json: { a: 1 } },
      }),
    ),
  "paths old": ({ env }) =>
    answerOf(env, { compatibilityDate: "2026-06-01", mainModule: "src/m.js", modules: mods }),
  "paths new": ({ env }) =>
    answerOf(env, { compatibilityDate: NEW_DATE, mainModule: "src/m.js", modules: mods }),
  "main with dot": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "./m.js",
      modules: { "m.js": HELLO },
    }),
  "module with dot": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "./m.js",
      modules: { "./m.js": HELLO },
    }),
  "module with dot 2": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "m.js",
      modules: { "./m.js": HELLO },
    }),
  "main with dot new": ({ env }) =>
    answerOf(env, {
      compatibilityDate: NEW_DATE,
      mainModule: "./m.js",
      modules: { "m.js": HELLO },
    }),
  "module with dot new": ({ env }) =>
    answerOf(env, {
      compatibilityDate: NEW_DATE,
      mainModule: "./m.js",
      modules: { "./m.js": HELLO },
    }),
  "absolute new": ({ env }) =>
    answerOf(env, {
      compatibilityDate: NEW_DATE,
      mainModule: "/m.js",
      modules: { "/m.js": HELLO },
    }),
};
