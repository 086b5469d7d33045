import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import { TestHost } from "./harness.ts";

const OK = `export default { fetch: () => new Response("ok") };`;

async function evaluate(code: string, flags: readonly string[] = ["nodejs_compat"]) {
  await using host = new TestHost();
  const worker = await host.start({ code, spec: { compatibilityFlags: flags } });
  const answer = await worker.fetch("/");
  if (answer.failure !== undefined) throw new Error(answer.failure.stack);
  return { text: answer.text, logs: worker.logs };
}

test("reports what a Worker exports", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
      export class Api extends WorkerEntrypoint { a() {} get b() { return 1; } #c() {} static d() {} }
      export class Room extends DurableObject { join() {} }
      export class Old { fetch() {} }
      export const limits = [5];
      export function helper() {}
      export default { fetch() {}, scheduled() {} };`,
  });
  expect(worker.entrypoints).toEqual([
    { name: "Api", kind: "class", methods: ["a", "b"] },
    { name: "Old", kind: "legacy-durable-object", methods: ["fetch"] },
    { name: "Room", kind: "durable-object", methods: ["join"] },
    { name: "default", kind: "object", methods: ["fetch", "scheduled"] },
  ]);
});

test.for([
  ["async function handler() {}", "a function"],
  ["[{ fetch() {} }]", "an array"],
])("says what is wrong with the default export %s", async ([code, what]) => {
  await using host = new TestHost();
  const worker = await host.start({ code: `export default ${code};` });
  const { failure } = await worker.fetch("/");
  expect(failure?.message).toContain(`is ${what}. It must be an object with handlers`);
});

const WRONG_TYPE = (name: string) =>
  `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`;
const NOTHING =
  "Cannot initialize N7workerd3api15ExportedHandlerE with required members from an undefined or null value.";
const NO_OBJECT = "Exported value's prototype chain does not end in Object.";

test.for([
  ["const text = 'x'", WRONG_TYPE("text"), 'move "text" to another module'],
  ["const count = 0", WRONG_TYPE("count"), 'move "count"'],
  ["const flag = false", WRONG_TYPE("flag"), 'move "flag"'],
  ["const symbol = Symbol()", WRONG_TYPE("symbol"), 'move "symbol"'],
  ["const big = 1n", WRONG_TYPE("big"), 'move "big"'],
  ["const b = 1, a = 2", WRONG_TYPE("a"), 'move "a"'],
  ["const nothing = null", NOTHING, 'move "nothing"'],
  ["let later", NOTHING, 'move "later"'],
  ["const bare = Object.create(null)", NO_OBJECT, 'move "bare"'],
  ["* as own from 'cloudflare:workers'", NO_OBJECT, 'move "own"'],
])("refuses to start a Worker that exports %s", async ([code, text, advice]) => {
  await using host = new TestHost();
  const worker = host.start({ code: `${OK}\nexport ${code};` });
  await expect(worker).rejects.toThrow(`${text}\nThe main module may export nothing but`);
  await expect(worker).rejects.toThrow(advice);
});

test.for(["undefined", "null", "42", "'text'"])("refuses the default export %s", async (value) => {
  await using host = new TestHost();
  await expect(host.start({ code: `export default ${value};` })).rejects.toThrow(
    "\nThe default export must be an object with handlers",
  );
});

test("starts a Worker that exports data in objects", async () => {
  const { text } = await evaluate(`${OK}
    export const list = [1], map = new Map(), date = new Date(0), config = { a: 1 };
    export const boxed = new String("x"), instance = new (class { x = 1; })();`);
  expect(text).toBe("ok");
});

test("links additional modules of every kind, statically and dynamically", async () => {
  const modules: BundleModule[] = [
    {
      name: "file:///app/index.js",
      kind: "esm",
      contents: `import text from "./a-note.txt";
        import data from "./b-data.bin";
        import wasm from "./c-add.wasm";
        import cjs from "./lib/old.cjs";
        import json from "./d.json";
        export default { async fetch() {
          const { value } = await import("./lib/late.js");
          return Response.json([text, [...new Uint8Array(data)], wasm instanceof WebAssembly.Module, cjs.twice(2), json.k, value]);
        } };`,
    },
    { name: "./a-note.txt", kind: "text", contents: "note" },
    { name: "./b-data.bin", kind: "data", contents: new Uint8Array([1, 2]) },
    {
      name: "./c-add.wasm",
      kind: "wasm",
      contents: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    },
    {
      name: "./lib/old.cjs",
      kind: "commonjs",
      contents: `const { two } = require("./two.cjs"); exports.twice = (n) => n * two;`,
    },
    { name: "./lib/two.cjs", kind: "commonjs", contents: "module.exports = { two: 2 };" },
    {
      name: "./lib/late.js",
      kind: "esm",
      contents: `import n from "../a-note.txt"; export const value = n + "!";`,
    },
    { name: "./d.json", kind: "json", contents: `{"k":1}` },
  ];
  await using host = new TestHost();
  const worker = await host.start({ code: modules });
  const answer = await worker.fetch("/");
  expect(answer.failure).toBeUndefined();
  expect(JSON.parse(answer.text)).toEqual(["note", [1, 2], true, 4, 1, "note!"]);
});

test("refuses modules that are nowhere, with the text of the compatibility date", async () => {
  await using host = new TestHost();
  const code = `import "nope"; ${OK}`;
  await expect(host.start({ name: "a", code })).rejects.toThrow('No such module "nope".');
  const later = { compatibilityDate: "2026-11-17" };
  await expect(host.start({ name: "b", code, spec: later })).rejects.toThrow(
    "Module not found: file:///bundle/nope",
  );
});

test("reports a Worker that throws while it is evaluated", async () => {
  await using host = new TestHost();
  const failure = await host.start({ code: `\nthrow new TypeError("at start");` }).catch((e) => e);
  expect(failure.message).toBe("at start");
  expect(failure.remoteStack).toContain("/app/worker/index.js:2:");
});

test("refuses input and output at module scope", async () => {
  await using host = new TestHost();
  await expect(host.start({ code: `await fetch("http://x/"); ${OK}` })).rejects.toThrow(
    "Disallowed operation called within global scope.",
  );
});

test("offers Node's modules only with nodejs_compat, and never the machine's", async () => {
  const { text } = await evaluate(`
    import { Buffer } from "node:buffer";
    import { EventEmitter } from "events";
    import fs, { readFileSync } from "node:fs";
    import process from "node:process";
    export default { fetch() {
      let error;
      try { readFileSync("/etc/passwd"); } catch (e) { error = e.message; }
      return Response.json([Buffer.from("a").toString("hex"), typeof EventEmitter, error, process.platform, typeof fs.promises.readFile]);
    } };`);
  expect(JSON.parse(text)).toEqual([
    "61",
    "function",
    "no such file or directory, readAll '/etc/passwd'",
    "linux",
    "function",
  ]);
  await expect(evaluate(`import "node:fs"; ${OK}`, [])).rejects.toThrow(
    'No such module "node:fs".',
  );
});

test("gives env, waitUntil and exports to importers of cloudflare:workers", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `import { env, withEnv, waitUntil, exports } from "cloudflare:workers";
      const atStart = env.A;
      export default { async fetch() {
        waitUntil(Promise.resolve().then(() => console.log("waited")));
        return Response.json([atStart, env.A, Object.keys(env), withEnv({ A: 2 }, () => env.A), "default" in exports]);
      } };`,
    spec: { bindings: [{ type: "var", name: "A", value: 1 }] },
  });
  expect(JSON.parse((await worker.fetch("/")).text)).toEqual([1, 1, ["A"], 2, true]);
  await worker.log(({ text }) => text === "waited");
});

test("says what an unsupported binding is when it is used, not before", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { async fetch(request, env) {
      console.log(env.KV);
      return new Response(await (async () => env.KV.get("x"))().catch((e) => e.message));
    } };`,
    spec: { bindings: [{ type: "unsupported", name: "KV", what: "KV namespace" }] },
  });
  expect((await worker.fetch("/")).text).toContain("env.KV.get: KV namespace bindings are not");
});

