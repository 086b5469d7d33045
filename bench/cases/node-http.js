import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev } from "../lib/dev-server.js";
import { load } from "../lib/load.js";
import { median } from "../lib/stats.js";

export const title = "node:http behind httpServerHandler, 16 connections";

const WORKER = `
import { httpServerHandler } from "cloudflare:node";
import { createServer } from "node:http";
const server = createServer((request, response) => {
  if (request.url === "/stream") {
    response.write("hel");
    response.end("lo");
  } else response.writeHead(200, { "content-type": "text/plain" }).end("hello");
});
export default httpServerHandler(server);
`;

/** @param {string[]} command */
export async function run(command) {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const config = { name: "node-http", main: "index.js", compatibility_date: "2026-11-17" };
  writeFileSync(join(root, "wrangler.jsonc"), JSON.stringify(config));
  writeFileSync(join(root, "index.js"), WORKER);
  const server = await startDev(command, [join(root, "wrangler.jsonc")]);
  try {
    const rows = [];
    for (const [what, path] of [
      ["writeHead and end", "/"],
      ["write and end", "/stream"],
    ]) {
      const samples = [];
      for (let i = 0; i < 3; i++) {
        const result = await load(`${server.url}${path}`);
        if (result.failures > 0) throw new Error(`${result.failures} failures on ${path}`);
        samples.push(result.perSecond);
      }
      rows.push({ what, unit: "/s", value: median(samples) });
    }
    return rows;
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** A bare node:http server in this process, under the same load. */
export async function baseline() {
  const server = createServer((_request, response) => response.end("hello"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const { perSecond } = await load(`http://127.0.0.1:${port}/`);
  server.closeAllConnections();
  server.close();
  return { what: "bare node:http", unit: "/s", value: perSecond };
}
