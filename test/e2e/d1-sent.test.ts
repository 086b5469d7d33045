import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* A D1 binding is the only store that may be sent: to Workers of the session, which reach the same database. */

const OWNER = `
export default { async fetch(request, env) {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS t (a TEXT)");
  const back = await env.WRITER.write({ db: env.DB });
  return Response.json([(await back.prepare("SELECT a FROM t").raw()).flat(), back.constructor.name]);
} };`;

const WRITER = `
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  async write({ db }) {
    await db.batch([db.prepare("INSERT INTO t VALUES (?)").bind("by the callee")]);
    return db;
  }
}`;

const PROJECT = {
  "owner/wrangler.json": config("owner", {
    d1_databases: [{ binding: "DB", database_id: "d" }],
    services: [{ binding: "WRITER", service: "writer" }],
  }),
  "owner/src/index.ts": OWNER,
  "writer/wrangler.json": config("writer"),
  "writer/src/index.ts": WRITER,
};

test("a D1 binding in an argument is the caller's database, and so is one that comes back", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(PROJECT);
  const configs = ["owner/wrangler.json", "writer/wrangler.json"];
  await using dev = await home.dev(configs, { cwd: project.dir });
  expect(await (await dev.fetch("/")).json()).toEqual([["by the callee"], "D1Database"]);
});

test("a D1 binding that reaches another session says what to do", async () => {
  await using home = new RegistryHome();
  await using project = await tempProject(PROJECT);
  await using writer = await home.dev("writer/wrangler.json", { cwd: project.dir });
  await using owner = await home.dev("owner/wrangler.json", { cwd: project.dir });
  await eventually(async () =>
    expect(await (await owner.fetch("/")).text()).toContain(
      "D1_ERROR: This D1 binding was sent by a Worker of another session",
    ),
  );
  expect(writer.output).not.toContain("TypeError");
});
