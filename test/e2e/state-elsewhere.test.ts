import { expect, test } from "vitest";
import { runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config, STORES } from "./workers.ts";

/* Commands on local data, started where a running session does not keep it: they say so on stderr. */
const WORKER = `export default { async fetch(request, env) {
  await env.KV.put("k", "v");
  await env.DB.exec("CREATE TABLE IF NOT EXISTS t (a)");
  return new Response("written");
} }`;

const worker = (name: string) => ({
  [`${name}/wrangler.json`]: config(name, STORES),
  [`${name}/src/index.ts`]: WORKER,
});

const twoWorkers = () => ({ "package-lock.json": "{}", ...worker("front"), ...worker("back") });

const told = (pid: number | undefined, name: string, folder: string, here: string) =>
  `▲ [WARNING] The session of process ${pid} keeps the data of ${name} in ${folder}, ` +
  `this command looks at ${here}: add --persist-to ${folder}\n`;

test("the data of all Workers of a session lies beside the first config: the folder of another says so", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const run = (folder: string, ...args: string[]) =>
    runDrover(args, { cwd: project.path(folder), env: home.env });
  const kv = ["kv", "key", "get", "k", "--binding", "KV"];

  await using dev = await home.dev(["front/wrangler.json", "back/wrangler.json"], {
    cwd: project.dir,
  });
  await dev.fetch("/");
  while ((await home.list()).workers.length < 2);
  const { pid } = dev.child;
  const backTold = told(pid, "back", "../front/.wrangler/state", ".wrangler/state");

  const missed = await run("back", ...kv);
  expect([missed.code, missed.stdout, missed.stderr]).toEqual([0, "Value not found\n", backTold]);
  for (const args of [
    ["d1", "execute", "DB", "--command", "SELECT 1 AS a", "--json"],
    ["d1", "migrations", "list", "DB"],
    ["d1", "export", "DB", "--output", "out.sql"],
    ["r2", "object", "get", "bucket/o", "--pipe"],
    ["state", "ls"],
    ["state", "path"],
  ]) {
    expect((await run("back", ...args)).stderr.split("\n").slice(0, 1), args.join(" ")).toEqual([
      backTold.trimEnd(),
    ]);
  }
  // Nothing that is stored is looked at.
  const created = await run("back", "d1", "migrations", "create", "DB", "first");
  expect([created.code, created.stderr]).toEqual([0, ""]);

  // The option that it names; and the right folder.
  const found = await run("back", ...kv, "--persist-to", "../front/.wrangler/state");
  expect([found.stdout, found.stderr]).toEqual(["v", ""]);
  const front = await run("front", ...kv);
  expect([front.stdout, front.stderr]).toEqual(["v", ""]);

  // Where the session was started, and no config is.
  const root = await run(".", "state", "ls");
  expect(root.stdout).toBe("Nothing is stored in .wrangler/state/v3.\n");
  expect(root.stderr).toBe(told(pid, "back and front", "front/.wrangler/state", ".wrangler/state"));
});

test("a session with another --persist-to", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(twoWorkers());
  const cwd = project.path("front");
  const list = (...args: string[]) =>
    runDrover(["state", "ls", ...args], { cwd, env: { ...home.env } });
  {
    await using dev = await home.dev("wrangler.json", { cwd, args: ["--persist-to", "my data"] });
    while ((await home.list()).workers.length === 0);
    const { code, stdout, stderr } = await list();
    expect([code, stdout]).toEqual([0, "Nothing is stored in .wrangler/state/v3.\n"]);
    expect(stderr).toBe(
      told(dev.child.pid, "front", "my data", ".wrangler/state").replace(/my data$/m, "'my data'"),
    );
    // Whoever names a folder means it.
    expect((await list("--persist-to", "third")).stderr).toBe("");
    const off = { ...home.env, DROVER_REGISTRY: "off" };
    expect((await runDrover(["state", "ls"], { cwd, env: off })).stderr).toBe("");
  }
  // Nobody runs it any more.
  expect((await list()).stderr).toBe("");
});
