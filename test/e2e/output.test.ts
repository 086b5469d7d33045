import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config, PAIR_CONFIGS, pair } from "./workers.ts";

test("prints banner, bindings, Ready and the URL of every Worker, in that order", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  expect(dev.output).toMatch(
    /drover \d[\s\S]*─+[\s\S]*caller has access to the following bindings:[\s\S]*Binding +Resource +Mode[\s\S]*env\.CALLEE \(callee\) +Worker +local \[connected\][\s\S]*Ready on http:\/\/localhost:\d+\n[\s\S]*http:\/\/callee\.localhost:\d+/,
  );
});

test("says why a binding is not connected", async () => {
  await using project = await tempProject({
    ...pair(),
    "caller/wrangler.json": config("caller", {
      services: [
        { binding: "CALLEE", service: "callee" },
        { binding: "ADMIN", service: "callee", entrypoint: "Admin" },
        { binding: "NOBODY", service: "nobody" },
        { binding: "TYPO", service: "callee", entrypoint: "Admn" },
        { binding: "SELF", service: "caller" },
      ],
    }),
  });
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir, args: ["--no-registry"] });
  expect(dev.output).toMatch(/env\.ADMIN \(callee#Admin\) +Worker +local \[connected\]/);
  expect(dev.output).toMatch(/env\.SELF \(caller\) +Worker +local \[connected\]/);
  expect(dev.output).toMatch(
    /env\.NOBODY \(nobody\) +Worker +local \[not connected\].*not running/,
  );
  expect(dev.output).toMatch(/env\.TYPO \(callee#Admn\) +Worker +local \[not connected\].*Admin/);
});

test("sends DEV_SERVER_READY over IPC as a JSON string", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir, ipc: true });
  // A channel of its own: the message may come after the Ready line.
  await eventually(() => expect(dev.messages).not.toEqual([]));
  await dev.fetch("/");
  expect(dev.messages).toHaveLength(1);
  expect(JSON.parse(dev.messages[0] as string)).toMatchObject({
    event: "DEV_SERVER_READY",
    port: dev.port,
  });
});

test("logs one line per request, without query, with the status that the client got", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  await (await dev.fetch("/call?secret=1")).text();
  await dev.waitForLine(/GET \/call 200 OK \(\d+ms\)/);
  await (await dev.fetch("/last")).text();
  await dev.waitForLine(/GET \/last 200 OK/);
  expect(dev.output.match(/GET \/call/g)).toHaveLength(1);
  expect(dev.output).not.toContain("secret=1");
});

test("prefixes the console output of each Worker, for every method and every line", async () => {
  await using project = await tempProject(
    pair({
      callee: `
        import { WorkerEntrypoint } from "cloudflare:workers";
        export default class extends WorkerEntrypoint {
          count() {
            console.log("log %d", 1, { deep: { er: new Map([["k", 1n]]) } });
            console.info("info");
            console.debug("debug");
            console.warn("warn");
            console.error("error");
            console.log("two\\nlines");
            console.table([{ a: 1 }]);
            return 1;
          }
        }`,
    }),
  );
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  await (await dev.fetch("/call")).text();
  // What a Worker says and the line of a request come on ways of their own.
  await dev.waitForLine(/\[callee\] .*│ a/);
  const lines = dev.output.split("\n").filter((line) => line.startsWith("[callee] "));
  const all = lines.join("\n");
  expect(all).toContain("[callee] log 1 { deep: { er: Map(1) { 'k' => 1n } } }");
  for (const word of ["info", "debug", "warn", "error"]) expect(all).toMatch(new RegExp(word));
  expect(all).toContain("[callee] two\n[callee] lines");
});

