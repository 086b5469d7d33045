import { expect, test } from "vitest";
import { TestHost } from "./harness.ts";

/* Whose /tmp is whose (spec/node.md 5.1). */
const code = `
import fs from "node:fs";
import { WorkerEntrypoint } from "cloudflare:workers";

fs.writeFileSync("/tmp/module", "made at module scope");
const atModuleScope = fs.readFileSync("/tmp/module", "utf8");
let kept;

export class Other extends WorkerEntrypoint {
  list() { return fs.readdirSync("/tmp"); }
}
const routes = {
  module: () => [atModuleScope, fs.existsSync("/tmp/module")],
  async keep() {
    fs.writeFileSync("/tmp/a", "x");
    await scheduler.wait(1);
    const later = await new Promise((resolve) => setTimeout(() => resolve(fs.readFileSync("/tmp/a", "utf8")), 1));
    return [fs.readdirSync("/tmp"), later];
  },
  async rpc(env, ctx) {
    fs.writeFileSync("/tmp/mine", "x");
    return [await ctx.exports.Other.list(), fs.readdirSync("/tmp")];
  },
  temporary: () => [fs.mkdtempSync("/tmp/t-"), fs.mkdtempSync("/tmp/u-")],
  open() { kept = fs.openSync("/tmp/open", "w+"); fs.writeSync(kept, "still here"); return kept; },
  read() { return [fs.existsSync("/tmp/open"), fs.readFileSync(kept, "utf8")]; },
  stdout() { fs.writeSync(1, "to "); fs.writeFileSync("/dev/null", "gone"); fs.writeSync(1, "the log\\n"); return null; },
  env() {
    fs.writeFileSync("/tmp/.env", "A=1\\nB='two words'\\nTEXT=other\\n");
    process.loadEnvFile("/tmp/.env");
    return [process.env.A, process.env.B, process.env.TEXT];
  },
};
export default {
  async fetch(request, env, ctx) {
    return Response.json(await routes[new URL(request.url).pathname.slice(1)](env, ctx));
  },
};`;

async function started(host: TestHost) {
  const worker = await host.start({
    code,
    spec: {
      compatibilityDate: "2026-11-17",
      compatibilityFlags: [],
      bindings: [{ type: "var", name: "TEXT", value: "text" }],
    },
  });
  const get = async (path: string): Promise<unknown> => {
    const answer = await worker.fetch(path);
    if (answer.failure !== undefined) throw new Error(answer.failure.stack);
    return JSON.parse(answer.text);
  };
  return { get, worker };
}

test("each request has a /tmp of its own, for as long as it goes on", async () => {
  await using host = new TestHost();
  const { get } = await started(host);
  expect(await get("/module")).toEqual(["made at module scope", false]);
  expect(await get("/keep")).toEqual([["a"], "x"]);
  expect(await get("/keep")).toEqual([["a"], "x"]);
  expect(await get("/rpc")).toEqual([[], ["mine"]]);
});

test("mkdtemp counts anew for each request", async () => {
  await using host = new TestHost();
  const { get } = await started(host);
  expect(await get("/temporary")).toEqual(["/tmp/t-0", "/tmp/u-1"]);
  expect(await get("/temporary")).toEqual(["/tmp/t-0", "/tmp/u-1"]);
});

test("open files outlive the request that opened them", async () => {
  await using host = new TestHost();
  const { get } = await started(host);
  expect(await get("/open")).toBe(3);
  expect(await get("/read")).toEqual([false, "still here"]);
});

test("descriptor 1 is the log; variables of a file do not replace others", async () => {
  await using host = new TestHost();
  const { get, worker } = await started(host);
  await get("/stdout");
  await worker.log(({ text }) => text === "stdout: to the log");
  expect(await get("/env")).toEqual(["1", "two words", "text"]);
});
