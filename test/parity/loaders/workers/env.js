/** What an `env` may hold. */
import { RpcStub, RpcTarget } from "cloudflare:workers";
import { code, HELLO, outb } from "./tools.js";

const envOf = async (env, given) => {
  const e = await env.LOADER.load(
    code(
      `import { env as g } from "cloudflare:workers";
export default { async fetch(r, env) { const out = {}; for (const [k, v] of Object.entries(env)) { out[k] = v?.constructor?.name + ":" + typeof v + ":" + (typeof v === "string" || typeof v === "number" ? v : ""); } return Response.json([out, g === env, Object.keys(g)]); } }`,
      { env: given },
    ),
  )
    .getEntrypoint()
    .fetch("http://x/");
  return e.json();
};

export const ENV = {
  "env values": ({ env }) =>
    envOf(env, {
      s: "x",
      n: 1,
      b: true,
      u: undefined,
      z: null,
      d: new Date(0),
      m: new Map(),
      a: [1],
      o: { x: 1 },
      ab: new ArrayBuffer(1),
      u8: new Uint8Array(2),
      e: new RangeError("x"),
      re: /x/,
      big: 1n,
    }),
  "env undefined": ({ env }) => envOf(env, undefined),
  "env null": ({ env }) => envOf(env, null),
  "env 5": ({ env }) => envOf(env, 5),
  "env array": ({ env }) => envOf(env, [1]),
  "env service": ({ env }) => envOf(env, { s: env.SELF }),
  "env loopback": ({ env, ctx }) =>
    envOf(env, { s: ctx.exports.Cap({ props: { greeting: "hey" } }), t: ctx.exports.Cap }),
  "env nested service": ({ env }) => envOf(env, { o: { s: env.SELF } }),
  "env kv": ({ env }) => envOf(env, { kv: env.KV }),
  "env r2": ({ env }) => envOf(env, { r: env.R2 }),
  "env d1": ({ env }) => envOf(env, { r: env.DB }),
  "env queue": ({ env }) => envOf(env, { r: env.Q }),
  "env loader": ({ env }) => envOf(env, { r: env.LOADER }),
  "env dynamic entry": ({ env }) => envOf(env, { r: env.LOADER.load(code(HELLO)).getEntrypoint() }),
  "env fn": ({ env }) => envOf(env, { r() {} }),
  "env rpctarget": ({ env }) => envOf(env, { r: new RpcTarget() }),
  "env rpcstub": ({ env }) => envOf(env, { r: new RpcStub({ a() {} }) }),
  "env request": ({ env }) => envOf(env, { r: new Request("http://x/") }),
  "env stream": ({ env }) => envOf(env, { r: new ReadableStream() }),
  "env class": ({ env }) =>
    envOf(env, {
      r: new (class A {
        x = 1;
      })(),
    }),
  "env symbol": ({ env }) => envOf(env, { r: Symbol("q") }),
  "env call service": async ({ env, ctx }) => {
    const r = await env.LOADER.load(
      code(
        `export default { async fetch(r, env) { return new Response(await env.S.hi("a") + "|" + await env.C.say("b") + "|" + await (await env.C.fetch("http://y/")).text()) } }`,
        { env: { S: env.SELF, C: ctx.exports.Cap({ props: { greeting: "hey" } }) } },
      ),
    )
      .getEntrypoint()
      .fetch("http://x/");
    return r.text();
  },
  "env is a copy": async ({ env }) => {
    const o = { list: [1] };
    const s = env.LOADER.load(
      code(`export default { fetch(r, env) { return Response.json(env.o) } }`, { env: { o } }),
    );
    o.list.push(2);
    return (await s.getEntrypoint().fetch("http://x/")).json();
  },
  "code env error sync?": ({ env }) => {
    const _s = env.LOADER.load(code(HELLO, { env: { f() {} } }));
    return "no throw";
  },
  "env process.env": async ({ env }) =>
    (
      await env.LOADER.load(
        code(`export default { fetch(r, env) { return Response.json(process.env) } }`, {
          compatibilityFlags: ["nodejs_compat"],
          env: { A: "x", N: 5, O: { a: 1 } },
        }),
      )
        .getEntrypoint()
        .fetch("http://x/")
    ).json(),
  "own exports out": ({ env }) =>
    outb(
      env,
      `import { WorkerEntrypoint } from "cloudflare:workers"; export class E extends WorkerEntrypoint { hi() { return "hi" } } export default { async fetch(r, env, ctx) { const out = []; out.push(await ctx.exports.E.hi()); try { out.push(await env.S.hi(ctx.exports.E({ props: {} }))) } catch (e) { out.push(e.name + e.message) } try { structuredClone(ctx.exports.E({ props: {} })) } catch (e) { out.push(e.name + e.message) } return Response.json(out) } }`,
      { env: { S: env.SELF } },
    ),
  "rpc fn out": async ({ env, ctx }) =>
    env.LOADER.load(
      code(
        `import { WorkerEntrypoint, RpcTarget } from "cloudflare:workers"; class T extends RpcTarget { v() { return 5 } } export default class extends WorkerEntrypoint { async go() { return await this.env.S.take(new T()) } }`,
        { env: { S: ctx.exports.Taker({ props: {} }) } },
      ),
    )
      .getEntrypoint()
      .go(),
  "d1 over rpc": async ({ env }) => env.SELF.hi(env.DB),
  "d1 in env works": ({ env }) =>
    outb(
      env,
      `export default { async fetch(r, env) { return Response.json((await env.DB.prepare("select 1 as x").all()).results) } }`,
      { env: { DB: env.DB } },
    ),
  "env d1 nested": ({ env }) =>
    outb(
      env,
      `export default { async fetch(r, { o, m, a }) { const one = (db) => db.prepare("select 1 as x").first(); return Response.json([o.db.constructor.name, Object.keys(o.db), o.db === a[1], m.get("k") === a[1], await one(o.db), await one(m.get("k"))]) } }`,
      { env: { o: { db: env.DB }, m: new Map([["k", env.DB]]), a: [0, env.DB] } },
    ),
  "env d1 batch and error": ({ env }) =>
    outb(
      env,
      `export default { async fetch(r, { o: { db } }) { const out = (await db.batch([db.prepare("select ?1 as x").bind(4), db.prepare("select 2 as y")])).map((r) => r.results); try { await db.prepare("selec").all() } catch (e) { out.push([e.name, e.message, e.cause?.message, e.remote]) } return Response.json(out) } }`,
      { env: { o: { db: env.DB } } },
    ),
  "env d1 session": ({ env }) => envOf(env, { r: env.DB.withSession() }),
  "env d1 statement": ({ env }) => envOf(env, { r: env.DB.prepare("select 1") }),
  "env d1 heir": ({ env }) => envOf(env, { r: Object.create(env.DB) }),
  "env kv nested": ({ env }) => envOf(env, { o: { kv: env.KV } }),
  "d1 in props": ({ env }) =>
    env.LOADER.load(
      code(
        `import { WorkerEntrypoint } from "cloudflare:workers"; export default class extends WorkerEntrypoint { go() { return this.ctx.props.db.prepare("select 1 as x").first() } }`,
      ),
    )
      .getEntrypoint(undefined, { props: { db: env.DB } })
      .go(),
  "d1 to dynamic and back": async ({ env }) => {
    const back = await env.LOADER.load(
      code(
        `import { WorkerEntrypoint } from "cloudflare:workers"; export default class extends WorkerEntrypoint { async go(db) { return [db, await db.prepare("select 1 as x").first()] } }`,
      ),
    )
      .getEntrypoint()
      .go(env.DB);
    return [back[0].constructor.name, await back[0].prepare("select 2 as x").first(), back[1]];
  },
  "d1 structuredClone": ({ env }) => structuredClone([env.DB]),
  "env getters": ({ env }) =>
    outb(env, `export default { fetch(r, env) { return Response.json(env) } }`, {
      env: {
        get x() {
          return 5;
        },
        [Symbol("a")]: 1,
      },
    }),
  "env map of service": ({ env }) =>
    outb(
      env,
      `export default { async fetch(r, env) { return new Response(await env.m.get("s").hi(1)) } }`,
      { env: { m: new Map([["s", env.SELF]]) } },
    ),
  "env writable": ({ env }) =>
    outb(
      env,
      `export default { async fetch(r, env) { env.x = 5; return Response.json([env, Object.isFrozen(env)]) } }`,
      { env: { a: 1 } },
    ),
  "env undefined prop": ({ env }) =>
    outb(env, "export default { fetch(r, env) { return Response.json(Object.keys(env)) } }", {
      env: { a: undefined, b: null },
    }),
};
