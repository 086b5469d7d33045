import { execFileSync } from "node:child_process";
import { startDev } from "drover";
import { expect, test } from "vitest";
import { eventually } from "../../helpers/eventually.ts";
import { copyFixture, tempProject } from "../../helpers/temp-project.ts";

const COUNTER = ["fixtures/counter/client/wrangler.toml", "fixtures/counter/service/wrangler.toml"];

function children(): string {
  return execFileSync("ps", ["-o", "args=", "--ppid", String(process.pid)], { encoding: "utf8" });
}

test("starts a session in this process, reaches each Worker by name, and leaves nothing", async () => {
  const dev = await startDev({ configs: COUNTER });
  expect(dev.workers.map(({ name }) => name)).toEqual(["client_worker", "counter-service"]);
  expect(await (await dev.fetch("/")).text()).toBe("-2");
  const service = dev.worker("counter-service");
  expect(await (await service.fetch("/x")).text()).toBe("Hello from counter-service");
  expect(service.entrypoints).toMatchObject([{ name: "default", kind: "class" }]);
  expect(() => dev.worker("nobody")).toThrow(/client_worker, counter-service/);
  await dev.stop();
  await dev.stop();
  expect(children()).not.toContain("programs/host.cjs");
});

test("a Worker that does not build rejects with its error, after everything is down", async () => {
  await using project = await tempProject({
    "wrangler.toml": 'name = "a"\nmain = "index.js"\ncompatibility_date = "2026-01-01"',
    "index.js": "export default {",
  });
  await expect(startDev({ configs: project.path("wrangler.toml") })).rejects.toMatchObject({
    code: "BUILD_FAILED",
    exitCode: 3,
    message: expect.stringContaining("index.js:1:16"),
  });
  expect(children()).not.toContain("programs/host.cjs");
});

test("a mistake in a config rejects with the code of that mistake", async () => {
  await expect(startDev({ configs: "nowhere/wrangler.toml" })).rejects.toMatchObject({
    code: "CONFIG_NOT_READABLE",
    exitCode: 2,
  });
});

test("with watch, an edit is served after its event", async () => {
  await using project = await copyFixture("forward");
  const loaded: string[] = [];
  await using dev = await startDev({
    configs: [project.path("worker-a/wrangler.toml"), project.path("worker-b/wrangler.toml")],
    watch: true,
    vars: { GREETING: "hi" },
    onEvent: (event) => {
      if (event.type === "loaded" && event.cause === "change") loaded.push(event.worker);
    },
  });
  expect(await (await dev.fetch("/")).text()).toBe("Hello World!");
  await project.write(
    "worker-b/src/workerB.js",
    "export default { fetch: (request, env) => new Response(env.GREETING) }",
  );
  await eventually(() => expect(loaded).toEqual(["worker_b"]));
  expect(await (await dev.fetch("/")).text()).toBe("hi");
});
