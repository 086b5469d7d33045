import { rename } from "node:fs/promises";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { COUNTING_CALLEE, COUNTING_CALLER, config, PAIR_CONFIGS, pair, STORES } from "./workers.ts";

const text = async (response: Promise<{ text(): Promise<string> }>) => (await response).text();

test("an edit swaps that Worker only: the other keeps memory and open connections", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  expect(await text(dev.fetch("/"))).toBe("request 1");
  expect(await text(dev.fetch("/call"))).toBe("count 1");
  const stream = await dev.fetch("/stream");
  const reader = stream.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("open\n");

  dev.mark();
  await project.write("callee/src/index.ts", COUNTING_CALLEE.replace("v1", "v2"));
  const line = await dev.waitForLine(/Local server updated and ready .*/);
  expect(line[0]).toMatch(/\(callee, \d+ ms\)/);

  expect(await text(dev.fetch("/version"))).toBe("callee v2");
  expect(await text(dev.fetch("/call"))).toBe("count 1");
  expect(await text(dev.fetch("/"))).toBe("request 2");
  expect(await text(dev.fetch("/push"))).toBe("pushed to 1");
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("pushed\n");
  await reader.cancel();
});

test("a save that changes only a comment replaces no Worker, just after it has computed for long", async () => {
  const code = `let requests = 0;
export default {
  fetch() {
    for (const end = Date.now() + 150; Date.now() < end; ) Math.sqrt(end);
    return new Response(\`request \${++requests}\`);
  },
};
`;
  const files = { "wrangler.json": config("app"), "src/index.ts": code };
  await using project = await tempProject(files);
  await using dev = await runDev("wrangler.json", {
    cwd: project.dir,
    args: ["--log-level", "debug"],
  });
  for (let round = 1; round <= 5; round++) {
    // What the watchdog has said last is that it computes.
    expect(await text(dev.fetch("/"))).toBe(`request ${round}`);
    dev.mark();
    // In one step, as editors save: half a file is another one.
    await project.write("saved", `${code}// ${round}\n`);
    await rename(project.path("saved"), project.path("src/index.ts"));
    await dev.waitForLine(/Nothing to reload \(unchanged, \d+ ms\)/);
  }
  expect(dev.output).not.toContain("Local server updated");
});

test("no request is refused or lost while a Worker is edited over and over", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  let editing = true;
  const statuses = new Map<number, number>();
  const clients = Array.from({ length: 8 }, async () => {
    while (editing) {
      const response = await dev.fetch("/version");
      await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  });
  for (let version = 2; version < 12; version++) {
    dev.mark();
    await project.write("callee/src/index.ts", COUNTING_CALLEE.replace("v1", `v${version}`));
    await dev.waitForLine(/Local server updated and ready/);
    expect(await text(dev.fetch("/version"))).toBe(`callee v${version}`);
  }
  editing = false;
  await Promise.all(clients);
  expect([...statuses.keys()]).toEqual([200]);
});

test("a syntax error prints esbuild's frame and the last good version keeps serving", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  dev.mark();
  await project.write("callee/src/index.ts", "export default { fetch( }");
  await dev.waitForLine(/callee\/src\/index\.ts:1:24/);
  await dev.waitForLine(/goes on serving its last good version/);
  expect(await text(dev.fetch("/version"))).toBe("callee v1");
  await project.write("callee/src/index.ts", COUNTING_CALLEE.replace("v1", "fixed"));
  await dev.waitForLine(/Local server updated and ready/);
  expect(await text(dev.fetch("/version"))).toBe("callee fixed");
});

test("an error thrown at module level keeps the last good version serving", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  dev.mark();
  await project.write(
    "callee/src/index.ts",
    `${COUNTING_CALLEE}\nthrow new RangeError("at start");`,
  );
  await dev.waitForLine(/RangeError: at start/);
  await dev.waitForLine(/index\.ts:\d+/);
  expect(await text(dev.fetch("/version"))).toBe("callee v1");
});

