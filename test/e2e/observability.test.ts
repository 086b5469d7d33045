import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * spec/devtools-types.md 17: log levels (25), the guard of `/cdn-cgi/` (30), what is known of a request over
 * several Workers (31) and of one that throws (32). 26 to 28 are in output.test.ts.
 */

const loud = {
  "wrangler.json": config("loud"),
  "src/index.ts": `export default {
    fetch() {
      console.log("a log"); console.info("an info"); console.debug("a debug");
      console.warn("a warning"); console.error("an error");
      return new Response("ok");
    },
  };`,
};

const SAID = ["a log", "an info", "a debug", "a warning", "an error"];

test.each([
  ["debug", [...SAID, "GET / 200", "Ready on"]],
  ["log", [...SAID, "GET / 200", "Ready on"]],
  ["info", ["an info", "a debug", "a warning", "an error", "GET / 200", "Ready on"]],
  ["warn", ["a warning", "an error"]],
  ["error", ["an error"]],
  ["none", []],
])("--log-level %s shows what wrangler's does", async (level, shown) => {
  await using project = await tempProject(loud);
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    args: ["--log-level", level, "--ready-file=ready.json", "--log-dir=logs"],
    waitForReady: false,
  });
  const port = await eventually(
    () => (JSON.parse(readFileSync(project.path("ready.json"), "utf8")) as { port: number }).port,
  );
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("ok");
  // The last of what it has to say is in the file; the terminal got it before.
  await eventually(() =>
    expect(readFileSync(project.path("logs/loud.log"), "utf8")).toContain("GET / 200"),
  );
  await dev.stop();
  const all = [...SAID, "GET / 200", "Ready on"];
  expect(all.filter((each) => dev.output.includes(each))).toEqual(
    all.filter((each) => shown.includes(each)),
  );
  if (level === "none") expect(dev.output).toBe("");
});

const RESERVED = [
  "/cdn-cgi/drover/status",
  "/cdn-cgi/drover/logs",
  "/cdn-cgi/drover/spans?trace=1",
  "/cdn-cgi/drover/queue/jobs",
  "/cdn-cgi/local/scheduled",
  "/cdn-cgi/handler/scheduled",
  "/cdn-cgi/mf/scheduled",
  "/cdn-cgi/local/email",
  "/cdn-cgi/handler/email",
  "/cdn-cgi/local/r2/public/bucket/key",
  "/cdn-cgi/local/explorer/api",
  "/cdn-cgi/live-reload",
  "/cdn-cgi/image/width=10/a.png",
  "/cdn-cgi/whatever",
  "/cdn-cgi/",
];

test("no page of another site reaches a path below /cdn-cgi/, whatever the path, method and port", async () => {
  await using project = await tempProject({
    "wrangler.json": config("guarded"),
    "src/index.ts": "export default { fetch: () => new Response('the Worker') };",
  });
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    args: ["--worker-port=guarded=0", "--live-reload"],
  });
  const own = /Worker guarded on http:\/\/localhost:(\d+)|guarded.*http:\/\/localhost:(\d+)/.exec(
    dev.output,
  );
  const ports = [dev.port, Number(own?.[1] ?? own?.[2] ?? dev.port)];
  for (const port of ports) {
    for (const path of RESERVED) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const ask = (headers: Record<string, string>) => answerOf(port, method, path, headers);
        expect([path, ...(await ask({ host: "evil.com" }))]).toEqual([
          path,
          403,
          "Invalid Host header",
        ]);
        expect([path, ...(await ask({ origin: "https://evil.com" }))]).toEqual([
          path,
          403,
          "Invalid Origin header",
        ]);
      }
    }
    for (const origin of ["http://localhost:5173", "http://127.0.0.1:1", "http://[::1]:2"]) {
      expect(await answerOf(port, "GET", "/cdn-cgi/whatever", { origin })).toEqual([
        200,
        "the Worker",
      ]);
    }
    // What is not reserved is the Worker's own.
    expect(await answerOf(port, "GET", "/", { origin: "https://evil.com" })).toEqual([
      200,
      "the Worker",
    ]);
  }
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const headers = { ...upgrade, "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
  for (const path of ["/cdn-cgi/live-reload", "/cdn-cgi/whatever"]) {
    expect(
      await answerOf(dev.port, "GET", path, { ...headers, origin: "https://evil.com" }),
    ).toEqual([403, "Invalid Origin header"]);
  }
});

/** Status and body. */
async function answerOf(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<[number | undefined, string]> {
  const asked = request({ host: "127.0.0.1", port, method, path, headers, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return [response.statusCode, await text(response)];
}

interface Call {
  readonly spanId: string;
  readonly kind: string;
  readonly worker: string;
  readonly service: string;
  readonly name: string;
  readonly outcome: string;
  readonly calls: readonly Call[];
}

const chain = {
  "api/wrangler.json": config("api", {
    services: [{ binding: "AUTH", service: "auth", entrypoint: "Auth" }],
  }),
  "api/src/index.ts": `export default {
    async fetch(request, env) {
      if (new URL(request.url).pathname === "/throw") throw new RangeError("it fails");
      return new Response(String(await env.AUTH.verify("t")));
    },
  };`,
  "auth/wrangler.json": config("auth", { kv_namespaces: [{ binding: "KV", id: "kv" }] }),
  "auth/src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
    export class Auth extends WorkerEntrypoint {
      async verify(token) { console.log("verifies"); return await this.env.KV.get("session:" + token); }
    }
    export default {};`,
};

test("api, auth and KV are one trace, each the child of the one before; one that throws says so", async () => {
  await using project = await tempProject(chain);
  await using dev = await runDev(["api/wrangler.json", "auth/wrangler.json"], {
    cwd: project.dir,
    args: ["--trace", "--log-format=json", "--ready-file=ready.json"],
    waitForReady: false,
  });
  const port = await eventually(
    () => (JSON.parse(readFileSync(project.path("ready.json"), "utf8")) as { port: number }).port,
  );
  await fetch(`http://127.0.0.1:${port}/ok`);
  await dev.waitForLine(/"type":"trace"/);
  await fetch(`http://127.0.0.1:${port}/throw`);
  await dev.waitForLine(/"message":"GET \/throw 500"/);
  const lines = dev.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (type: string, message: string) =>
    lines.find((line) => line.type === type && String(line.message).includes(message));

  const trace = of("trace", "GET /ok") ?? {};
  expect(trace).toMatchObject({ worker: "api", kind: "request", outcome: "ok", status: 200 });
  const [call, ...others] = trace.calls as Call[];
  expect(others).toEqual([]);
  expect(call).toMatchObject({ kind: "rpc", worker: "api", service: "auth", name: "Auth.verify" });
  expect(call?.calls).toMatchObject([
    {
      kind: "resource",
      worker: "auth",
      service: "kv",
      name: 'get "session:t"',
      outcome: "ok",
      calls: [],
    },
  ]);
  const ids = [trace.spanId, call?.spanId, call?.calls[0]?.spanId];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(of("console", "verifies")).toMatchObject({ worker: "auth", traceId: trace.traceId });
  expect(of("request", "GET /ok")).toMatchObject({ worker: "api", traceId: trace.traceId });

  const failed = of("exception", "it fails");
  expect(failed).toMatchObject({ level: "error", worker: "api" });
  expect(of("request", "GET /throw")).toMatchObject({ traceId: failed?.traceId, status: 500 });
});