test("an uncaught exception points into the TypeScript source", async () => {
  const source = `
interface Shape { readonly size: number }
export default {
  async fetch(_request: Request): Promise<Response> {
    await null;
    return measure(undefined as unknown as Shape);
  },
};
function measure(shape: Shape): Response {
  throw new TypeError("no shape: " + String(shape));
}
`;
  await using project = await tempProject({
    "app/wrangler.json": config("app"),
    "app/src/index.ts": source,
  });
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const plain = await dev.fetch("/", { headers: { accept: "text/plain" } });
  expect(plain.status).toBe(500);
  const body = await plain.text();
  expect(body).toContain("TypeError: no shape: undefined");
  expect(body).toMatch(/measure .*src\/index\.ts:10:9/);
  await dev.waitForLine(/TypeError: no shape: undefined/);
  await dev.waitForLine(/src\/index\.ts:10:9/);
  const page = await dev.fetch("/", { headers: { accept: "text/html,*/*" } });
  expect(page.headers.get("content-type")).toMatch(/text\/html/);
  expect(await page.text()).toContain("no shape: undefined");
});

test("console.error of an Error shows its mapped stack", async () => {
  await using project = await tempProject({
    "app/wrangler.json": config("app"),
    "app/src/index.ts": `type A = string;
export default {
  fetch(): Response {
    const a: A = "logged";
    console.error(new Error(a));
    return new Response("ok");
  },
};`,
  });
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  await (await dev.fetch("/")).text();
  await dev.waitForLine(/Error: logged/);
  await dev.waitForLine(/src\/index\.ts:5:\d+/);
});

test("lists what it does not support yet, with file and line", async () => {
  await using project = await tempProject({
    "app/wrangler.toml": `name = "app"
main = "src/index.ts"
compatibility_date = "2026-01-20"

[[vectorize]]
binding = "VEC"
index_name = "x"
`,
    "app/src/index.ts": `export default { fetch: async (_r: Request, env: any) => new Response(await env.VEC.query([1])) };`,
  });
  await using dev = await runDev("app/wrangler.toml", { cwd: project.dir });
  expect(dev.output).toMatch(/app\/wrangler\.toml:\d+ .*vectorize/);
  const response = await dev.fetch("/");
  expect(response.status).toBe(500);
  expect(await response.text()).toMatch(/VEC/);
});

test("a call to a Worker that is not there fails where it was made", async () => {
  await using project = await tempProject({
    "app/wrangler.json": config("app", { services: [{ binding: "GONE", service: "gone" }] }),
    "app/src/index.ts": `export default {
  async fetch(_request: Request, env: any): Promise<Response> {
    return new Response(await callIt(env));
  },
};
async function callIt(env: any): Promise<string> {
  return await env.GONE.hello();
}`,
  });
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  const response = await dev.fetch("/", { headers: { accept: "text/plain" } });
  expect(response.status).toBe(500);
  const body = await response.text();
  expect(body).toContain('Worker "gone" not found. Make sure it is running locally.');
  expect(body).toMatch(/callIt .*src\/index\.ts:7:\d+/);
});

test("a response adds to its own line, by a header that the client does not get", async () => {
  await using project = await tempProject({
    "wrangler.json": config("noted"),
    "src/index.ts": `export default {
      fetch: ({ url }) => new Response(url.endsWith("stream") ? new Blob(["body"]).stream() : "body", {
        headers: { "X-Mf-Additional-Response-Log": "cache: hit", "x-other": "1" },
      }),
    };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  for (const path of ["/extra", "/stream"]) {
    const response = await dev.fetch(path);
    expect([response.headers.get("x-other"), await response.text()]).toEqual(["1", "body"]);
    expect(response.headers.has("x-mf-additional-response-log")).toBe(false);
    await dev.waitForLine(new RegExp(`GET ${path} 200 OK \\(\\d+ms\\) cache: hit\\n`));
  }
});

test("the session is recorded where wrangler's are, in its form", async () => {
  await using project = await tempProject({
    "wrangler.json": config("recorded"),
    "src/index.ts": "export default {};",
  });
  const env = { WRANGLER_OUTPUT_FILE_PATH: "out/session.json" };
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    env,
    args: ["--log-level", "none", "--port", "0"],
    waitForReady: false,
  });
  await eventually(() => expect(existsSync(project.path("out/session.json"))).toBe(true));
  await dev.stop();
  const lines = readFileSync(project.path("out/session.json"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    {
      type: "wrangler-session",
      version: 1,
      wrangler_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      command_line_args: ["dev", "-c", "wrangler.json", "--log-level", "none", "--port", "0"],
      log_file_path: "",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
  expect(dev.output).toBe("");
});
