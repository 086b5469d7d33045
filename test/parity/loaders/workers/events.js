/** What entrypoints answer, and what tails see. */
import { code, ECHO, echo, HELLO, noted, outb } from "./tools.js";

export const EVENTS = {
  "fetch obj": async ({ env }) =>
    (await env.LOADER.load(code(HELLO)).getEntrypoint().fetch("http://x/p")).text(),
  "fetch class": async ({ env }) => (await echo(env).getEntrypoint().fetch("http://x/p")).text(),
  "fetch named obj": async ({ env }) =>
    (await echo(env).getEntrypoint("obj").fetch("http://x/p")).text(),
  "rpc obj": async ({ env }) => env.LOADER.load(code(HELLO)).getEntrypoint().add(1),
  "rpc named": async ({ env }) => echo(env).getEntrypoint("Other").hi(),
  "rpc named props": async ({ env }) =>
    echo(env)
      .getEntrypoint("Other", { props: { a: 1 } })
      .hi(),
  show: async ({ env }) => echo(env).getEntrypoint().show(),
  boom: async ({ env }) => echo(env).getEntrypoint().boom(),
  fn: async ({ env }) => {
    const f = await echo(env).getEntrypoint().fn();
    return f(2);
  },
  "callback arg": async ({ env }) =>
    echo(env)
      .getEntrypoint()
      .cb((x) => x * 2),
  "missing method": async ({ env }) => echo(env).getEntrypoint().nope(),
  "service worker": async ({ env }) =>
    env.LOADER.load(code("addEventListener('fetch', e => e.respondWith(new Response('sw')))"))
      .getEntrypoint()
      .fetch("http://x/")
      .then((r) => r.text()),
  "ws through": async ({ env }) => {
    const r = await env.LOADER.load(
      code(
        `export default { fetch() { const p = new WebSocketPair(); p[1].accept(); p[1].addEventListener("message", e => p[1].send("echo " + e.data)); return new Response(null, { status: 101, webSocket: p[0] }) } }`,
      ),
    )
      .getEntrypoint()
      .fetch("http://x/", { headers: { upgrade: "websocket" } });
    const w = r.webSocket;
    w.accept();
    w.send("a");
    return new Promise((f) => w.addEventListener("message", (e) => f(e.data)));
  },
  "stream body": async ({ env }) => {
    const r = await env.LOADER.load(
      code(`export default { fetch(r) { return new Response(r.body) } }`),
    )
      .getEntrypoint()
      .fetch("http://x/", { method: "POST", body: "abc" });
    return r.text();
  },
  waitUntil: async ({ env, ctx }) => {
    const r = await env.LOADER.load(
      code(
        `export default { fetch(r, env, ctx) { ctx.waitUntil((async () => { await scheduler.wait(20); await env.S.hi("wu") })()); return new Response("ok") } }`,
        { env: { S: ctx.exports.Note({ props: {} }) } },
      ),
    )
      .getEntrypoint()
      .fetch("http://x/");
    await r.text();
    await scheduler.wait(100);
    return noted.splice(0);
  },
  "nested loader exports": async ({ env }) =>
    (
      await env.LOADER.load(
        code(
          `export default { fetch(r, env, ctx) { return Response.json([Object.keys(ctx.exports), typeof ctx.exports.default, Object.keys(ctx)]) } }`,
        ),
      )
        .getEntrypoint()
        .fetch("http://x/")
    ).json(),
  tails: async ({ env, ctx }) => {
    const r = await env.LOADER.load(
      code(
        `export default { fetch(r, env, ctx) { console.log("logged", 1); return new Response("ok") } }`,
        { tails: [ctx.exports.Tail({ props: { t: 1 } })] },
      ),
    )
      .getEntrypoint()
      .fetch("http://x/?q");
    await r.text();
    await scheduler.wait(300);
    return noted.splice(0);
  },
  "tails rpc": async ({ env, ctx }) => {
    await env.LOADER.load(code(ECHO, { tails: [ctx.exports.Tail({ props: { t: 1 } })] }))
      .getEntrypoint("Other")
      .hi();
    await scheduler.wait(300);
    return noted.splice(0);
  },
  "tails throws": async ({ env, ctx }) => {
    try {
      await env.LOADER.load(code(ECHO, { tails: [ctx.exports.Tail({ props: { t: 1 } })] }))
        .getEntrypoint()
        .boom();
    } catch {}
    await scheduler.wait(300);
    return noted.splice(0);
  },
  "tails id": async ({ env, ctx }) => {
    const r = await env.LOADER.get("tail id", () =>
      code(HELLO, { tails: [ctx.exports.Tail({ props: { t: 1 } })] }),
    )
      .getEntrypoint()
      .fetch("http://x/");
    await r.text();
    await scheduler.wait(300);
    return noted.splice(0);
  },
  "connect to entry": async ({ env }) => {
    const s = env.LOADER.load(
      code(
        `export default { async connect(s) { const w = s.writable.getWriter(); await w.write(new TextEncoder().encode("hey")); await w.close(); } }`,
      ),
    )
      .getEntrypoint()
      .connect("a:1");
    return new Response(s.readable).text();
  },
  "scheduled to entry": async ({ env }) =>
    env.LOADER.load(code(`export default { async scheduled(c) { } }`))
      .getEntrypoint()
      .scheduled({}),
  "dynamic with DO": ({ env }) =>
    outb(
      env,
      `import { DurableObject } from "cloudflare:workers"; export class D extends DurableObject {} export default { async fetch(r, env, ctx) { return Response.json([Object.keys(ctx.exports), String(ctx.exports.D), typeof ctx.exports.D]) } }`,
    ),
  "entrypoint to DO class": async ({ env }) =>
    env.LOADER.load(
      code(
        `import { DurableObject } from "cloudflare:workers"; export class D extends DurableObject { hi() { return 1 } } export default {}`,
      ),
    )
      .getEntrypoint("D")
      .hi(),
  "dynamic hang": async ({ env }) =>
    outb(env, `export default { fetch() { return new Promise(() => {}) } }`),
  "dynamic abort": async ({ env }) => {
    const c = new AbortController();
    const p = env.LOADER.load(
      code(
        `export default { async fetch(r) { await scheduler.wait(5000); return new Response("late") } }`,
      ),
    )
      .getEntrypoint()
      .fetch("http://x/", { signal: c.signal });
    setTimeout(() => c.abort(), 50);
    await p;
  },
  "dynamic timers": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { await new Promise(f => setTimeout(f, 20)); return new Response(String(await crypto.subtle.digest("SHA-1", new Uint8Array(1)))) } }`,
    ),
  "random top": ({ env }) =>
    outb(
      env,
      `const x = (() => { try { return crypto.randomUUID() } catch (e) { return e.message } })(); export default { async fetch() { return new Response(x.length > 40 ? x : "uuid") } }`,
    ),
  "tail of failed load": async ({ env, ctx }) => {
    try {
      await env.LOADER.load(
        code("throw new Error('x')", { tails: [ctx.exports.Tail({ props: { t: 2 } })] }),
      )
        .getEntrypoint()
        .fetch("http://x/");
    } catch {}
    await scheduler.wait(200);
    return noted.splice(0);
  },
  "tail of thrown fetch": async ({ env, ctx }) => {
    try {
      await env.LOADER.load(
        code(
          "export default { fetch() { console.log(new Error('q')); throw new RangeError('x') } }",
          { tails: [ctx.exports.Tail({ props: { t: 2 } })] },
        ),
      )
        .getEntrypoint()
        .fetch("http://x/");
    } catch {}
    await scheduler.wait(200);
    return noted.splice(0);
  },
  "tails two": async ({ env, ctx }) => {
    await (
      await env.LOADER.load(
        code(HELLO, {
          tails: [ctx.exports.Tail({ props: { t: 1 } }), ctx.exports.Tail({ props: { t: 2 } })],
        }),
      )
        .getEntrypoint()
        .fetch("http://x/")
    ).text();
    await scheduler.wait(200);
    return noted.splice(0).map((x) => x.props);
  },
  "props null": async ({ env }) =>
    env.LOADER.load(code(ECHO))
      .getEntrypoint(undefined, { props: { n: null } })
      .show(),
  "ctx props type": ({ env }) =>
    outb(
      env,
      "export default { fetch(r, env, ctx) { return Response.json([ctx.props, Object.getPrototypeOf(ctx.props) === Object.prototype]) } }",
    ),
};
