import { describe, expect, test } from "vitest";
import { connectDevTools, type Params } from "../helpers/devtools-client.ts";
import { runDrover } from "../helpers/run-dev.ts";
import {
  attach,
  breakAt,
  connect,
  get,
  getJson,
  HANDLER,
  hit,
  hostOf,
  project,
  source,
  start,
  TOP_LEVEL,
  text,
} from "./inspector-project.ts";

/* What VS Code, DevTools and Node's own client do with the inspector, and who is kept out. */

describe("a broken save", () => {
  test.each([
    ["that does not build", "export default {", /Expected identifier/],
    ["that throws at its top level", `${source()}throw new Error("no start");`, /no start/],
  ])("%s leaves the client where it is", async (_what, broken, told) => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const breakpoint = await breakAt(client, HANDLER);
    await files.write("api/src/index.ts", broken);
    await dev.waitForLine(told);
    const stale = text(dev.fetch("/x"));
    await hit(client, breakpoint);
    await client.send("Debugger.resume");
    expect(await stale).toBe("v1 /x");
    await files.write("api/src/index.ts", source().replace("answer);", 'answer + "!");'));
    await dev.waitForLine(/updated and ready/);
    const answer = text(dev.fetch("/x"));
    await hit(client, breakpoint);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x!");
  });
});

describe("a client", () => {
  test("that speaks at once, and that comes late, misses nothing", async () => {
    await using files = await project();
    await using dev = await start(files);
    expect(await text(dev.fetch("/early"))).toBe("v1 /early");
    await using client = await connect(dev);
    await client.send("Runtime.enable");
    const { context } = await client.waitFor("Runtime.executionContextCreated");
    expect((context as Params).name).toBe("api");
    const early = await client.waitFor("Runtime.consoleAPICalled");
    const [said, path] = early.args as Params[];
    expect([said?.value, path?.value]).toEqual(["asked for", "/early"]);
    const frames = (early.stackTrace as { callFrames: { url: string }[] }).callFrames;
    expect(frames[0]?.url).toMatch(/\/src\/index\.bundle\.js$/);
    await dev.fetch("/late");
    const late = await client.waitFor("Runtime.consoleAPICalled");
    const [, latePath, object] = late.args as Params[];
    expect(latePath?.value).toBe("/late");
    expect(object?.preview).toBeDefined();
  });

  test("keeps its connection when its Worker's thread crashes", async () => {
    await using files = await project();
    await files.write(
      "api/src/index.ts",
      source("const kept: number[][] = [];").replace(
        "const answer",
        'while (path === "/crash") kept.push(new Array(1e6).fill(1.5));\n    const answer',
      ),
    );
    await using dev = await start(files);
    await using client = await attach(dev);
    const breakpoint = await breakAt(client, HANDLER);
    const crashed = dev.fetch("/crash").catch(() => undefined);
    await dev.waitForLine(/The Worker crashed/);
    await crashed;
    const answer = text(dev.fetch("/x"));
    await hit(client, breakpoint);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x");
  });

  test("gets a CPU profile and a heap snapshot", async () => {
    await using files = await project();
    await files.write(
      "api/src/index.ts",
      source("class Remembered {}", "(globalThis as any).kept = new Remembered();").replace(
        "const answer",
        "spin(); const answer",
      ) +
        // Long enough for a sample on any machine.
        "function spin() { const end = performance.now() + 50; let n = 0; while (n < 3e8) n += 1; return end; }",
    );
    await using dev = await start(files);
    await using client = await attach(dev);
    await client.send("Profiler.enable");
    await client.send("Profiler.start");
    await dev.fetch("/x");
    const { profile } = await client.send("Profiler.stop");
    const nodes = (profile as { nodes: { callFrame: { functionName: string } }[] }).nodes;
    expect(nodes.map(({ callFrame }) => callFrame.functionName)).toContain("spin");
    await client.send("HeapProfiler.takeHeapSnapshot");
    const chunks = client.events.filter(
      ({ method }) => method === "HeapProfiler.addHeapSnapshotChunk",
    );
    expect(chunks.map(({ params }) => String(params.chunk)).join("")).toContain('"Remembered"');
  });

  /** The attach of VS Code's debugger (js-debug), by what it sends. */
  test("that is VS Code attaches to the first target and stops where its breakpoints are", async () => {
    const names = ["api", "auth"];
    await using files = await project(names);
    await using dev = await start(files, names);
    const version = await getJson(dev, "/json/version");
    expect(version).toMatchObject({ "Protocol-Version": "1.3" });
    const [target] = (await getJson(dev, "/json/list")) as { webSocketDebuggerUrl: string }[];
    await using client = await connectDevTools(target?.webSocketDebuggerUrl as string);
    const said = [
      client.send("Runtime.enable"),
      client.send("Debugger.enable", { maxScriptsCacheSize: 1e7 }),
      client.send("Debugger.setAsyncCallStackDepth", { maxDepth: 32 }),
      client.send("Debugger.setBlackboxPatterns", { patterns: ["node_modules"] }),
      client.send("Debugger.setPauseOnExceptions", { state: "none" }),
      client.send("Debugger.setInstrumentationBreakpoint", {
        instrumentation: "beforeScriptWithSourceMapExecution",
      }),
      client.send("NodeWorker.enable", { waitForDebuggerOnStart: true }).catch(String),
      client.send("Runtime.runIfWaitingForDebugger"),
    ];
    expect((await Promise.all(said))[6]).toContain("-32601");
    const breakpoint = await breakAt(client, HANDLER);
    const answer = text(dev.fetch("/x"));
    await hit(client, breakpoint);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x");
    // Before a script with a map runs it stops, to set breakpoints in it.
    await files.write("api/src/index.ts", source().replace("answer);", 'answer + "!");'));
    const stopped = await client.waitFor(
      "Debugger.paused",
      ({ reason }) => reason === "instrumentation",
    );
    expect((stopped.data as Params).url).toMatch(/\/src\/index\.bundle\.js$/);
    const topLevel = await breakAt(client, TOP_LEVEL);
    await client.send("Debugger.resume");
    await hit(client, topLevel);
    await client.send("Debugger.resume");
    await dev.waitForLine(/updated and ready/);
  });

  test("may set a breakpoint anew where it was carried over to", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const first = await breakAt(client, HANDLER);
    await files.write(
      "api/src/greeting.ts",
      'const list = [1];\nlist.push(2);\nexport const greeting = (): string => "v2";\n',
    );
    await dev.waitForLine(/updated and ready/);
    const second = await breakAt(client, HANDLER);
    expect(second).not.toBe(first);
    await client.send("Debugger.removeBreakpoint", { breakpointId: first });
    const answer = text(dev.fetch("/x"));
    await hit(client, second);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v2 /x");
  });
});

