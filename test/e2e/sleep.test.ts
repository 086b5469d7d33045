import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { CALLER_CONFIG, RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

const COUNT = 10;
const names = Array.from({ length: COUNT }, (_, i) => `w${i}`);
const configs = names.map((name) => `${name}/wrangler.json`);

const worker = (name: string, version = "v1"): string => `
import { WorkerEntrypoint } from "cloudflare:workers";
console.log("evaluated ${name} ${version}");
let calls = 0;
export default class extends WorkerEntrypoint {
  count() { calls += 1; return "${version} " + calls; }
  async fetch(request) {
    if (new URL(request.url).pathname !== "/call") return new Response("hello from ${name} " + this.count());
    return new Response(await this.env.NEXT.count());
  }
}`;

/** Each calls the next one. */
function manyWorkers(): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name, i) => {
      const services = [{ binding: "NEXT", service: names[(i + 1) % COUNT] }];
      return [
        [`${name}/wrangler.json`, config(name, { services })],
        [`${name}/src/index.ts`, worker(name)],
      ];
    }),
  );
}

type Dev = Awaited<ReturnType<typeof runDev>>;

async function statusOf(dev: Dev): Promise<Record<string, string>> {
  const page = (await (await dev.fetch("/cdn-cgi/drover/status")).json()) as {
    workers: { name: string; status: string }[];
  };
  return Object.fromEntries(page.workers.map(({ name, status }) => [name, status]));
}

const text = async (response: Promise<Response>): Promise<string> => (await response).text();
const linesWith = (dev: Dev, part: string): number => dev.output.split(part).length - 1;

test("among many Workers those that nobody has called sleep, and wake with the first call", async () => {
  await using project = await tempProject(manyWorkers());
  await using dev = await runDev(configs, { cwd: project.dir });
  expect(dev.output).toMatch(/9 of 10 Workers sleep until they are called/);
  expect(await statusOf(dev)).toMatchObject({ w0: "ready", w1: "asleep", w9: "asleep" });

  expect(await text(dev.fetch("/call"))).toBe("v1 1");
  expect(await text(dev.fetch("/call"))).toBe("v1 2");
  expect(await statusOf(dev)).toMatchObject({ w1: "ready", w2: "asleep" });
  // Evaluated twice, and told once.
  expect(linesWith(dev, "evaluated w1 v1")).toBe(1);
});

test("a sleeping Worker that is changed is evaluated, and asleep again", async () => {
  await using project = await tempProject(manyWorkers());
  await using dev = await runDev(configs, { cwd: project.dir });
  const source = join(project.dir, "w1/src/index.ts");
  await writeFile(source, worker("w1", "v2"));
  await dev.waitForLine(/evaluated w1 v2/);
  await dev.waitForLine(/updated and ready/);
  expect(await statusOf(dev)).toMatchObject({ w1: "asleep" });

  dev.mark();
  await writeFile(source, `${worker("w1", "v3")}\nthrow new Error("not today");`);
  await dev.waitForLine(/not today/);
  expect(await text(dev.fetch("/call"))).toBe("v2 1");
});

test("--keep-awake keeps all threads", async () => {
  await using project = await tempProject(manyWorkers());
  await using dev = await runDev(configs, { cwd: project.dir, args: ["--keep-awake"] });
  expect(Object.values(await statusOf(dev))).toEqual(names.map(() => "ready"));
  expect(dev.output).not.toMatch(/sleep until/);
});

test("a call of another session wakes a Worker", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject({
    ...manyWorkers(),
    [CALLER_CONFIG]: config("caller", { services: [{ binding: "NEXT", service: "w5" }] }),
    [CALLER_CONFIG.replace("wrangler.json", "src/index.ts")]: worker("caller"),
  });
  const { dir: cwd } = project;
  await using many = await home.dev(configs, { cwd });
  expect(many.output).toMatch(/Workers sleep/);
  await using caller = await home.dev(CALLER_CONFIG, { cwd });
  if (!/env\.NEXT.*\[connected\]/.test(caller.output)) {
    await caller.waitForLine(/env\.NEXT.*\[connected\]/);
  }
  expect(await statusOf(many)).toMatchObject({ w5: "asleep" });
  expect(await text(caller.fetch("/call"))).toBe("v1 1");
  expect(await text(caller.fetch("/call"))).toBe("v1 2");
  expect(await statusOf(many)).toMatchObject({ w5: "ready", w4: "asleep" });
  // The session goes on when the other one is gone.
  expect(await many.stop()).toEqual({ code: 0, signal: null });
});