test("a Worker that exports what production refuses starts once that is mended", async () => {
  const refused = `${COUNTING_CALLEE}\nexport const VERSION = "1.0";`;
  await using project = await tempProject(pair({ callee: refused }));
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  expect(dev.output).toContain(
    "Failed to start: TypeError: Incorrect type for map entry 'VERSION': the provided value is not of type 'function or ExportedHandler'.",
  );
  expect(dev.output).toContain('move "VERSION" to another module');
  expect(await text(dev.fetch("/"))).toBe("request 1");
  dev.mark();
  await project.write("callee/src/index.ts", COUNTING_CALLEE);
  await dev.waitForLine(/Local server updated and ready/);
  expect(await text(dev.fetch("/version"))).toBe("callee v1");
});

test("a source that is emptied before it is written replaces nothing meanwhile", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  dev.mark();
  await project.write("callee/src/index.ts", "");
  await dev.waitForLine(/callee\/src\/index\.ts exports nothing/);
  await dev.waitForLine(/last good version/);
  expect(await text(dev.fetch("/version"))).toBe("callee v1");
  await project.write("callee/src/index.ts", COUNTING_CALLEE.replace("v1", "whole"));
  await dev.waitForLine(/Local server updated and ready/);
  expect(await text(dev.fetch("/version"))).toBe("callee whole");
});

test("a Worker whose first build fails answers with its error while the others serve", async () => {
  await using project = await tempProject(pair({ callee: "export default {" }));
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  expect(await text(dev.fetch("/"))).toBe("request 1");
  const broken = await dev.fetch("/", { worker: "callee", headers: { accept: "text/plain" } });
  expect(broken.status).toBe(500);
  expect(await broken.text()).toMatch(/index\.ts:1:16/);
  await project.write("callee/src/index.ts", COUNTING_CALLEE);
  await dev.waitForLine(/Local server updated and ready/);
  expect(await text(dev.fetch("/", { worker: "callee" }))).toBe("callee v1");
  expect(await text(dev.fetch("/call"))).toBe("count 1");
});

test("a first Worker that does not build leaves the others reachable, at a port that is told", async () => {
  await using project = await tempProject(pair({ caller: "export default {" }));
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir, waitForReady: false });
  await dev.waitForLine(/Listening on http:\/\/localhost:\d+\n/);
  await dev.waitForLine(/callee: http:\/\/callee\.localhost:\d+/);
  expect((await dev.fetch("/")).status).toBe(500);
  expect(await text(dev.fetch("/", { worker: "callee" }))).toBe("callee v1");
  expect(dev.output).not.toContain("Ready on");
  await project.write("caller/src/index.ts", COUNTING_CALLER);
  await dev.waitForLine(/Ready on http/);
  expect(await text(dev.fetch("/"))).toBe("request 1");
});

test("imported text, .dev.vars, the config and a shared source all reload", async () => {
  const source = `
    import page from "./page.html";
    import { shared } from "../../shared/shared.ts";
    export default {
      fetch: (_request: Request, env: any) =>
        new Response([page.trim(), shared, env.SECRET, env.MODE].join(" ")),
    };`;
  await using project = await tempProject({
    "app/wrangler.json": config("app", { vars: { MODE: "dev" } }),
    "app/src/index.ts": source,
    "app/src/page.html": "page1",
    "app/.dev.vars": "SECRET=secret1",
    "shared/shared.ts": 'export const shared: string = "shared1";',
  });
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  expect(await text(dev.fetch("/"))).toBe("page1 shared1 secret1 dev");
  const edits: readonly (readonly [file: string, contents: string, body: string])[] = [
    ["app/src/page.html", "page2", "page2 shared1 secret1 dev"],
    ["shared/shared.ts", 'export const shared = "shared2";', "page2 shared2 secret1 dev"],
    ["app/.dev.vars", "SECRET=secret2", "page2 shared2 secret2 dev"],
    ["app/wrangler.json", config("app", { vars: { MODE: "new" } }), "page2 shared2 secret2 new"],
  ];
  for (const [file, contents, body] of edits) {
    dev.mark();
    await project.write(file, contents);
    await dev.waitForLine(/Local server updated and ready/);
    expect(await text(dev.fetch("/"))).toBe(body);
  }
});

