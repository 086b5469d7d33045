import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DROVER, startDev as startServer } from "../lib/dev-server.js";
import { socketEcho } from "../lib/socket-echo.js";
import { median } from "../lib/stats.js";

export const title = "calls by RPC from outside: drover call, and a test's own process";

const FROM_TEST = "call from a test";
const SAMPLES = 7;
const CALLS = 1000;
const registry = {
  DROVER_REGISTRY: `bench-call-${process.pid}`,
  DROVER_REGISTRY_IDLE_MS: "500",
};

/** @param {string[]} command */
export async function run(command) {
  // Nobody else has these.
  if (command !== DROVER) return [];
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const config = join(root, "wrangler.json");
  writeFileSync(
    config,
    JSON.stringify({ name: "api", main: "index.js", compatibility_date: "2026-06-01" }),
  );
  writeFileSync(
    join(root, "index.js"),
    `import { WorkerEntrypoint } from "cloudflare:workers";
    export class Admin extends WorkerEntrypoint { add(a, b) { return a + b; } }
    export default { fetch: () => new Response() };`,
  );
  try {
    return [
      { what: "drover call", unit: "ms", value: await commandLine(root, config) },
      ...(await testProcess(config)),
    ];
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** From the start of the command to its end. */
async function commandLine(cwd, config) {
  const server = await startServer(DROVER, [config], { env: registry });
  try {
    const env = { ...process.env, ...registry };
    const args = [...DROVER.slice(1), "call", "api#Admin.add", "1", "2"];
    const samples = [];
    for (let i = 0; i <= SAMPLES; i++) {
      const startedAt = performance.now();
      const output = execFileSync(process.execPath, args, { cwd, env, encoding: "utf8" });
      if (output.trim() !== "3") throw new Error(output);
      if (i > 0) samples.push(performance.now() - startedAt);
    }
    return median(samples);
  } finally {
    await server.stop();
  }
}

async function testProcess(config) {
  const { startDev } = await import("../../dist/index.js");
  const startedAt = performance.now();
  const dev = await startDev({ configs: config, persist: false });
  const startMs = performance.now() - startedAt;
  try {
    const admin = dev.worker("api").rpc("Admin");
    const samples = [];
    for (let i = 0; i <= SAMPLES; i++) {
      const from = performance.now();
      for (let n = 0; n < CALLS; n++) await admin.add(n, 1);
      if (i > 0) samples.push(((performance.now() - from) * 1000) / CALLS);
    }
    const resets = [];
    for (let i = 0; i < SAMPLES; i++) {
      const from = performance.now();
      await dev.reset();
      await admin.add(1, 2);
      resets.push(performance.now() - from);
    }
    return [
      { what: "startDev", unit: "ms", value: startMs },
      { what: FROM_TEST, unit: "us", value: median(samples) },
      { what: "reset and a call", unit: "ms", value: median(resets) },
    ];
  } finally {
    await dev.stop();
  }
}

export async function baseline() {
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) {
    const startedAt = performance.now();
    execFileSync(process.execPath, ["-e", "0"]);
    samples.push(performance.now() - startedAt);
  }
  return {
    what: "node -e 0, and a bare echo by a socket",
    unit: "ms",
    value: median(samples),
    rows: { [FROM_TEST]: await socketEcho() },
  };
}
