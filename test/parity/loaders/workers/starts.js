/** What keeps a code from starting. */
import { answerOf, code, HELLO, M } from "./tools.js";

export const STARTS = {
  "throwing fetch": async ({ env }) =>
    env.LOADER.load(code("export default {fetch() { throw new RangeError('fb'); }}"))
      .getEntrypoint()
      .fetch("http://x/"),
  "syntax error": ({ env }) => answerOf(env, M({ "m.js": "export default {" })),
  "syntax error other": ({ env }) =>
    answerOf(env, M({ "m.js": "import './o.js'; export default {}", "o.js": "let let;\n" })),
  "top throw": ({ env }) =>
    answerOf(env, M({ "m.js": "\n throw new RangeError('tb'); export default {}" })),
  "top throw string": ({ env }) => answerOf(env, M({ "m.js": "throw 'tb'; export default {}" })),
  "top reject": ({ env }) =>
    answerOf(env, M({ "m.js": "await Promise.reject(new Error('x')); export default {}" })),
  "top await forever": ({ env }) =>
    answerOf(env, M({ "m.js": "await new Promise(() => {}); export default {}" })),
  "top fetch": ({ env }) =>
    answerOf(env, M({ "m.js": "await fetch('http://x/'); export default {}" })),
  "import missing": ({ env }) =>
    answerOf(env, M({ "m.js": "import './nope.js'; export default {}" })),
  "import missing export": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "import {q} from './o.js'; export default {}", "o.js": "export const z = 1" }),
    ),
  "import node": ({ env }) =>
    answerOf(
      env,
      M(
        { "m.js": "import fs from 'node:fs'; export default {}" },
        { compatibilityDate: "2024-01-01" },
      ),
    ),
  "import bare": ({ env }) =>
    answerOf(env, M({ "m.js": "import fs from 'lodash'; export default {}" })),
  "export number": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "export const n = 5; export default {fetch() { return new Response('x')}}" }),
    ),
  "export default fn": ({ env }) =>
    answerOf(env, M({ "m.js": "export default function() { return new Response('x')}" })),
  "unused bad code": async ({ env }) => {
    env.LOADER.get(null, () => {
      throw new Error("unused");
    });
    await scheduler.wait(20);
    return "fine";
  },
  "cjs require missing": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "import './c.cjs'; export default {}", "c.cjs": { cjs: "require('nope')" } }),
    ),
  "cjs throws": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js": "import './c.cjs'; export default {}",
        "c.cjs": { cjs: "\nthrow new RangeError('in cjs')" },
      }),
    ),
  "cjs syntax": ({ env }) =>
    answerOf(
      env,
      M({ "m.js": "import './c.cjs'; export default {}", "c.cjs": { cjs: "let let" } }),
    ),
  "unused syntax": ({ env }) => answerOf(env, M({ "m.js": HELLO, "o.js": "let let" })),
  "unused cjs syntax": ({ env }) =>
    answerOf(env, M({ "m.js": HELLO, "o.cjs": { cjs: "let let" } })),
  "named from cjs": ({ env }) =>
    answerOf(
      env,
      M({
        "m.js":
          "import { n } from './c.cjs'; export default { fetch() { return new Response(String(n)) } }",
        "c.cjs": { cjs: "exports.n = 3" },
      }),
    ),
  "static missing deep": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "src/m.js",
      modules: {
        "src/m.js": "import './lib/e.js'; export default {}",
        "src/lib/e.js": "import '../nope/q.js'",
      },
    }),
  "throw in function": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "m.js",
      modules: {
        "m.js": "import { f } from './o.js'; f(); export default {}",
        "o.js": "export function f() { null.x }",
      },
    }),
  "throw custom class": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "m.js",
      modules: {
        "m.js": "class E extends Error { name = 'Mine' }; throw new E('q'); export default {}",
      },
    }),
  "throw object": ({ env }) =>
    answerOf(env, {
      compatibilityDate: "2026-06-01",
      mainModule: "m.js",
      modules: { "m.js": "throw {a: 1}; export default {}" },
    }),
};