test("prints every console method at its level, groups indented", async () => {
  const { logs } = await evaluate(`export default { fetch() {
    const { log } = console;
    log("a %s %d", "b", 1, { c: [1] });
    console.info("info"); console.debug("debug"); console.warn("warn"); console.error("error");
    console.group("group"); console.log("inside"); console.groupEnd(); console.log("outside");
    console.assert(1 === 2, "math");
    console.count(); console.count();
    console.table([{ x: 1 }]);
    console.dir({ deep: { er: {} } });
    console.trace("here");
    return new Response();
  } };`);
  const seen = logs.map(({ level, text }) => `${level}: ${text}`);
  expect(seen.slice(0, 11)).toEqual([
    "log: a b 1 { c: [ 1 ] }",
    "info: info",
    "debug: debug",
    "warn: warn",
    "error: error",
    "log: group",
    "log:   inside",
    "log: outside",
    "error: Assertion failed: math",
    "log: default: 1",
    "log: default: 2",
  ]);
  expect(seen[11]).toContain("│ (index) │ x │");
  expect(seen[12]).toBe("log: { deep: { er: {} } }");
  expect(seen[13]).toMatch(
    /^trace: Trace: here\n {4}at Object\.fetch \(\/app\/worker\/index\.js:10:/,
  );
});

test("maps stacks to the sources, whatever the Worker does to Error", async () => {
  // Generated line 1, column 20 comes from src/app.ts line 3, column 7.
  const map = {
    version: 3,
    sources: ["src/app.ts"],
    names: [],
    mappings: "oBAEM",
  };
  const module: BundleModule = {
    name: "file:///app/out.js",
    kind: "esm",
    contents: `const fail = () => {throw new Error("mapped"); }; export default { fetch() { Error.prepareStackTrace = undefined; fail(); } };`,
    sourceMap: Buffer.from(JSON.stringify(map)),
  };
  await using host = new TestHost();
  const worker = await host.start({ code: [module] });
  const { failure } = await worker.fetch("/");
  expect(failure?.stack).toContain("/app/src/app.ts:3:");
});

test("survives uncaught exceptions and rejections and logs them", async () => {
  const { text, logs } = await evaluate(`export default { async fetch() {
    setTimeout(() => { throw new Error("from a timer"); }, 0);
    Promise.reject(new Error("nobody"));
    await scheduler.wait(5);
    return new Response("alive");
  } };`);
  expect(text).toBe("alive");
  const exceptions = logs.filter(({ kind }) => kind === "exception").map((entry) => entry.text);
  expect(exceptions.map((entry) => entry.split("\n")[0])).toEqual([
    "Uncaught (in promise) Error: nobody",
    "Uncaught Error: from a timer",
  ]);
});

test("leaves rejections to the Worker's unhandledrejection listeners", async () => {
  const { logs } = await evaluate(`
    addEventListener("unhandledrejection", (event) => console.log("took " + event.reason));
    export default { async fetch() {
      Promise.reject("mine");
      await scheduler.wait(1);
      return new Response();
    } };`);
  expect(logs.map(({ text }) => text)).toEqual(["took mine"]);
});

test("refuses eval in handlers and allows it at start-up", async () => {
  const { text } = await evaluate(`const two = eval("1 + 1");
    export default { fetch() {
      try { eval("3"); } catch (e) { return new Response(two + " " + e.name); }
    } };`);
  expect(text).toBe("2 EvalError");
});

test("fetches from outside, after the globals are gone and replaced by the Worker", async () => {
  const server = createServer((request, response) => {
    response.setHeader("x-worker", request.headers["cf-worker"] ?? "");
    response.end(`${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { text } = await evaluate(`
      for (const name of ["URL", "setTimeout", "Promise", "AbortController"]) globalThis[name] = class {};
      export default { async fetch() {
        const response = await fetch("http://127.0.0.1:${port}/path", { method: "POST", body: "x" });
        return new Response(response.headers.get("x-worker") + " " + (await response.text()));
      } };`);
    expect(text).toBe("worker.example.com POST /path");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("refuses methods torn off ctx, as production does", async () => {
  const { text } = await evaluate(`export default { fetch(request, env, { waitUntil }) {
    try { waitUntil(Promise.resolve()); } catch (error) { return new Response(String(error)); }
  } };`);
  expect(text).toMatch(
    /^TypeError: Illegal invocation: function called with incorrect `this` reference\. See https:/,
  );
});

test("ctx.abort ends the request with its reason", async () => {
  await using host = new TestHost();
  const worker = await host.start({
    code: `export default { async fetch(request, env, ctx) { ctx.abort(new Error("enough")); } };`,
  });
  expect((await worker.fetch("/")).failure?.message).toBe("enough");
});
