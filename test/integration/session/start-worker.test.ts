import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import recorded from "../../data/start-worker.json" with { type: "json" };
import { tempProject } from "../../helpers/temp-project.ts";

/* `unstable_startWorker` under wrangler's name: a program that was written for it runs with another import. */

const files = {
  "package.json": '{ "type": "module" }',
  "wrangler.json": JSON.stringify({
    name: "probe",
    main: "src/index.js",
    compatibility_date: "2026-06-01",
    vars: { MODE: "config" },
    triggers: { crons: ["0 * * * *"] },
    queues: { consumers: [{ queue: "orders" }] },
    env: { staging: { vars: { MODE: "staging" } } },
  }),
  "src/index.js": `export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname === "/boom") throw new TypeError("boom");
      if (pathname === "/away") return Response.redirect("http://elsewhere.test/");
      if (pathname === "/to") return Response.redirect(new URL(request.url).searchParams.get("url"));
      const named = Object.entries(env).map(([name, value]) => [name, typeof value === "object" && value.get ? "binding" : value]);
      return Response.json([request.method, request.url, await request.text(), Object.fromEntries(named.sort())]);
    },
    async scheduled(controller) { if (controller.cron === "bad") throw new Error("bad"); },
    async queue(batch) { batch.messages[0].ack(); batch.messages[1].retry({ delaySeconds: 5 }); },
  };`,
};

/** Runs it to its end; the last line that it printed, as JSON. */
function run(cwd: string, script: string): unknown {
  const drover = JSON.stringify(resolve("dist/index.js"));
  const program = JSON.stringify(resolve("test/data/start-worker-program.js"));
  const stdout = execFileSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { unstable_startWorker } from ${drover};
      import { program } from ${program};
      import { once } from "node:events";
      import { createServer } from "node:http";
      ${script}`,
    ],
    { cwd, encoding: "utf8", timeout: 60_000, env: { ...process.env, DROVER_REGISTRY: "off" } },
  );
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

test("a program that was written for wrangler's gets the same answers, and ends by itself", async () => {
  await using project = await tempProject(files);
  const answers = run(
    project.dir,
    "console.log(JSON.stringify(await program(unstable_startWorker)));",
  );
  expect(answers).toEqual(recorded);
});

test("it plays cron triggers and batches, and refuses what it would pass over", async () => {
  await using project = await tempProject(files);
  const answers = run(
    project.dir,
    `const refused = (input) => unstable_startWorker(input).then(() => "started", (error) => error.name + ": " + error.message);
    const dev = { inspector: false, logLevel: "none", persist: false };
    const worker = await unstable_startWorker({ dev });
    const answers = [
      await worker.scheduled({ cron: "0 * * * *", scheduledTime: new Date(0) }),
      await worker.scheduled({ cron: "bad" }),
      await worker.queue("orders", [{ id: "1", body: { a: 1 } }, { id: "2", body: 2 }]),
      (await worker.inspectorUrl) ?? null,
      worker.config.config,
    ];
    const elsewhere = createServer((_request, response) => response.end("elsewhere")).listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    const to = async (url) => (await worker.fetch("http://x.test/to?url=" + encodeURIComponent(url))).text();
    answers.push(await to("http://127.0.0.1:" + elsewhere.address().port), await to("http://x.test/back"));
    elsewhere.close();
    const { href } = await worker.url;
    await worker.patchConfig({ env: "staging" });
    answers.push((await worker.url).href === href, (await (await worker.fetch("http://x.test/")).json())[3]);
    await worker.dispose();
    answers.push(await worker.fetch("http://x.test/").catch((error) => error.message));
    answers.push(await refused({ containers: [] }), await refused({ bindings: { AI: { type: "ai" } } }));
    console.log(JSON.stringify(answers));`,
  );
  expect(answers).toEqual([
    { outcome: "ok", noRetry: false },
    { outcome: "exception", noRetry: false },
    expect.objectContaining({
      outcome: "ok",
      explicitAcks: ["1"],
      retryMessages: [{ msgId: "2", delaySeconds: 5 }],
    }),
    null,
    "wrangler.json",
    "elsewhere",
    expect.stringContaining("http://x.test/back"),
    true,
    { MODE: "staging" },
    "The Worker has been disposed of.",
    'TypeError: drover\'s unstable_startWorker() does not know "containers": put it into the config, or use startDev().',
    'TypeError: Binding "AI" of type "ai" cannot be given to unstable_startWorker(): put it into the config.',
  ]);
});
