/** Codes that probes load, and ways to load them. */
export const DATE = "2026-06-01";
/** Of the new module registry. */
export const NEW_DATE = "2026-11-24";

/** A code of one module. */
export const code = (main, more = {}) => ({
  compatibilityDate: DATE,
  mainModule: "m.js",
  modules: { "m.js": main },
  ...more,
});

/** A code of these modules. */
export const M = (modules, more) => ({
  compatibilityDate: DATE,
  mainModule: "m.js",
  modules,
  ...more,
});

export const HELLO = `export default { fetch(r) { return new Response("hello " + new URL(r.url).pathname); }, async add(x) { return 1; } }`;
export const ECHO = `import { WorkerEntrypoint } from "cloudflare:workers"; import {RpcTarget} from "cloudflare:workers";
let n = 0;
export default class extends WorkerEntrypoint { fetch(r) { return new Response("cls"); } count() { return ++n; } show() { return { env: Object.keys(this.env), props: this.ctx.props, exp: Object.keys(this.ctx.exports ?? {}) }; } async out(u) { const r = await fetch(u); return r.status + " " + await r.text(); } boom() { throw new RangeError("boom"); } fn() { return (x) => x + 1; } envv() { return this.env; } 
 async cb(f) { return await f(3); } }
export class Other extends WorkerEntrypoint { hi() { return "hi " + JSON.stringify(this.ctx.props); } }
export const obj = { fetch() { return new Response("obj"); } };
`;

export const echo = (env, more) => env.LOADER.load(code(ECHO, more));
/** What the default entrypoint of a code answers to a request. */
export const answerOf = async (env, given) =>
  (
    await env.LOADER.get(null, () => given)
      .getEntrypoint()
      .fetch("http://x/")
  ).text();
export const outb = (env, main, more) => answerOf(env, code(main, more));

let lastId = 0;
export const fresh = () => `id${++lastId}`;

/** What `f` throws at once. */
export const sync = (f) => {
  try {
    f();
    return "no throw";
  } catch (error) {
    return `sync ${error.name}: ${error.message}`;
  }
};

/** What others were told. */
export const noted = [];
