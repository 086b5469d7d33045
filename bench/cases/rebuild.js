import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DROVER, startDev } from "../lib/dev-server.js";
import { median } from "../lib/stats.js";

export const title = "an Express app, after a save";

const ROUNDS = 24;
const WORKER = `
import { httpServerHandler } from "cloudflare:node";
import express from "express";
const app = express();
app.use(express.json());
app.get("/", (request, response) => { response.send("hello"); });
app.listen(8080);
export default httpServerHandler({ port: 8080 });
`;

/** With express from the registry. */
function expressProject() {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  writeFileSync(join(root, "package.json"), `{ "private": true, "name": "bench" }`);
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "express@5.3.0"], { cwd: root });
  const config = { name: "bench-express", main: "index.js", compatibility_date: "2026-11-17" };
  writeFileSync(join(root, "wrangler.json"), JSON.stringify(config));
  writeFileSync(join(root, "index.js"), WORKER);
  return {
    configs: [join(root, "wrangler.json")],
    source: join(root, "index.js"),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The bundler without a session: milliseconds from the call to the bundle. */
async function rebuilds({ configs, source }) {
  const dist = new URL("../../dist/", import.meta.url);
  const { createBundler } = await import(new URL("bundle/bundler.js", dist).href);
  const { resolveConfig } = await import(new URL("config/resolve.js", dist).href);
  const bundler = createBundler(resolveConfig({ path: configs[0] }));
  const original = readFileSync(source, "utf8");
  const samples = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    writeFileSync(source, original.replace('"hello"', `"round ${i}"`));
    const { ok, ms } = await bundler.build();
    if (!ok) throw new Error("the build failed");
    if (i > 3) samples.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await bundler[Symbol.asyncDispose]();
  return median(samples);
}

/** @param {string[]} command */
export async function run(command) {
  const project = expressProject();
  const { source } = project;
  const server = await startDev(command, project.configs);
  try {
    const original = readFileSync(source, "utf8");
    const samples = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      const body = `edited ${i}`;
      const startedAt = performance.now();
      writeFileSync(source, original.replace('"hello"', JSON.stringify(body)));
      while ((await (await fetch(server.url)).text()) !== body) {
        if (performance.now() - startedAt > 30_000) throw new Error("the edit never arrived");
        // Asking without a pause would take a processor away from who builds.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      if (i > 3) samples.push(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const rows = [{ what: "save to new body", unit: "ms", value: median(samples) }];
    if (command !== DROVER) return rows;
    // Its watcher would build too.
    await server.stop();
    return [...rows, { what: "rebuild alone", unit: "ms", value: await rebuilds(project) }];
  } finally {
    await server.stop();
    project.remove();
  }
}

export { baseline } from "./start.js";
