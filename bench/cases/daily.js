import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { DROVER, freePort, startDev } from "../lib/dev-server.js";
import { copyProject } from "../lib/project.js";
import { median } from "../lib/stats.js";

export const title = "types of two Workers, what --types adds to a save, and a breakpoint";

const SAMPLES = 7;
const SAVES = 20;

/** @param {string[]} command */
export async function run(command) {
  // Of others, other things would be measured.
  if (command !== DROVER) return [];
  return [
    { what: "drover types, two Workers", unit: "ms", value: types() },
    ...(await saves()),
    { what: "request to breakpoint", unit: "ms", value: await breakpoint() },
  ];
}

/** From the start of the command to its end; without runtime types. */
function types() {
  const project = copyProject();
  try {
    const configs = project.configs.flatMap((config) => ["-c", config]);
    const args = [...DROVER.slice(1), "types", ...configs, "--include-runtime=false"];
    return repeated(() => execFileSync(process.execPath, args, { cwd: project.root }));
  } finally {
    project.remove();
  }
}

/** Two sessions that differ in the flag alone, in turn. */
async function saves() {
  const variants = [];
  for (const flag of [[], ["--types"]]) {
    const { root, config, source } = writeWorker((body) => `"${body}"`);
    const args = [...flag, "--inspector-port=0"];
    variants.push({
      root,
      source,
      samples: [],
      server: await startDev(DROVER, [config], { args }),
    });
  }
  try {
    for (let i = 0; i < SAVES; i++) {
      for (const { source, server, samples } of variants) {
        const startedAt = performance.now();
        source(`edited ${i}`);
        while ((await (await fetch(server.url)).text()) !== `edited ${i}`) {
          if (performance.now() - startedAt > 30_000) throw new Error("the edit never arrived");
          await sleep(2);
        }
        if (i > 3) samples.push(performance.now() - startedAt);
        await sleep(200);
      }
    }
  } finally {
    for (const { server } of variants) await server.stop();
    for (const { root } of variants) rmSync(root, { recursive: true });
  }
  const [without, with_] = variants.map(({ samples }) => median(samples));
  return [
    { what: "save to new body", unit: "ms", value: without },
    { what: "save to new body, --types", unit: "ms", value: with_ },
  ];
}

/** From the request to `Debugger.paused` at a client of the debugger. */
async function breakpoint() {
  const { root, config } = writeWorker((body) => `new URL(request.url).pathname + "${body}"`);
  const port = await freePort();
  const server = await startDev(DROVER, [config], { args: [`--inspector-port=${port}`] });
  const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const client = new WebSocket(targets[0].webSocketDebuggerUrl);
  try {
    await once(client, "open");
    const messages = listen(client);
    const ask = (method, params = {}) => messages.ask(method, params);
    const parsed = messages.event("Debugger.scriptParsed", ({ sourceMapURL }) =>
      String(sourceMapURL).startsWith("data:"),
    );
    await ask("Debugger.enable");
    const { scriptId, url } = await parsed;
    const { scriptSource } = await ask("Debugger.getScriptSource", { scriptId });
    const lineNumber = scriptSource.split("\n").findIndex((line) => line.includes("const answer"));
    await ask("Debugger.setBreakpointByUrl", { url, lineNumber });
    const samples = [];
    for (let i = 0; i <= SAMPLES; i++) {
      const paused = messages.event("Debugger.paused");
      const startedAt = performance.now();
      const response = fetch(server.url);
      await paused;
      if (i > 0) samples.push(performance.now() - startedAt);
      await ask("Debugger.resume");
      await (await response).text();
    }
    return median(samples);
  } finally {
    client.terminate();
    await server.stop();
    rmSync(root, { recursive: true });
  }
}

/** Requests and events of a debugger's client. */
function listen(client) {
  const waiting = new Set();
  let id = 0;
  client.on("message", (data) => {
    const message = JSON.parse(String(data));
    for (const look of [...waiting]) if (look(message)) waiting.delete(look);
  });
  const wait = (fits, pick) =>
    new Promise((resolve) => {
      waiting.add((message) => {
        if (!fits(message)) return false;
        resolve(pick(message));
        return true;
      });
    });
  return {
    event: (method, fits = () => true) =>
      wait(
        (message) => message.method === method && fits(message.params),
        ({ params }) => params,
      ),
    ask(method, params) {
      id += 1;
      const own = id;
      const answer = wait(
        (message) => message.id === own,
        ({ result }) => result,
      );
      client.send(JSON.stringify({ id: own, method, params }));
      return answer;
    },
  };
}

/** @param {(body: string) => string} answer an expression */
function writeWorker(answer) {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const config = join(root, "wrangler.json");
  const values = { name: "bench-daily", main: "index.ts", compatibility_date: "2026-06-01" };
  writeFileSync(config, JSON.stringify({ ...values, vars: { A: "a" } }));
  const source = (body) =>
    writeFileSync(
      join(root, "index.ts"),
      `export default {
  fetch(request: Request): Response {
    const answer: string = ${answer(body)};
    return new Response(answer);
  },
};
`,
    );
  source("first");
  return { root, config, source };
}

function repeated(work) {
  const samples = [];
  for (let i = 0; i <= SAMPLES; i++) {
    const startedAt = performance.now();
    work();
    if (i > 0) samples.push(performance.now() - startedAt);
  }
  return median(samples);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export { baseline } from "./call.js";
