import { once } from "node:events";
import { expect, test } from "vitest";
import { connectDevTools, type DevToolsClient } from "../helpers/devtools-client.ts";
import { eventually } from "../helpers/eventually.ts";
import { type RunningDev, runDev } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { evaluate, getJson, hit, hostOf, text } from "./inspector-project.ts";
import { config } from "./workers.ts";

/* Dynamic Workers as targets of their own, for as long as they are there. */

/**
 * Loads the Worker of the path: `/a/x` asks "a", which `/a/hold` keeps in use until `/a/let-go`. `/none/x` asks one
 * without an id, kept until `/let-go`.
 */
const LOADER = `
let isKept = true;
const code = \`let isHeld = true;
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/let-go") isHeld = false;
    while (path === "/hold" && isHeld) await scheduler.wait(5);
    if (path === "/hold" || path === "/let-go") return new Response("done");
    const answer = "dynamic " + path;
    return new Response(answer);
  },
};\`;
const load = () => ({ compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": code } });
export default {
  async fetch(request, env) {
    const [, id, path] = new URL(request.url).pathname.split("/");
    if (id === "plain") return new Response("plain");
    if (id === "let-go") isKept = false;
    if (id === "let-go") return new Response("done");
    const stub = id === "none" ? env.LOADER.load(load()) : env.LOADER.get(id, load);
    const answer = await stub.getEntrypoint().fetch("http://x/" + path);
    while (id === "none" && isKept) await scheduler.wait(5);
    return answer;
  },
};`;

const project = (): Promise<TempProject> =>
  tempProject({
    "wrangler.json": config("api", {
      compatibility_date: "2026-06-01",
      worker_loaders: [{ binding: "LOADER" }],
    }),
    "src/index.ts": LOADER,
  });

const start = (files: TempProject, env: Record<string, string> = {}): Promise<RunningDev> =>
  runDev("wrangler.json", {
    cwd: files.dir,
    args: ["--inspector-port", "0", "--inspect"],
    env,
  });

interface Target {
  readonly title: string;
  readonly webSocketDebuggerUrl: string;
}

async function targets(dev: RunningDev): Promise<Record<string, string>> {
  const list = (await getJson(dev, "/json/list")) as Target[];
  return Object.fromEntries(
    list.map(({ title, webSocketDebuggerUrl }) => [title, webSocketDebuggerUrl]),
  );
}

/** A client of one dynamic Worker, with a breakpoint in its handler. */
async function attach(dev: RunningDev, name: string) {
  const url = (await targets(dev))[`Cloudflare Worker: ${name}`];
  const client = await connectDevTools(String(url));
  await client.send("Runtime.enable");
  await client.send("Debugger.enable");
  const script = await client.waitFor("Debugger.scriptParsed", (params) =>
    String(params.url).endsWith("/m.js"),
  );
  const { scriptSource } = await client.send("Debugger.getScriptSource", {
    scriptId: script.scriptId,
  });
  const lines = String(scriptSource).split("\n");
  const { breakpointId } = await client.send("Debugger.setBreakpointByUrl", {
    url: script.url,
    lineNumber: lines.findIndex((line) => line.includes("const answer")),
  });
  return { client, breakpoint: String(breakpointId) };
}

const closed = async (client: DevToolsClient): Promise<unknown[]> => {
  const [code, reason] = (await once(client.socket, "close")) as [number, Buffer];
  return [code, String(reason)];
};

test("a dynamic Worker stops at a breakpoint, and no other Worker with it", async () => {
  await using files = await project();
  await using dev = await start(files);
  await text(dev.fetch("/a/x"));
  await text(dev.fetch("/b/x"));
  expect(Object.keys(await targets(dev))).toEqual([
    "Cloudflare Worker: api",
    "Cloudflare Worker: api[a]",
    "Cloudflare Worker: api[b]",
  ]);
  const { client, breakpoint } = await attach(dev, "api[a]");
  await using _ = client;
  const { context } = await client.waitFor("Runtime.executionContextCreated");
  expect(context).toMatchObject({ name: "api[a]" });
  const answer = text(dev.fetch("/a/stopped"));
  const paused = await hit(client, breakpoint);
  expect(await evaluate(client, paused, "path")).toBe("/stopped");
  await dev.waitForLine(/Dynamic Worker "api\[a\]": Paused in the debugger/);
  expect(await text(dev.fetch("/plain"))).toBe("plain");
  expect(await text(dev.fetch("/b/y"))).toBe("dynamic /y");
  await client.send("Debugger.resume");
  expect(await answer).toBe("dynamic /stopped");
});

test("a dynamic Worker stays while it is debugged, and is gone from the list when it ends", async () => {
  await using files = await project();
  await using dev = await start(files, { DROVER_DYNAMIC_WORKER_IDLE_MS: "2000" });
  // However long it takes to attach, it is there until then.
  const held = text(dev.fetch("/a/hold"));
  await eventually(async () =>
    expect(Object.keys(await targets(dev))).toContain("Cloudflare Worker: api[a]"),
  );
  const { client, breakpoint } = await attach(dev, "api[a]");
  expect(await text(dev.fetch("/a/let-go"))).toBe("done");
  expect(await held).toBe("done");
  // Nobody uses either: the one that nobody debugs ends.
  await text(dev.fetch("/b/x"));
  await eventually(async () =>
    expect(Object.keys(await targets(dev))).toEqual([
      "Cloudflare Worker: api",
      "Cloudflare Worker: api[a]",
    ]),
  );
  const answer = text(dev.fetch("/a/again"));
  await hit(client, breakpoint);
  await client.send("Debugger.resume");
  expect(await answer).toBe("dynamic /again");
  await client[Symbol.asyncDispose]();
  await eventually(async () =>
    expect(Object.keys(await targets(dev))).toEqual(["Cloudflare Worker"]),
  );
  await expect(connectDevTools(`ws://${hostOf(dev)}/api[a]`)).rejects.toThrow("404");
});

test("those without an id are told apart, and clients leave when theirs ends", async () => {
  await using files = await project();
  await using dev = await start(files);
  const open = ["x", "y"].map((path) => text(dev.fetch(`/none/${path}`)));
  await eventually(async () =>
    expect(Object.keys(await targets(dev)).sort()).toEqual([
      "Cloudflare Worker: api",
      "Cloudflare Worker: api[dynamic]",
      "Cloudflare Worker: api[dynamic]-2",
    ]),
  );
  const { client } = await attach(dev, "api[dynamic]-2");
  await using _ = client;
  const gone = closed(client);
  await dev.fetch("/let-go");
  expect(await gone).toEqual([1001, "The dynamic Worker has ended."]);
  expect(await Promise.all(open)).toEqual(["dynamic /x", "dynamic /y"]);
});
