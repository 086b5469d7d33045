import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev } from "../lib/dev-server.js";
import { load } from "../lib/load.js";
import { median } from "../lib/stats.js";

export const title = "static assets, 16 connections";

const BYTES = 10 * 1024;
const MANY = 20_000;

/** @param {string[]} command */
export async function run(command) {
  const project = createProject();
  const first = createProject(0, { binding: "ASSETS", run_worker_first: true });
  const crowd = createProject(MANY);
  try {
    const alone = await measure(command, project.config, "/ten.js");
    const byWorker = await measure(command, first.config, "/ten.js");
    const among = await measure(command, crowd.config, "/ten.js");
    return [
      { what: "asset of 10 KB", unit: "/s", value: alone.perSecond },
      { what: "the same by env.ASSETS", unit: "/s", value: byWorker.perSecond },
      { what: `the same beside ${MANY} files`, unit: "/s", value: among.perSecond },
      { what: "ready", unit: "ms", value: alone.ready },
      { what: `ready with ${MANY} files`, unit: "ms", value: among.ready },
    ];
  } finally {
    project.remove();
    first.remove();
    crowd.remove();
  }
}

/** The same bytes from a bare node:http server in this process, under the same load. */
export async function baseline() {
  const bytes = Buffer.alloc(BYTES, "x");
  const server = createServer((_request, response) => response.end(bytes));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const { perSecond } = await load(`http://127.0.0.1:${port}/`);
  server.closeAllConnections();
  server.close();
  return { what: "bare node:http, from memory", unit: "/s", value: perSecond };
}

async function measure(command, config, path) {
  const startedAt = performance.now();
  const server = await startDev(command, [config]);
  const ready = performance.now() - startedAt;
  try {
    const samples = [];
    for (let i = 0; i < 3; i++) {
      const { perSecond, failures } = await load(`${server.url}${path}`);
      if (failures > 0) throw new Error(`${failures} failures on ${path}`);
      samples.push(perSecond);
    }
    return { ready, perSecond: median(samples) };
  } finally {
    await server.stop();
  }
}

function createProject(files = 0, more = {}) {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  mkdirSync(join(root, "public"));
  const config = join(root, "wrangler.json");
  const assets = { directory: "public", ...more };
  const settings = { name: "bench", main: "index.js", compatibility_date: "2026-01-01", assets };
  writeFileSync(config, JSON.stringify(settings));
  writeFileSync(
    join(root, "index.js"),
    "export default { fetch: (request, env) => env.ASSETS.fetch(request) };",
  );
  writeFileSync(join(root, "public/ten.js"), Buffer.alloc(BYTES, "x"));
  for (let i = 0; i < files; i++) {
    const folder = join(root, "public", `d${i % 100}`);
    if (i < 100) mkdirSync(folder);
    writeFileSync(join(folder, `f${i}.js`), String(i));
  }
  return { config, remove: () => rmSync(root, { recursive: true, force: true }) };
}
