import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registryProject } from "../helpers/registry-project.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import type { TempProject } from "../helpers/temp-project.ts";
import { type PackageServer, packageServer } from "../node/packages/server.js";

/*
 * Packages from the registry, as they are, that need no network module of Node (spec/node.md 11). What
 * each gives is what it gave in wrangler 4.164 (test/node/packages/recorded.json).
 */
const folder = resolve(import.meta.dirname, "../node/packages");
const read = (name: string): string => readFileSync(resolve(folder, name), "utf8");

const PACKAGES = [
  "@aws-sdk/client-s3@3.1175.0",
  "bcryptjs@3.0.3",
  "debug@4.4.3",
  "dotenv@18.0.10",
  "fastify@5.12.0",
  "google-auth-library@11.3.4",
  "jose@6.2.18",
  "jsonwebtoken@9.0.3",
  "mongodb@7.9.0",
  "openai@7.59.0",
  "pino@10.4.0",
  "sharp@0.35.5",
  "stripe@23.1.0",
  "telegraf@4.16.3",
  "winston@3.19.0",
  "ws@8.23.0",
  "zod@4.6.7",
];

const recorded = JSON.parse(read("recorded.json")) as Record<string, unknown>;

describe("packages from the registry", () => {
  let server: PackageServer;
  let project: TempProject;
  let dev: RunningDev;
  let answers: Record<string, unknown>;
  beforeAll(async () => {
    server = await packageServer();
    const files = { "wrangler.json": read("wrangler.json"), "worker.js": read("worker.js") };
    project = await registryProject(PACKAGES, files);
    dev = await runDev("wrangler.json", { cwd: project.dir });
    const response = await dev.fetch(`/?origin=${encodeURIComponent(server.origin)}`);
    answers = (await response.json()) as Record<string, unknown>;
  });
  afterAll(async () => {
    await dev?.[Symbol.asyncDispose]();
    await project?.[Symbol.asyncDispose]();
    server?.close();
  });

  test.each(Object.keys(recorded))("%s", (name) => {
    expect(answers[name]).toEqual(recorded[name]);
  });

  test("loggers reach the terminal: debug in its Node build, pino in its browser build", async () => {
    dev.mark();
    await dev.fetch(`/?origin=${encodeURIComponent(server.origin)}`);
    await dev.waitForLine(/stderr: .*app hello from debug/);
    await dev.waitForLine(/hello from pino/);
    await dev.waitForLine(/"message":"hello from winston"/);
  });

  test("sharp fails at start, with production's text", async () => {
    await project.write(
      "sharp.json",
      JSON.stringify({ name: "pictures", main: "sharp.js", compatibility_date: "2026-11-17" }),
    );
    await project.write(
      "sharp.js",
      `import sharp from "sharp"; export default { fetch: () => new Response(typeof sharp) };`,
    );
    await using failing = await runDev("sharp.json", { cwd: project.dir, waitForReady: false });
    await failing.waitForLine(/Could not load the "sharp" module using the linuxnull-x64 runtime/);
  });
});
