/** Where `globalOutbound` leads. */
import { code, HELLO, outb } from "./tools.js";

const OUT = `export default { async fetch(r) { try { const x = await fetch("http://example.com/a?b", {method: "POST", body: "q", headers: {"x-a": "1"}}); return new Response(x.status + " " + await x.text()) } catch (e) { return new Response(e.name + ": " + e.message + JSON.stringify(Object.keys(e)) + e.stack.split("\\n").length) } } }`;
const CONNECT = `import { connect } from "cloudflare:sockets"; export default { async fetch(r) { try { const s = connect("example.com:80"); await s.opened; return new Response("opened") } catch (e) { return new Response(e.name + ": " + e.message) } } }`;

export const OUTBOUND = {
  "out null fetch": ({ env }) => outb(env, OUT, { globalOutbound: null }),
  "out null uncaught": ({ env }) =>
    outb(env, "export default { async fetch() { return await fetch('http://example.com/') } }", {
      globalOutbound: null,
    }),
  "out null connect": ({ env }) => outb(env, CONNECT, { globalOutbound: null }),
  "out null websocket": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { try { const ws = new WebSocket("ws://example.com/"); return new Response(await new Promise(f => { ws.addEventListener("error", e => f("error " + e.message + e.error)); ws.addEventListener("open", () => f("open")); ws.addEventListener("close", e => f("close " + e.code)) })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null },
    ),
  "out null eventsource": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { try { const ws = new EventSource("http://example.com/"); return new Response(await new Promise(f => { ws.onerror = e => f("error " + e.message + e.error); ws.onopen = () => f("open"); })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null },
    ),
  "out null net": ({ env }) =>
    outb(
      env,
      `import net from "node:net"; export default { async fetch() { try { const s = net.connect(80, "example.com"); return new Response(await new Promise(f => { s.on("error", e => f("error " + e.message + e.code)); s.on("connect", () => f("open")); })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null, compatibilityFlags: ["nodejs_compat"] },
    ),
  "out null dns": ({ env }) =>
    outb(
      env,
      `import dns from "node:dns/promises"; export default { async fetch() { try { return new Response(JSON.stringify(await dns.resolve4("example.com"))) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null, compatibilityFlags: ["nodejs_compat"] },
    ),
  "out null dns lookup": ({ env }) =>
    outb(
      env,
      `import dns from "node:dns/promises"; export default { async fetch() { try { return new Response(JSON.stringify(await dns.lookup("example.com"))) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null, compatibilityFlags: ["nodejs_compat"] },
    ),
  "out null http": ({ env }) =>
    outb(
      env,
      `import http from "node:http"; export default { async fetch() { try { return new Response(await new Promise((f) => { http.get("http://example.com/", (r) => f("got " + r.statusCode)).on("error", (e) => f("error " + e.message)) })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null, compatibilityFlags: ["nodejs_compat"] },
    ),
  "out null data url": ({ env }) =>
    outb(env, "export default { async fetch() { return await fetch('data:text/plain,hey') } }", {
      globalOutbound: null,
    }),
  "out null caches": ({ env }) =>
    outb(
      env,
      "export default { async fetch() { try { await caches.default.put('http://x/c', new Response('x', {headers: {'cache-control': 'max-age=60'}})); const m = await caches.default.match('http://x/c'); return new Response('match ' + (m && await m.text())) } catch (e) { return new Response(e.name + e.message) } } }",
      { globalOutbound: null },
    ),
  "out service": ({ env }) => outb(env, OUT, { globalOutbound: env.SELF }),
  "out service connect": ({ env }) => outb(env, CONNECT, { globalOutbound: env.SELF }),
  "out loopback": ({ env, ctx }) =>
    outb(env, OUT, { globalOutbound: ctx.exports.Cap({ props: { p: 1 } }) }),
  "out loopback fn": ({ env, ctx }) => outb(env, OUT, { globalOutbound: ctx.exports.Cap }),
  "out redirect": ({ env, ctx }) =>
    outb(
      env,
      `export default { async fetch() { const r = await fetch("http://example.com/redir"); return new Response(r.status + r.url + r.redirected + await r.text()) } }`,
      { globalOutbound: ctx.exports.Redir },
    ),
  "out throwing": ({ env, ctx }) => outb(env, OUT, { globalOutbound: ctx.exports.Thrower }),
  "out websocket": ({ env, ctx }) =>
    outb(
      env,
      `export default { async fetch() { try { const ws = new WebSocket("ws://example.com/"); return new Response(await new Promise(f => { ws.addEventListener("error", e => f("error " + e.message)); ws.addEventListener("message", (e) => f("msg " + e.data)); ws.addEventListener("close", e => f("close " + e.code)) })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: ctx.exports.Sock },
    ),
  "out 5": ({ env }) => outb(env, OUT, { globalOutbound: 5 }),
  "out {}": ({ env }) => outb(env, OUT, { globalOutbound: {} }),
  "out dynamic": ({ env }) =>
    outb(env, OUT, { globalOutbound: env.LOADER.load(code(HELLO)).getEntrypoint() }),
  "out undefined": async ({ env, self }) =>
    (
      await env.LOADER.load(
        code(`export default { async fetch(r) { return fetch("${self}/plain") } }`, {
          globalOutbound: undefined,
        }),
      )
        .getEntrypoint()
        .fetch("http://x/")
    ).text(),
  "null connect sync?": ({ env }) =>
    outb(
      env,
      `import { connect } from "cloudflare:sockets"; export default { async fetch() { let s; try { s = connect("example.com:80"); } catch (e) { return new Response("sync " + e.message) } try { await s.opened } catch (e) { return new Response("opened " + e.name + e.message) } } }`,
      { globalOutbound: null },
    ),
  "null connect closed": ({ env }) =>
    outb(
      env,
      `import { connect } from "cloudflare:sockets"; export default { async fetch() { const s = connect("example.com:80"); s.opened.catch(() => {}); const out = []; try { await s.closed; out.push("closed") } catch (e) { out.push("closed " + e.message) } try { await s.readable.getReader().read(); out.push("read") } catch (e) { out.push("read " + e.message) } try { await s.writable.getWriter().write(new Uint8Array(1)); out.push("wrote") } catch (e) { out.push("write " + e.message) } return Response.json(out) } }`,
      { globalOutbound: null },
    ),
  "null fetch sync?": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { try { const p = fetch("http://x/"); p.catch(() => {}); return new Response("async") } catch (e) { return new Response("sync") } } }`,
      { globalOutbound: null },
    ),
  "null fetch bad url": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { try { await fetch("foo:bar"); } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null },
    ),
  "null upgrade fetch": ({ env }) =>
    outb(
      env,
      `export default { async fetch() { try { await fetch("http://x/", { headers: { upgrade: "websocket" } }); } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null },
    ),
  "null tls": ({ env }) =>
    outb(
      env,
      `import tls from "node:tls"; export default { async fetch() { try { const s = tls.connect(443, "example.com"); return new Response(await new Promise(f => { s.on("error", e => f("error " + e.message + e.code)); s.on("secureConnect", () => f("open")); })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: null, compatibilityFlags: ["nodejs_compat"] },
    ),
  "out net": ({ env, ctx }) =>
    outb(
      env,
      `import net from "node:net"; export default { async fetch() { try { const s = net.connect(80, "example.com"); return new Response(await new Promise(f => { s.on("error", e => f("error " + e.message + e.code)); s.on("data", (d) => f("data " + d)); })) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: ctx.exports.Cap({ props: {} }), compatibilityFlags: ["nodejs_compat"] },
    ),
  "out tcp": ({ env, ctx }) =>
    outb(
      env,
      `import { connect } from "cloudflare:sockets"; export default { async fetch() { const s = connect({ hostname: "example.com", port: 25 }); const o = await s.opened; const w = s.writable.getWriter(); await w.write(new TextEncoder().encode("hello")); await w.close(); return Response.json([o, await new Response(s.readable).text()]) } }`,
      { globalOutbound: ctx.exports.Tcp({ props: {} }) },
    ),
  "out tcp tls": ({ env, ctx }) =>
    outb(
      env,
      `import { connect } from "cloudflare:sockets"; export default { async fetch() { const s = connect({ hostname: "example.com", port: 25 }, { secureTransport: "on" }); const o = await s.opened; return Response.json([o]) } }`,
      { globalOutbound: ctx.exports.Tcp({ props: {} }) },
    ),
  "out tcp no handler": ({ env, ctx }) =>
    outb(
      env,
      `import { connect } from "cloudflare:sockets"; export default { async fetch() { try { const s = connect({ hostname: "example.com", port: 25 }); const o = await s.opened; return Response.json([o, await new Response(s.readable).text()]) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: ctx.exports.Note({ props: {} }) },
    ),
  "out http": ({ env, ctx }) =>
    outb(
      env,
      `import http from "node:http"; export default { async fetch() { return new Response(await new Promise((f) => { http.get("http://example.com/", (r) => { let t = ""; r.on("data", d => t += d); r.on("end", () => f("got " + r.statusCode + t)) }).on("error", (e) => f("error " + e.message)) })) } }`,
      {
        globalOutbound: ctx.exports.Cap({ props: { a: 1 } }),
        compatibilityFlags: ["nodejs_compat"],
      },
    ),
  "out eventsource": ({ env, ctx }) =>
    outb(
      env,
      `export default { async fetch() { const ws = new EventSource("http://example.com/"); return new Response(await new Promise(f => { ws.onerror = e => f("error " + e.message + e.error); ws.onmessage = (e) => f("msg " + e.data); })) } }`,
      { globalOutbound: ctx.exports.Events({ props: { a: 1 } }) },
    ),
  "out dns": ({ env, ctx }) =>
    outb(
      env,
      `import dns from "node:dns/promises"; export default { async fetch() { try { return new Response(JSON.stringify(await dns.resolve4("example.com"))) } catch (e) { return new Response(e.name + e.message) } } }`,
      { globalOutbound: ctx.exports.Cap({ props: {} }), compatibilityFlags: ["nodejs_compat"] },
    ),
  "out self url": ({ env, ctx }) =>
    outb(
      env,
      `export default { async fetch(r) { const q = new Request("http://y/", { method: "PUT", body: "abc", redirect: "manual" }); const x = await fetch(q); return Response.json([x.status, x.url, x.redirected, x.type, await x.text()]) } }`,
      { globalOutbound: ctx.exports.Cap({ props: {} }) },
    ),
  "cf-worker": ({ env, self }) =>
    outb(env, `export default { async fetch(r) { return fetch("${self}/cfworker") } }`),
};
