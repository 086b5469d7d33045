import { createTestHarness, type InlineConfig, startDev } from "drover";
import { expect, test } from "vitest";
import { tempProject } from "../../helpers/temp-project.ts";

/* Configs as objects of the program, in place of files. */

const DATE = "2026-06-01";

const files = {
  "users/wrangler.json": JSON.stringify({
    name: "users",
    main: "index.js",
    compatibility_date: DATE,
  }),
  "users/index.js": `import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint { find(id) { return "user " + id; } }`,
  "api/src/index.js": `import { DurableObject } from "cloudflare:workers";
    export class Counter extends DurableObject { add() { this.ctx.storage.kv.put("n", (this.ctx.storage.kv.get("n") ?? 0) + 1); return this.ctx.storage.kv.get("n"); } }
    export default {
      async fetch(request, env) {
        return Response.json([env.MODE, env.SECRET, env.TREE, await env.USERS?.find(1), await env.COUNTER?.getByName("a").add()]);
      },
    };`,
  "api/.dev.vars": "SECRET=never read",
  ".dev.vars": "SECRET=from the root",
};

const api: InlineConfig = {
  name: "api",
  main: "api/src/index.js",
  compatibility_date: DATE,
  vars: { MODE: "inline", TREE: { a: [1] }, NOTHING: undefined },
  services: [{ binding: "USERS", service: "users" }],
  durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
  env: { staging: { vars: { MODE: "staging" } } },
};

test("startDev takes configs and paths side by side; paths of both start in cwd", async () => {
  await using project = await tempProject(files);
  await using dev = await startDev({
    configs: [api, "users/wrangler.json"],
    cwd: project.dir,
    persist: false,
    bindings: { "api:EXTRA": 1 },
  });
  const expected = ["inline", "from the root", { a: [1] }, "user 1"];
  expect(await (await dev.fetch("/")).json()).toEqual([...expected, 1]);
  expect(await (await dev.fetch("/")).json()).toEqual([...expected, 2]);
  expect(await dev.worker("api").listDurableObjectIds("Counter")).toHaveLength(1);
  expect(await dev.worker("api").getEnv()).toMatchObject({ MODE: "inline", EXTRA: 1 });
});

test("one config alone, with an environment; what the program changes later changes nothing", async () => {
  await using project = await tempProject(files);
  const vars = { MODE: "before" };
  const config = { name: "one", main: "api/src/index.js", compatibility_date: DATE, vars };
  await using dev = await startDev({ configs: config, cwd: project.dir, persist: false });
  vars.MODE = "after";
  await dev.reset();
  expect(await (await dev.fetch("/")).json()).toEqual([
    "before",
    "from the root",
    null,
    null,
    null,
  ]);
  await using staging = await startDev({
    configs: api,
    cwd: project.dir,
    env: "staging",
    persist: false,
  });
  expect(staging.workers.map(({ name }) => name)).toEqual(["api-staging"]);
  expect((await (await staging.fetch("/")).json()) as unknown[]).toContain("staging");
});

test("createTestHarness takes them as `config`, with all that stands beside a path", async () => {
  await using project = await tempProject(files);
  await using server = createTestHarness({
    root: project.dir,
    workers: [
      {
        config: api,
        env: "staging",
        vars: { TREE: "given" },
        secrets: { SECRET: "given too" },
        bindingOverrides: { USERS: { find: (id: number) => `played ${id}` } },
      },
    ],
  });
  await server.listen();
  const answer = await (await server.fetch("/")).json();
  expect(answer).toEqual(["staging", "given too", "given", "played 1", null]);
  await server.update({ root: project.dir, workers: [{ config: { ...api, services: [] } }] });
  expect(await (await server.fetch("/")).json()).toEqual([
    "inline",
    "from the root",
    { a: [1] },
    null,
    1,
  ]);
});

test("what is wrong with one is told as of a file, by its name", async () => {
  await using project = await tempProject(files);
  const start = (config: InlineConfig) =>
    startDev({ configs: config, cwd: project.dir, persist: false });
  await expect(start({ ...api, main: 5 })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    exitCode: 2,
    message: expect.stringMatching(/^Processing the config of "api":\n[\s\S]*"main"/),
  });
  await expect(start({ ...api, main: "nowhere.js" })).rejects.toThrow(/nowhere\.js/);
  await expect(start({ ...api, vars: { RUN: () => {} } })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: 'Expected "vars.RUN" of a config to be what JSON can say, but got a function.',
  });
  await expect(start({ ...api, vars: { AT: new Date() } })).rejects.toThrow(
    /"vars\.AT".* a Date\./,
  );
  await expect(startDev({ configs: [null as never] })).rejects.toThrow(
    'Expected a path or a config as an object in "configs", but got null.',
  );
  const { name: _, ...nameless } = api;
  const server = createTestHarness({ workers: [{ config: nameless, vars: { A: 1 } }] });
  await expect(server.listen()).rejects.toThrow(/needs a "name"/);
});
