import { expect, test } from "vitest";
import { runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import {
  CALLEE_CONFIG,
  CALLER_CONFIG,
  connected,
  RegistryHome,
  twoWorkers,
} from "./registry-home.ts";
import { config } from "./workers.ts";

const CONNECTED = /env\.CALLEE.*\[connected\]/;
const NOT_FOUND = 'Worker "callee" not found. Make sure it is running locally.';

test("a callee that starts later connects live, and disconnects when it ends", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  expect(caller.output).toMatch(/env\.CALLEE.*\[not connected\] \(callee is not running\)/);
  caller.mark();
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(/Connection status updated/);
  await caller.waitForLine(CONNECTED);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  expect(await (await caller.fetch("/fetch")).text()).toBe("fetched v1");
  expect(await (await caller.fetch("/admin")).text()).toBe("pong");
  caller.mark();
  expect(await callee.stop()).toEqual({ code: 0, signal: null });
  await caller.waitForLine(/env\.CALLEE.*\[not connected\] \(callee is not running\)/);
  expect(await (await caller.fetch("/version")).json()).toMatchObject({ message: NOT_FOUND });
});

test("a callee that is there already is connected in the first table", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  // Ready comes before the registry: the name is known to others a moment later.
  while ((await home.list()).workers.every(({ address }) => address === null));
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  expect(caller.output).toMatch(CONNECTED);
  expect(caller.output).not.toContain("Connection status updated");
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  expect(callee.output).not.toContain("ERROR");
});

test("a session whose primary does not build registers its other Workers", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "broken/wrangler.json": config("broken"),
    "broken/src/index.ts": "export default {",
  });
  const { dir: cwd } = project;
  await using broken = await home.dev(["broken/wrangler.json", CALLEE_CONFIG], {
    cwd,
    waitForReady: false,
  });
  await broken.waitForLine(/broken answers with this error until it is fixed/);
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await connected(caller);
  expect(await (await caller.fetch("/version")).text()).toBe("v1");
  expect(broken.output).not.toContain("The dev registry does not answer");
});

test("a call to an absent Worker fails at once, and the log says what would start it", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  await using caller = await home.dev(CALLER_CONFIG, { cwd: project.dir });
  const fetched = await caller.fetch("/fetch");
  expect([fetched.status, await fetched.text()]).toEqual([503, NOT_FOUND]);
  await caller.waitForLine(/WARNING\] Worker "callee" not found\./);
  await caller.waitForLine(/Running in this workspace: caller\./);
  await caller.waitForLine(/Start it with: drover dev -c callee\/wrangler\.json/);
  expect(await (await caller.fetch("/version")).json()).toEqual({
    name: "Error",
    message: NOT_FOUND,
    retryable: false,
  });
});

test("a start that takes long is not taken for a silent registry", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "callee/src/index.ts": "for (;;) {} export default {};",
  });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd: project.dir, waitForReady: false });
  await callee.waitForLine(/evaluating its top-level code for/);
  expect(callee.output).not.toContain("dev registry");
});

test("--wait-for-peers lets calls wait for a Worker that is not there yet", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd, args: ["--wait-for-peers", "60"] });
  const answer = caller.fetch("/version");
  await using _callee = await home.dev(CALLEE_CONFIG, { cwd });
  expect(await (await answer).text()).toBe("v1");
});

test("a callee without the entrypoint is named with the entrypoints that it has", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "callee/src/index.ts": `export default { fetch: () => new Response("plain") };`,
  });
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(
    /env\.ADMIN.*\[not connected\] \(no entrypoint "Admin"; callee exports default\)/,
  );
  // Only rows that changed are shown again.
  caller.mark();
  await project.write("callee/src/index.ts", twoWorkers()["callee/src/index.ts"] as string);
  await callee.waitForLine(/Local server updated and ready/);
  await caller.waitForLine(/Connection status updated[\s\S]*env\.ADMIN.*\[connected\]/);
  const update = caller.output.slice(caller.output.lastIndexOf("Connection status updated"));
  expect(update).not.toContain("env.CALLEE");
  expect(await (await caller.fetch("/admin")).text()).toBe("pong");
});

test("Durable Objects of another script and tail consumers have a state across sessions", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    "package-lock.json": "{}",
    "caller/wrangler.json": config("caller", {
      durable_objects: {
        bindings: [
          { name: "ROOMS", class_name: "Room", script_name: "callee" },
          { name: "HALLS", class_name: "Hall", script_name: "callee" },
        ],
      },
      tail_consumers: [{ service: "callee" }],
    }),
    "caller/src/index.ts": "export default { fetch: () => new Response() };",
    "callee/wrangler.json": config("callee"),
    "callee/src/index.ts": `
      import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject {}
      export default { fetch: () => new Response(), tail() {} };`,
  });
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  expect(caller.output).toMatch(/- callee \[not connected\]/);
  await using _callee = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(/- callee \[connected\]/);
  const page = (await (await caller.fetch("/cdn-cgi/drover/status")).json()) as {
    workers: { connections: { kind: string; target?: string; connected: boolean }[] }[];
  };
  expect(
    page.workers[0]?.connections.map(({ kind, target, connected }) => [kind, target, connected]),
  ).toEqual([
    ["durable-object", "Room", true],
    ["durable-object", "Hall", false],
    ["tail", undefined, true],
  ]);
});

