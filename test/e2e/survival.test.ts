import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { descendants } from "../helpers/process-tree.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { COUNTING_CALLER, config, PAIR_CONFIGS, pair } from "./workers.ts";

const APP = `
const aborted: string[] = [];
export default {
  async fetch(request: Request, env: any, ctx: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/loop") for (;;);
    if (pathname === "/echo") return new Response(request.body);
    if (pathname === "/length") return new Response(String((await request.arrayBuffer()).byteLength));
    if (pathname === "/hang") {
      request.signal.addEventListener("abort", () => aborted.push("hang"));
      return new Promise(() => {});
    }
    if (pathname === "/endless") {
      return new Response(new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array(65536)); },
        cancel() { aborted.push("endless"); },
      }));
    }
    if (pathname === "/aborted") return Response.json(aborted);
    if (pathname === "/reject") { void Promise.reject(new Error("nobody catches this")); }
    if (pathname === "/timer") { setTimeout(() => { throw new Error("thrown by a timer"); }, 1); await new Promise((r) => setTimeout(r, 5)); }
    return new Response("ok");
  },
};
`;

const app = () =>
  tempProject({
    "app/wrangler.json": config("app", { compatibility_flags: ["enable_request_signal"] }),
    "app/src/index.ts": APP,
    ...pair(),
  });

test("an endless loop in one Worker leaves the others and a reload alone", async () => {
  await using project = await app();
  await using dev = await runDev(["app/wrangler.json", ...PAIR_CONFIGS], { cwd: project.dir });
  const stuck = dev.fetch("/loop");
  const other = await dev.fetch("/", { worker: "caller" });
  expect(await other.text()).toBe("request 1");
  dev.mark();
  const fixed = APP.replace('"ok"', '"fixed"').replace("for (;;);", 'return new Response("left");');
  await project.write("app/src/index.ts", fixed);
  await dev.waitForLine(/Local server updated and ready/);
  expect(await (await dev.fetch("/")).text()).toBe("fixed");
  // A GET that the old thread never answered is asked again of the new one.
  expect(await (await stuck).text()).toBe("left");
});

test("saving a file unchanged replaces a Worker that loops, and leaves one that waits", async () => {
  await using project = await app();
  await using dev = await runDev(["app/wrangler.json", ...PAIR_CONFIGS], { cwd: project.dir });
  await (await dev.fetch("/", { worker: "caller" })).text();
  const stuck = dev.fetch("/loop", { method: "POST" });
  await dev.waitForLine(/running without a pause/);
  await project.write("caller/src/index.ts", COUNTING_CALLER);
  await project.write("app/src/index.ts", APP);
  await dev.waitForLine(/Local server updated and ready \(app/);
  expect(await (await dev.fetch("/")).text()).toBe("ok");
  expect((await stuck).status).toBe(503);
  expect(await (await dev.fetch("/", { worker: "caller" })).text()).toBe("request 2");
  expect(dev.output).not.toContain("Reloading local server... (caller)");
});

test("a killed esbuild is replaced by the next build, for every Worker", async () => {
  await using project = await app();
  await using dev = await runDev(["app/wrangler.json", ...PAIR_CONFIGS], { cwd: project.dir });
  const esbuild = descendants(dev.child.pid as number).find(({ command }) =>
    command.includes("--service="),
  );
  process.kill(esbuild?.pid as number, "SIGKILL");
  for (const worker of ["app", "caller"]) {
    dev.mark();
    const code = `export default { fetch: () => new Response("${worker} again") };`;
    await project.write(`${worker}/src/index.ts`, code);
    await dev.waitForLine(new RegExp(`Local server updated and ready \\(${worker},`));
    expect(await (await dev.fetch("/", { worker })).text()).toBe(`${worker} again`);
  }
  expect(dev.output).not.toContain("Build failed");
});

test("a killed host process is replaced on the same port; no connection is refused", async () => {
  await using project = await app();
  await using dev = await runDev(["app/wrangler.json", ...PAIR_CONFIGS], { cwd: project.dir });
  const host = descendants(dev.child.pid as number).find(({ command }) =>
    command.includes("programs/host.cjs"),
  );
  expect(host).toBeDefined();
  dev.mark();
  process.kill(host?.pid as number, "SIGKILL");
  const responses = await Promise.all(
    Array.from({ length: 20 }, async () => (await dev.fetch("/")).text()),
  );
  expect(new Set(responses)).toEqual(new Set(["ok"]));
  await dev.waitForLine(/runtime process died/);
  expect(await (await dev.fetch("/call", { worker: "caller" })).text()).toBe("count 1");
});

test("a Worker that aborts V8 is named, and everything serves again", async () => {
  await using project = await tempProject({
    ...pair(),
    "app/wrangler.json": config("greedy"),
    "app/src/index.ts": `export default {
      fetch(request: Request) {
        if (new URL(request.url).pathname === "/boom") "x".repeat(2 ** 28).split("");
        return new Response("fine");
      },
    };`,
  });
  await using dev = await runDev(["app/wrangler.json", ...PAIR_CONFIGS], { cwd: project.dir });
  await dev.fetch("/boom").catch((error: unknown) => error);
  await dev.waitForLine(/greedy/);
  expect(await (await dev.fetch("/")).text()).toBe("fine");
  expect(await (await dev.fetch("/call", { worker: "caller" })).text()).toBe("count 1");
});

test("an unhandled rejection and a throwing timer are printed and kill nothing", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  expect(await (await dev.fetch("/reject")).text()).toBe("ok");
  await dev.waitForLine(/nobody catches this/);
  expect(await (await dev.fetch("/timer")).text()).toBe("ok");
  await dev.waitForLine(/thrown by a timer/);
  expect(await (await dev.fetch("/")).text()).toBe("ok");
});

test("a client that goes away aborts request.signal and the stream that it read", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const hanging = httpRequest(`http://127.0.0.1:${dev.port}/hang`);
  hanging.on("error", () => {});
  hanging.end();
  const endless = await dev.fetch("/endless");
  const reader = endless.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await reader.read();
  hanging.destroy();
  await reader.cancel();
  for (;;) {
    const aborted = (await (await dev.fetch("/aborted")).json()) as string[];
    if (aborted.length === 2) break;
  }
});

test("half a POST and then silence hurts nobody", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  await new Promise<void>((resolve) => {
    const socket = connect(dev.port, "127.0.0.1", () => {
      socket.write("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf", () => {
        socket.destroy();
        resolve();
      });
    });
  });
  expect(await (await dev.fetch("/")).text()).toBe("ok");
});

test("500 parallel requests all succeed", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const statuses = await Promise.all(
    Array.from({ length: 500 }, async () => {
      const response = await dev.fetch("/");
      await response.text();
      return response.status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test("large bodies stream both ways", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const body = new Uint8Array(20_000_000).map((_, i) => i % 251);
  const length = await dev.fetch("/length", { method: "POST", body });
  expect(await length.text()).toBe("20000000");
  const echo = await dev.fetch("/echo", { method: "POST", body });
  expect(Buffer.compare(new Uint8Array(await echo.arrayBuffer()), body)).toBe(0);
});

test("HEAD gets headers and no body", async () => {
  await using project = await app();
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const response = await dev.fetch("/", { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("");
});
