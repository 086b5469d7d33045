import { describe, expect, test } from "vitest";
import type { DevToolsClient } from "../helpers/devtools-client.ts";
import { eventually } from "../helpers/eventually.ts";
import type { RunningDev } from "../helpers/run-dev.ts";
import {
  attach,
  breakAt,
  evaluate,
  getJson,
  HANDLER,
  hit,
  hostsOf,
  project,
  source,
  start,
  TOP_LEVEL,
  text,
} from "./inspector-project.ts";
import { config } from "./workers.ts";

/* Breakpoints, and Workers that are stopped at one. */

describe("a breakpoint in a .ts file", () => {
  test("stops, and goes on", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const breakpoint = await breakAt(client, HANDLER);
    const answer = text(dev.fetch("/x"));
    const paused = await hit(client, breakpoint);
    expect(await evaluate(client, paused, "path")).toBe("/x");
    await dev.waitForLine(/Paused in the debugger/);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x");
  });

  test("holds over saves that move its line in the bundle, without any act of the client", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const breakpoint = await breakAt(client, HANDLER);
    // More of the bundle before it, and its own file changed below it.
    await files.write(
      "api/src/greeting.ts",
      'const a = [1];\nconst b = [2];\na.push(3);\nb.push(4);\nexport const greeting = (): string => "v2" + a.length + b.length;\n',
    );
    await dev.waitForLine(/updated and ready/);
    await client.waitFor("Runtime.executionContextsCleared");
    const answer = text(dev.fetch("/x"));
    const paused = await hit(client, breakpoint);
    expect(await evaluate(client, paused, "path")).toBe("/x");
    expect(await evaluate(client, paused, "started")).toBe("v222");
    await client.send("Debugger.removeBreakpoint", { breakpointId: breakpoint });
    await client.send("Debugger.resume");
    expect(await answer).toBe("v222 /x");
    expect(await text(dev.fetch("/y"))).toBe("v222 /y");
  });

  test("at module scope stops at the next save", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const breakpoint = await breakAt(client, TOP_LEVEL);
    await files.write("api/src/index.ts", source().replace("answer);", 'answer + "!");'));
    await hit(client, breakpoint);
    // The version before serves meanwhile.
    expect(await text(dev.fetch("/x"))).toBe("v1 /x");
    await client.send("Debugger.resume");
    await dev.waitForLine(/updated and ready/);
    expect(await text(dev.fetch("/x"))).toBe("v1 /x!");
  });

  test("stops its own Worker only", async () => {
    const names = ["api", "auth", "web"];
    await using files = await project(names);
    await using dev = await start(files, names);
    await using client = await attach(dev, "auth");
    const breakpoint = await breakAt(client, HANDLER);
    const answer = text(dev.fetch("/x", { worker: "auth" }));
    await hit(client, breakpoint);
    expect(await text(dev.fetch("/y"))).toBe("v1 /y");
    expect(await text(dev.fetch("/z", { worker: "web" }))).toBe("v1 /z");
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x");
  });
});

describe("while a Worker is paused", () => {
  async function pause(dev: RunningDev, client: DevToolsClient) {
    const breakpoint = await breakAt(client, HANDLER);
    const answer = text(dev.fetch("/x")).catch((error: unknown) => String(error));
    return { answer, breakpoint, paused: await hit(client, breakpoint) };
  }

  test("no limit ends it", async () => {
    await using files = await project();
    await files.write("api/wrangler.json", config("api", { limits: { cpu_ms: 10 } }));
    await using dev = await start(files, ["api"], { args: ["--limits", "enforce"] });
    await using client = await attach(dev);
    const { answer, paused } = await pause(dev, client);
    const busy = "const end = Date.now() + 700; let n = 0; while (Date.now() < end) n += 1; n > 0";
    expect(
      await evaluate(client, paused, `(() => { ${busy.replace("n > 0", "return n > 0")} })()`),
    ).toBe(true);
    await client.send("Debugger.resume");
    expect(await answer).toBe("v1 /x");
  });

  test("a save lets it go on, and the new code serves", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const { answer, breakpoint } = await pause(dev, client);
    await files.write("api/src/index.ts", source().replace("answer);", 'answer + "!");'));
    await dev.waitForLine(/updated and ready/);
    expect(await answer).toBe("v1 /x");
    await client.waitFor("Debugger.resumed");
    const again = text(dev.fetch("/y"));
    await hit(client, breakpoint);
    await client.send("Debugger.resume");
    expect(await again).toBe("v1 /y!");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends the session", async (signal) => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    await pause(dev, client);
    expect(await dev.stop(signal)).toEqual({ code: 0, signal: null });
  });

  test("its host may die: the next one is on the same port", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using client = await attach(dev);
    const { answer } = await pause(dev, client);
    const [list] = await getJson(dev, "/json/list");
    for (const pid of await hostsOf(dev)) process.kill(pid, "SIGKILL");
    await dev.waitForLine(/The runtime process died/);
    await answer;
    await using again = await eventually(() => attach(dev));
    const { answer: second } = await pause(dev, again);
    await again.send("Debugger.resume");
    expect(await second).toBe("v1 /x");
    expect((await getJson(dev, "/json/list"))[0]).toEqual(list);
  });

  test("two clients know, and either lets it go on", async () => {
    await using files = await project();
    await using dev = await start(files);
    await using first = await attach(dev);
    await using second = await attach(dev);
    const { answer } = await pause(dev, first);
    await second.waitFor("Debugger.paused");
    await second.send("Debugger.resume");
    await first.waitFor("Debugger.resumed");
    expect(await answer).toBe("v1 /x");
  });

  test("a client that leaves lets it go on", async () => {
    await using files = await project();
    await using dev = await start(files);
    const client = await attach(dev);
    const { answer } = await pause(dev, client);
    await client[Symbol.asyncDispose]();
    expect(await answer).toBe("v1 /x");
  });
});
