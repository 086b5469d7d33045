import { expect, test } from "vitest";
import type { BindingSpec } from "../../../src/protocol/worker-spec.ts";
import { startHost, type TestHost } from "./start-host.ts";

/* The built host process with the built runtime: the two sides of protocol/ meet here. */

const entry = new URL("../../../dist/programs/host.cjs", import.meta.url).pathname;
const text = async (response: Promise<Response>): Promise<string> => (await response).text();
const startReal = (workers: readonly string[] = ["a"]) =>
  startHost({ entry, settings: { workers, drainMs: 500, memoryLimitMb: 200 } });

async function load(
  host: TestHost,
  name: string,
  source: string,
  bindings: readonly BindingSpec[] = [],
): Promise<void> {
  const generation = host.load(name, source, bindings);
  await host.waitFor("loaded", (message) => message.generation === generation);
}

test("serves text, streams, HEAD and errors", async () => {
  await using host = await startReal();
  await load(
    host,
    "a",
    `export default { async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/echo") return new Response(request.body, { headers: { "x-name": "ž" } });
      if (pathname === "/cf") return Response.json([request.cf.colo, request.headers.get("accept-encoding")]);
      if (pathname === "/throw") throw new TypeError("thrown on purpose");
      if (pathname === "/cookies") {
        const headers = new Headers();
        headers.append("set-cookie", "a=1");
        headers.append("set-cookie", "b=2");
        return new Response(null, { status: 204, headers });
      }
      return new Response("hello " + request.method);
    } }`,
  );
  expect(await text(fetch(host.url("/")))).toBe("hello GET");
  expect(await text(fetch(host.url("/"), { method: "HEAD" }))).toBe("");
  const body = Buffer.alloc(3_000_000, "abc");
  const echo = await fetch(host.url("/echo"), { method: "POST", body });
  expect(Buffer.from(await echo.arrayBuffer()).equals(body)).toBe(true);
  expect(await (await fetch(host.url("/cf"))).json()).toEqual(["LHR", "br, gzip"]);
  const cookies = await fetch(host.url("/cookies"));
  expect(cookies.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  const thrown = await fetch(host.url("/throw"), { headers: { accept: "text/plain" } });
  expect(thrown.status).toBe(500);
  expect(await thrown.text()).toMatch(/^TypeError: thrown on purpose\n {4}at /);
  await host.waitFor("request", (message) => message.entry.status === 500);
  const statuses = host.requests().map((request) => request.status);
  expect(statuses.filter((status) => status !== 200).sort()).toEqual([204, 500]);
});

test("connects Workers with each other, also after a reload of the callee", async () => {
  await using host = await startReal(["a", "b"]);
  const callee = (answer: string) => `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      add(a, b) { return "${answer} " + (a + b); }
      fetch(request) { return new Response("${answer} " + new URL(request.url).pathname); }
    }`;
  const caller = `export default { async fetch(request, env) {
    const viaFetch = await (await env.B.fetch("http://b/path")).text();
    return new Response((await env.B.add(1, 2)) + ", " + viaFetch);
  } }`;
  const binding: BindingSpec = { type: "service", name: "B", target: { service: "b" } };
  const early = load(host, "a", caller, [binding]).then(() => text(fetch(host.url("/"))));
  await load(host, "b", callee("first"));
  expect(await early).toBe("first 3, first /path");
  await load(host, "b", callee("second"));
  expect(await text(fetch(host.url("/")))).toBe("second 3, second /path");
});

test("aborts request.signal when the client leaves", async () => {
  await using host = await startReal();
  await load(
    host,
    "a",
    `export default { fetch(request) {
      request.signal.addEventListener("abort", () => console.log("signal aborted"));
      console.log("begun");
      return new Promise(() => {});
    } }`,
  );
  const controller = new AbortController();
  const lost = fetch(host.url("/"), { signal: controller.signal }).catch(() => "lost");
  await host.waitFor("log", (message) => message.entry.text.includes("begun"));
  controller.abort();
  expect(await lost).toBe("lost");
  await host.waitFor("log", (message) => message.entry.text.includes("signal aborted"));
});

test("replaces threads under load without losing a request", async () => {
  await using host = await startReal();
  const version = (n: number) => `export default { fetch: () => new Response("${n}") }`;
  await load(host, "a", version(0));
  let isOver = false;
  const seen = new Set<string>();
  const client = async (): Promise<void> => {
    while (!isOver) seen.add(await text(fetch(host.url("/"))));
  };
  const clients = Array.from({ length: 8 }, client);
  for (let n = 1; n <= 8; n++) await load(host, "a", version(n));
  isOver = true;
  await Promise.all(clients);
  expect(new Set(host.requests().map((request) => request.status))).toEqual(new Set([200]));
  expect([...seen].every((body) => /^[0-8]$/.test(body))).toBe(true);
});

test("ends runaway memory and endless loops without harm to the others", async () => {
  await using host = await startReal(["a", "b"]);
  await load(host, "b", `let n = 0; export default { fetch: () => new Response(String(++n)) }`);
  await load(
    host,
    "a",
    `export default { fetch(request) {
      if (request.url.endsWith("/loop")) for (;;);
      if (request.url.endsWith("/array")) { const all = []; for (;;) all.push(1); }
      if (request.url.endsWith("/heap")) { const all = []; for (;;) all.push({ n: all.length }); }
      if (request.url.endsWith("/bytes")) { const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1)); }
      return new Response("fine");
    } }`,
  );
  const toB = () => text(fetch(host.url("/"), { headers: { "mf-route-override": "b" } }));
  expect(await toB()).toBe("1");
  expect(await text(fetch(host.url("/array")))).toMatch(/MB of memory/);
  expect(await text(fetch(host.url("/heap")))).toMatch(/MB of memory/);
  expect(await text(fetch(host.url("/bytes")))).toMatch(/MB of memory/);
  expect(await text(fetch(host.url("/")))).toBe("fine");
  const stuck = text(fetch(host.url("/loop")));
  await host.waitFor("busy", (message) => message.workers.join() === "a");
  expect(await toB()).toBe("2");
  await load(host, "a", `export default { fetch: () => new Response("cured") }`);
  expect(await stuck).toBe("cured");
});
