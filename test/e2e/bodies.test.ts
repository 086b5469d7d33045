import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config, STORES } from "./workers.ts";

const WORKER = `
const kept = new Uint8Array(100_000).fill(7);
const sum = (bytes) => bytes.reduce((all, byte) => all + byte, 0);
let cloned = "";
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/echo") return new Response(await request.arrayBuffer());
    if (pathname === "/pass") return new Response(request.body);
    if (pathname === "/kept") return new Response(kept);
    if (pathname === "/stream") {
      return new Response(new ReadableStream({
        start(controller) { controller.enqueue(kept); controller.enqueue(kept.subarray(10)); controller.close(); },
      }));
    }
    if (pathname === "/clone") {
      const response = new Response(kept);
      const clone = response.clone();
      ctx.waitUntil((async () => {
        await scheduler.wait(50);
        cloned = String(sum(new Uint8Array(await clone.arrayBuffer())));
      })());
      return response;
    }
    return new Response([kept.byteLength, sum(kept), cloned].join(" "));
  },
};`;

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bytesOf = async (response: Promise<Response>): Promise<Uint8Array> =>
  new Uint8Array(await (await response).arrayBuffer());

test("bodies arrive as they were sent, and nobody loses memory that was sent", async () => {
  await using project = await tempProject({
    "wrangler.json": config("bodies"),
    "src/index.ts": WORKER,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (const size of [0, 1, 4095, 4096, 4097, 65_536, 65_537, 1_000_003]) {
    const body = randomBytes(size);
    for (const path of ["/echo", "/pass"]) {
      const back = await bytesOf(dev.fetch(path, { method: "POST", body }));
      expect(hash(back), `${size} bytes ${path}`).toBe(hash(body));
    }
  }
  for (let i = 0; i < 3; i++) {
    expect((await bytesOf(dev.fetch("/kept"))).every((byte) => byte === 7)).toBe(true);
    expect((await bytesOf(dev.fetch("/stream"))).byteLength).toBe(199_990);
  }
  expect((await bytesOf(dev.fetch("/clone"))).byteLength).toBe(100_000);
  const state = async (): Promise<string> => (await dev.fetch("/")).text();
  let shown = await state();
  while (shown.split(" ").length < 3 || shown.endsWith(" ")) shown = await state();
  expect(shown).toBe("100000 700000 700000");
});

test("a chunked body has no length, however short it is: R2 refuses it as production does", async () => {
  await using project = await tempProject({
    "wrangler.json": config("lengths", STORES),
    "src/index.ts": `export default { async fetch(request, { R2 }) {
      return new Response(await R2.put("key", request.body).then(({ size }) => "stored " + size, String));
    } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const put = async (body: string | Uint8Array<ArrayBuffer> | ReadableStream): Promise<string> =>
    (await dev.fetch("/", { method: "PUT", body, duplex: "half" })).text();
  const chunks = (bytes: number): ReadableStream => new Blob([new Uint8Array(bytes)]).stream();
  const unknown =
    "TypeError: Provided readable stream must have a known length (request/response body or readable half of FixedLengthStream)";
  expect(await put("abc")).toBe("stored 3");
  expect(await put(chunks(3))).toBe(unknown);
  expect(await put(chunks(200_000))).toBe(unknown);
  expect(await put(new Uint8Array(200_000))).toBe("stored 200000");
});

/* Asked of wrangler 4.164. Elysia and others answer with streams of text. */
test("text in a stream is bytes to clients, rewriters and servers, and chunks without bytes are none", async () => {
  const echo = createServer((request, response) => void request.pipe(response)).listen(0);
  await once(echo, "listening");
  const { port } = echo.address() as AddressInfo;
  await using project = await tempProject({
    "wrangler.json": JSON.stringify({
      name: "texts",
      main: "index.js",
      compatibility_date: "2026-11-16",
      services: [{ binding: "SELF", service: "texts" }],
    }),
    "index.js": `
      const streamOf = (...chunks) => new ReadableStream({
        pull(controller) { chunks.length > 0 ? controller.enqueue(chunks.shift()) : controller.close(); },
      });
      const text = () => streamOf("é ", "", new Uint8Array(0), "a\\ud800b", Buffer.from("!"), "");
      const post = (url, body, fetcher = globalThis) => fetcher.fetch(url, { method: "POST", body }).then((r) => r.text(), String);
      export default { async fetch(request, env) {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === "/sent") return new Response(text());
        if (pathname === "/pass") return new Response(request.body);
        const out = searchParams.get("out");
        return Response.json([
          await (await env.SELF.fetch("http://x/sent")).text(),
          await post("http://x/pass", text(), env.SELF),
          await new HTMLRewriter().on("p", {}).transform(new Response(text())).text(),
          await post(out, text()),
          await post(out, streamOf(5)),
        ]);
      } };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  try {
    expect(await (await dev.fetch("/sent")).text()).toBe("é a\ufffdb!");
    expect(await (await dev.fetch(`/?out=http://127.0.0.1:${port}/`)).json()).toEqual([
      ...Array.from({ length: 4 }, () => "é a\ufffdb!"),
      "TypeError: This ReadableStream did not return bytes.",
    ]);
  } finally {
    echo.close();
  }
});