test("a Durable Object of another session is announced when its Worker comes and goes", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...twoWorkers(),
    "caller/wrangler.json": config("caller", {
      durable_objects: {
        bindings: [{ name: "ROOMS", class_name: "Room", script_name: "callee" }],
      },
    }),
    "callee/src/index.ts": `
      import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject {}
      export default { fetch: () => new Response() };`,
  });
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  const absent =
    /env\.ROOMS \(Room, defined in callee\).*\[not connected\] \(callee is not running\)/;
  expect(caller.output).toMatch(absent);
  expect(caller.output).not.toContain("Connection status updated");
  caller.mark();
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await caller.waitForLine(
    /Connection status updated[\s\S]*env\.ROOMS \(Room, defined in callee\).*\[connected\]/,
  );
  caller.mark();
  await callee.stop();
  await caller.waitForLine(/Connection status updated/);
  await caller.waitForLine(absent);
});

test("status page, drover status and drover registry tell the same", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using callee = await home.dev(CALLEE_CONFIG, { cwd });
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await connected(caller);
  const page = (await (await caller.fetch("/cdn-cgi/drover/status")).json()) as {
    workers: { connections: unknown }[];
  };
  const rows = [
    { binding: "CALLEE", kind: "service", service: "callee", connected: true },
    { binding: "ADMIN", kind: "service", service: "callee", target: "Admin", connected: true },
  ];
  expect(page.workers[0]?.connections).toEqual(rows);
  const one = await runDrover(["status", String(caller.port), "--json"], { env: home.env });
  expect(JSON.parse(one.stdout)).toMatchObject([
    { status: { workers: [{ name: "caller", connections: rows }] } },
  ]);
  const all = await runDrover(["status"], { env: home.env });
  expect(all.stdout).toMatch(/callee ready/);
  expect(all.stdout).toMatch(/env\.ADMIN\s+callee#Admin\s+\[connected\]/);
  const list = await runDrover(["registry"], { env: home.env });
  expect(list.stdout).toMatch(new RegExp(`callee\\s+default, Admin\\s+${callee.child.pid}`));
  expect(list.stdout).toMatch(new RegExp(`caller\\s+default\\s+${caller.child.pid}`));
});

test("eight sessions started at once find each other and one daemon", async () => {
  await using home = new RegistryHome();
  const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
  const files: Record<string, string> = { "package-lock.json": "{}" };
  for (const [index, name] of names.entries()) {
    const next = names[(index + 1) % names.length];
    files[`${name}/wrangler.json`] = config(name, {
      services: [{ binding: "NEXT", service: next }],
    });
    files[`${name}/src/index.ts`] = `export default {
      fetch: (request: Request, env: any) =>
        request.url.endsWith("/next") ? env.NEXT.fetch("http://next/") : new Response("${name}"),
    };`;
  }
  await using project = await tempProject(files);
  const { dir: cwd } = project;
  const sessions = await Promise.all(
    names.map((name) => home.dev(`${name}/wrangler.json`, { cwd })),
  );
  try {
    for (const [index, session] of sessions.entries()) {
      await connected(session, "NEXT");
      const answer = await (await session.fetch("/next")).text();
      expect(answer).toBe(names[(index + 1) % names.length]);
    }
    expect((await home.list()).workers.map(({ name }) => name).sort()).toEqual(names);
  } finally {
    await Promise.all(sessions.map((session) => session.stop()));
  }
});

test("--no-registry neither finds nor is found, and starts no daemon", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  await using caller = await home.dev(CALLER_CONFIG, { cwd, args: ["--no-registry"] });
  expect((await home.list()).daemon).toBeNull();
  await using _callee = await home.dev(CALLEE_CONFIG, { cwd });
  const answer = await caller.fetch("/fetch");
  expect([answer.status, await answer.text()]).toEqual([503, NOT_FOUND]);
});

test("WRANGLER_REGISTRY_PATH separates registries as it does for wrangler", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const { dir: cwd } = project;
  const env = { WRANGLER_REGISTRY_PATH: project.path("registry") };
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  await using _other = await home.dev(CALLEE_CONFIG, { cwd, env });
  const answer = await caller.fetch("/fetch");
  expect(answer.status).toBe(503);
  await using near = await home.dev(CALLER_CONFIG, { cwd, env });
  await connected(near);
  expect(await (await near.fetch("/version")).text()).toBe("v1");
});
