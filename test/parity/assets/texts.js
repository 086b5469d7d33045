/* Sources and rule files of the projects in cases.js. */

export const echo = `export default { async fetch(request) {
  const body = await request.text();
  return new Response("W " + request.method + " " + new URL(request.url).pathname + (body ? " " + body : ""), { headers: { "x-worker": "yes" } });
} };`;

export const headersFile = `# comment
/page
  X-One: one
  X-Dup: a
  X-Dup: b
/pa*
  X-Splat: [:splat]
  X-One: two
  Cache-Control: public, max-age=60
/users/:id/:rest
  X-User: :id-:rest-:unknown
/exists.txt
  ! ETag
  ETag: "mine"
  Content-Type: text/x-mine
  X-Gone: here
/exists*
  ! X-Gone
  X-After: yes
https://:sub.example.com/*
  X-Host: :sub
https://localhost/*
  X-Local: yes
/gone.html
  X-Html: yes
/nope
  X-Nope: yes
/old
  X-Old: yes
/twice
  X-Twice: first
/twice
  X-Twice: second
/cookies
  Set-Cookie: a=1
  Set-Cookie: b=2
/ü
  X-Umlaut: yes
/sp/:name
  Link: </a.css>; rel=preload
`;

export const badHeaders = `  x-early: 1
/ok
  X-Ok: yes
  NoColon
  Bad Name: x
  : novalue
  Empty:
  !X-Other
/none
/*/x/*
  A: b
/:splat/*
  A: b
http://example.com/x
  A: b
https://localhost:8787/x
  A: b
/long
  X-Long: ${"y".repeat(2000)}
  X-Short: yes
`;

export const redirectsFile = `# comment
/a /b # tail
/a-301 /b 301
/a-302 /b 302
/a-303 /b 303
/a-307 /b 307
/a-308 /b 308
/q /b?own=1#frag 301
/ext https://example.com:8443/x?y=1#h 302
/page2 /page.html 200
/page3 /page 200
/nothing /nowhere 200
/loop /loop
/exists.txt /shadow 302
noslash /slash
/multi2 /x//y\\\\z
/p/:a/:b /to/:b/:a?z=:a 301
/proxy/* /page/:splat 302
/proxied/* /:splat 200
/abs/* https://example.com/:splat 301
/twostars/*/x/* /y
/late /page 301
`;

export const badRedirects = `/one
/five /a 301 x y
https://localhost/host /x
/to ftp://x
/status /x 404
/extproxy https://example.com/ 200
/dup /a
/dup /b
/*  /index.html 200
/s/ /s/index.html
/fine /ok
${"/l".padEnd(2001, "o")} /x
`;

export const viaBinding = `export default { async fetch(request, env, ctx) {
  const url = new URL(request.url);
  const what = url.searchParams.get("do") ?? "pass";
  const target = url.searchParams.get("at") ?? "/";
  const show = async (response) => Response.json({ status: response.status, url: response.url, redirected: response.redirected,
    location: response.headers.get("location"), type: response.headers.get("content-type"), cache: response.headers.get("cache-control"),
    hasTag: response.headers.has("etag"), body: await response.text() });
  try {
    if (what === "pass") return await env.ASSETS.fetch(request);
    if (what === "string") return await show(await env.ASSETS.fetch("https://x.example" + target));
    if (what === "request") return await show(await env.ASSETS.fetch(new Request("http://x" + target)));
    if (what === "manual") return await show(await env.ASSETS.fetch("http://x" + target, { redirect: "manual" }));
    if (what === "error") return await show(await env.ASSETS.fetch("http://x" + target, { redirect: "error" }));
    if (what === "post") return await show(await env.ASSETS.fetch("http://x" + target, { method: "POST", body: "b" }));
    if (what === "head") return await show(await env.ASSETS.fetch("http://x" + target, { method: "HEAD" }));
    if (what === "relative") return await show(await env.ASSETS.fetch("/exists.txt"));
    if (what === "ftp") return await show(await env.ASSETS.fetch("ftp://x/exists.txt"));
    if (what === "conditional") { const first = await env.ASSETS.fetch("http://x" + target); const etag = first.headers.get("etag"); await first.text();
      return await show(await env.ASSETS.fetch("http://x" + target, { headers: { "if-none-match": etag } })); }
    if (what === "headers") { const r = await env.ASSETS.fetch("http://x" + target); r.headers.set("x-a", "b"); return r; }
    if (what === "copy") { const r = await env.ASSETS.fetch("http://x" + target); const c = new Response(r.body, r); c.headers.set("x-copied", "yes"); return c; }
    if (what === "method") return Response.json(await env.ASSETS.foo());
    if (what === "typeof") return Response.json([typeof env.ASSETS, env.ASSETS.constructor.name, String(env.ASSETS)]);
    if (what === "abort") return await show(await env.ASSETS.fetch("http://x" + target, { signal: AbortSignal.abort() }));
    if (what === "exports") return await show(await ctx.exports.default.fetch("http://x/?do=inner"));
    if (what === "self") return await show(await env.SELF.fetch("http://x" + target));
    if (what === "selfpost") return await show(await env.SELF.fetch("http://x" + target, { method: "POST", body: "b" }));
    if (what === "named") return await show(await env.NAMED.fetch("http://x" + target));
    if (what === "rpc") return Response.json(await env.NAMED.hello());
    return new Response("inner " + url.pathname);
  } catch (error) { return Response.json({ name: error.name, message: error.message }); }
} };
import { WorkerEntrypoint } from "cloudflare:workers";
export class Named extends WorkerEntrypoint { hello() { return "hello"; } fetch(request) { return new Response("named " + new URL(request.url).pathname); } }
`;

/** Answers with the content types and the status that the request names; `/self?to=`: asks itself by its binding. */
export const viaHeaders = `export default { async fetch(request, env) {
  const url = new URL(request.url);
  if (url.pathname === "/self") return env.SELF.fetch(new URL(url.searchParams.get("to"), url), { headers: request.headers });
  const headers = new Headers();
  for (const type of request.headers.get("x-type")?.split("|") ?? []) headers.append("content-type", type);
  const status = Number(request.headers.get("x-status") ?? 200);
  return new Response(status === 304 ? null : new TextEncoder().encode("body"), { status, headers });
} };`;