test("a config that breaks mid-run is reported with its line and changes nothing", async () => {
  await using project = await tempProject(pair());
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  dev.mark();
  await project.write("callee/wrangler.json", '{ "name": "callee",\n  "main": }');
  await dev.waitForLine(/callee\/wrangler\.json:2:\d+/);
  await dev.waitForLine(/last good configuration stays in force/);
  expect(await text(dev.fetch("/call"))).toBe("count 1");
});

test("200 files changed at once are one rebuild", async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 200; i++) files[`app/src/m${i}.ts`] = `export const v${i} = 1;`;
  const names = Array.from({ length: 200 }, (_, i) => `v${i}`);
  await using project = await tempProject({
    ...files,
    "app/wrangler.json": config("app"),
    "app/src/index.ts": `${names.map((name, i) => `import { ${name} } from "./m${i}.ts";`).join("\n")}
      export default { fetch: () => new Response(String(${names.join(" + ")})) };`,
  });
  await using dev = await runDev("app/wrangler.json", { cwd: project.dir });
  expect(await text(dev.fetch("/"))).toBe("200");
  dev.mark();
  // At once for the session, however long it takes here.
  dev.child.kill("SIGSTOP");
  await Promise.all(
    names.map((name, i) => project.write(`app/src/m${i}.ts`, `export const ${name} = 2;`)),
  );
  dev.child.kill("SIGCONT");
  await dev.waitForLine(/Local server updated and ready/);
  expect(await text(dev.fetch("/"))).toBe("400");
  // A marker edit after the batch: everything printed before it belongs to the batch.
  await project.write("app/src/m0.ts", "export const v0 = 3;");
  await dev.waitForLine(/Local server updated and ready/);
  expect(dev.output.match(/Local server updated and ready/g)).toHaveLength(2);
});

/* The answer is made in the turn in which the last invocation of the old thread ends, after it has waited for another thread. */
const STORING_CALLEE = `export default {
  async fetch(_request: Request, env: any): Promise<Response> {
    await env.KV.put("key", "value");
    await env.R2.put("key", "value");
    return Response.json({ value: await env.KV.get("key") });
  },
};
`;

test("no call of another Worker is lost while its callee is edited over and over", async () => {
  const { kv_namespaces, r2_buckets } = STORES;
  const files = {
    ...pair(),
    "callee/wrangler.json": config("callee", { kv_namespaces, r2_buckets }),
    "callee/src/index.ts": STORING_CALLEE,
  };
  await using project = await tempProject(files);
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  let editing = true;
  const answers = new Map<string, number>();
  const clients = Array.from({ length: 4 }, async () => {
    while (editing) {
      const answer = await text(dev.fetch("/version"));
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  });
  for (let round = 1; round <= 20; round++) {
    dev.mark();
    await project.write("callee/src/index.ts", `${STORING_CALLEE}globalThis.round = ${round};`);
    await dev.waitForLine(/Local server updated and ready/);
  }
  editing = false;
  await Promise.all(clients);
  expect([...answers.keys()]).toEqual(['{"value":"value"}']);
});

test("a call at the end of a long computation reaches a callee that was edited meanwhile", async () => {
  const caller = `export default {
  async fetch(request: Request, env: any): Promise<Response> {
    for (const end = Date.now() + 1500; Date.now() < end; ) Math.sqrt(end);
    return env.CALLEE.fetch(request);
  },
};
`;
  const files = {
    "caller/wrangler.json": config("caller", {
      services: [{ binding: "CALLEE", service: "callee" }],
    }),
    "caller/src/index.ts": caller,
    "callee/wrangler.json": config("callee"),
    "callee/src/index.ts": `export default { fetch: () => new Response("v1") };`,
  };
  await using project = await tempProject(files);
  await using dev = await runDev(PAIR_CONFIGS, { cwd: project.dir });
  expect(await text(dev.fetch("/"))).toBe("v1");
  const answer = text(dev.fetch("/"));
  await project.write("callee/src/index.ts", `export default { fetch: () => new Response("v2") };`);
  await dev.waitForLine(/Local server updated and ready/);
  // Of either version: the caller has not heard of the edit when it calls.
  expect(await answer).toMatch(/^v[12]$/);
  expect(await text(dev.fetch("/"))).toBe("v2");
});