describe("--inspect-brk", () => {
  test("waits for a client and stops at the first line", async () => {
    const names = ["api", "auth"];
    await using files = await project(names);
    await using dev = await start(files, names, {
      args: ["--inspect-brk=auth"],
      waitForReady: false,
    });
    await dev.waitForLine(/Debugger listening on \S+\/auth/);
    await using client = await attach(dev, "auth");
    await client.send("Runtime.runIfWaitingForDebugger");
    const { callFrames } = await client.waitFor("Debugger.paused");
    const [{ location }] = callFrames as [{ location: Params }];
    const { scriptId } = await client.waitFor("Debugger.scriptParsed", (params) =>
      String(params.url).endsWith("/auth/src/index.bundle.js"),
    );
    expect(location).toEqual({ scriptId, lineNumber: 0, columnNumber: expect.any(Number) });
    await client.send("Debugger.resume");
    await dev.waitForLine(/Ready on/);
    expect(await text(dev.fetch("/x", { worker: "auth" }))).toBe("v1 /x");
  });
});

describe("the inspector's port", () => {
  test("lists every Worker, the first one first, for the host that asks", async () => {
    const names = ["api", "auth", "web"];
    await using files = await project(names);
    await using dev = await start(files, names);
    const { port } = new URL(`http://${hostOf(dev)}`);
    const list = JSON.parse((await get(dev, "/json", { host: `localhost:${port}` })).body);
    expect(list).toEqual(
      await getJson(dev, "/json/list").then((it) =>
        JSON.parse(JSON.stringify(it).replaceAll("127.0.0.1", "localhost")),
      ),
    );
    expect(list.map((it: Params) => it.webSocketDebuggerUrl)).toEqual(
      names.map((name) => `ws://localhost:${port}/${name}`),
    );
    expect(Object.keys(list[0])).toEqual([
      "id",
      "type",
      "description",
      "webSocketDebuggerUrl",
      "devtoolsFrontendUrl",
      "devtoolsFrontendUrlCompat",
      "title",
      "faviconUrl",
    ]);
    expect(list[1]).toMatchObject({ type: "node", title: "Cloudflare Worker: auth" });
    expect((await get(dev, "/")).status).toBe(404);
  });

  test("is not for web pages", async () => {
    await using files = await project();
    await using dev = await start(files);
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const refused: [Record<string, string>, number, string][] = [
      [{ origin: "https://evil.com" }, 401, "Disallowed `Origin` header"],
      [{ origin: "https://evil.com", ...upgrade }, 401, "Disallowed `Origin` header"],
      [{ host: "evil.com" }, 401, "Disallowed `Host` header"],
      [{ host: "evil.com", ...upgrade }, 401, "Disallowed `Host` header"],
      [{ "user-agent": "Mozilla/5.0", ...upgrade }, 400, "Expected `Origin` header"],
    ];
    for (const [headers, status, body] of refused) {
      expect(await get(dev, "/json/list", headers)).toEqual({ status, body });
    }
    for (const origin of [
      "devtools://devtools",
      "http://localhost:1234",
      "https://devtools.devprod.cloudflare.dev",
    ]) {
      await using client = await connectDevTools(`ws://${hostOf(dev)}/ws`, { origin });
      await client.send("Runtime.enable");
    }
    await expect(connectDevTools(`ws://${hostOf(dev)}/nobody`)).rejects.toThrow("404");
    await dev.waitForLine(/requested for the \/nobody path but no such inspector exists/);
  });

  test("is another one where nobody asked for one that is taken, else the end", async () => {
    await using files = await project();
    await using dev = await start(files);
    const { port } = new URL(`http://${hostOf(dev)}`);
    const { code, stdout, stderr } = await runDrover(
      ["dev", "-c", "api/wrangler.json", "--port", "0", "--inspector-port", port],
      { cwd: files.dir },
    );
    expect(code).toBe(4);
    expect(stdout + stderr).toContain(`Address already in use (127.0.0.1:${port})`);
    expect(stdout + stderr).toContain("specify a different port with --inspector-port");
  });
});
