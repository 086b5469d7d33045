import { expect, test } from "vitest";
import { eventually } from "../helpers/eventually.ts";
import { runDev } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* Bindings that may be sent to Workers of the session, which reach the same data. Texts: wrangler 4.164. */

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
      "D1_ERROR: This binding was sent by a Worker of another session",
    ),
  );
  expect(writer.output).not.toContain("TypeError");
});

test("Images and AI may be sent too; other bindings are refused in production's words", async () => {
  const stores = { kv_namespaces: [{ binding: "KV", id: "k" }] };
  await using project = await tempProject({
    "wrangler.json": config("sender", {
      ...stores,
      images: { binding: "IMAGES" },
      ai: { binding: "AI" },
      vectorize: [{ binding: "VEC", index_name: "v" }],
      ratelimits: [{ name: "LIMIT", namespace_id: "1", simple: { limit: 1, period: 10 } }],
      hyperdrive: [{ binding: "HD", id: "h", localConnectionString: "postgres://u:p@127.0.0.1/d" }],
      services: [{ binding: "SELF", service: "sender", entrypoint: "Taker" }],
      worker_loaders: [{ binding: "LOADER" }],
    }),
    "src/index.ts": `
import { WorkerEntrypoint } from "cloudflare:workers";
const outcome = (call) => call().then((value) => value, (error) => error.message);
export class Taker extends WorkerEntrypoint {
  async take({ AI, IMAGES }) {
    return [AI.constructor.name + " " + AI, IMAGES.constructor.name + " " + IMAGES,
      await outcome(async () => AI.run("model")), await outcome(() => IMAGES.info(new Response("no image").body))];
  }
  hold() {}
}
const code = "export default { async fetch(request, { AI }) { return new Response(await AI.run('m').catch(String)); } }";
export default { async fetch(request, env) {
  const { AI, IMAGES, KV, VEC, LIMIT, HD, SELF, LOADER } = env;
  const loaded = LOADER.load({ compatibilityDate: "2026-06-01", mainModule: "m.js", modules: { "m.js": code }, env: { AI } });
  const refused = {};
  for (const [name, binding] of Object.entries({ KV, VEC, LIMIT, HD })) refused[name] = await outcome(() => SELF.hold(binding));
  const cloned = [AI, IMAGES, LIMIT, HD].map((it) => { try { return structuredClone(it); } catch (error) { return error.message; } });
  return Response.json({
    taken: await SELF.take({ AI, IMAGES }),
    loaded: await (await loaded.getEntrypoint().fetch("http://x/")).text(), refused, cloned,
  });
} };`,
  });
  await using dev = await runDev("wrangler.json", { cwd: project.dir });
  const unsupported = (name: string): string =>
    `Could not serialize object of type "${name}". This type does not support serialization.`;
  const stub = "ServiceStub cannot be serialized in this context.";
  expect(await (await dev.fetch("/")).json()).toEqual({
    taken: [
      "Ai [object WrappedBinding]",
      "ImagesBindingImpl [object WrappedBinding]",
      "Binding AI needs to be run remotely",
      expect.stringContaining('works with the project\'s package "sharp"'),
    ],
    loaded: "Error: Binding AI needs to be run remotely",
    refused: {
      KV: "A KV namespace binding cannot be serialized.",
      VEC: unsupported("VectorizeIndexImpl"),
      LIMIT: unsupported("Ratelimit"),
      HD: unsupported("Hyperdrive"),
    },
    cloned: [stub, stub, stub, unsupported("Hyperdrive")],
  });
});
