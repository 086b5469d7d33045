import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";

/* Public addresses of R2 buckets where wrangler has no answer, or another one (docs/parity.md). */
const PUBLIC = "/cdn-cgi/local/r2/public";

const config = (buckets: object[]): string =>
  JSON.stringify({
    name: "a",
    main: "index.js",
    compatibility_date: "2026-06-01",
    r2_buckets: buckets,
  });
const WORKER = 'export default { fetch: () => new Response("the Worker") }';

test("a large object goes out as the client takes it, and a client may leave", async () => {
  await using project = await tempProject({
    "wrangler.json": config([{ binding: "B", bucket_name: "buck" }]),
    "index.js": WORKER,
  });
  const bytes = randomBytes(20_000_000);
  await project.write("large.bin", bytes);
  await runDrover(["r2", "object", "put", "buck/large", "-f", "large.bin"], { cwd: project.dir });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const read = async (range?: string) => {
    const headers = range === undefined ? {} : { range };
    const response = await dev.fetch(`${PUBLIC}/buck/large`, { headers });
    return Buffer.from(await response.arrayBuffer());
  };
  expect((await read()).equals(bytes)).toBe(true);
  expect((await read("bytes=100-18000000")).equals(bytes.subarray(100, 18_000_001))).toBe(true);
  for (let i = 0; i < 20; i += 1) {
    const leaving = new AbortController();
    const response = await dev.fetch(`${PUBLIC}/buck/large`, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
  }
  expect((await read()).equals(bytes)).toBe(true);
});

test("stored codings are kept, broken metadata left out, malformed conditions refused", async () => {
  await using project = await tempProject({
    "wrangler.json": config([{ binding: "B", bucket_name: "buck" }]),
    "index.js": `export default { async fetch(request, env) {
      const text = new Blob(["twice"]).stream().pipeThrough(new CompressionStream("gzip"));
      const bytes = await new Response(text).arrayBuffer();
      await env.B.put("gz", bytes, { httpMetadata: { contentEncoding: "gzip", contentType: "x/y\\nset-cookie: a=b" } });
      return new Response("put");
    } }`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  await dev.fetch("/");
  const headers = { "accept-encoding": "gzip" };
  const response = await dev.fetch(`${PUBLIC}/buck/gz`, { headers });
  expect(await response.text()).toBe("twice");
  expect(response.headers.get("content-type")).toBe("application/octet-stream");
  expect(response.headers.get("set-cookie")).toBe(null);
  const malformed = { "if-none-match": "no-quotes" };
  expect((await dev.fetch(`${PUBLIC}/buck/gz`, { headers: malformed })).status).toBe(400);
  const foreign = await dev.fetch(`${PUBLIC}/buck/gz`, {
    headers: { origin: "http://evil.example" },
  });
  expect([foreign.status, await foreign.text()]).toEqual([403, "Invalid Origin header"]);
});

test("without a bucket the address is the Worker's", async () => {
  await using project = await tempProject({ "wrangler.json": config([]), "index.js": WORKER });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch(`${PUBLIC}/buck/k`)).text()).toBe("the Worker");
  await project.write("wrangler.json", config([{ binding: "B", bucket_name: "buck" }]));
  await expect.poll(async () => (await dev.fetch(`${PUBLIC}/buck/k`)).status).toBe(404);
});
