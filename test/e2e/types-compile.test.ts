import { symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type Compiler, compilers, strictTsconfig } from "../helpers/compilers.ts";
import { runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/* What `drover types` writes is TypeScript, for the compilers of today and of yesterday, and says what is true. */

const FILE = "worker-configuration.d.ts";
const modules = resolve(import.meta.dirname, "../../node_modules");
const BASE = { main: "src/index.ts", compatibility_date: "2026-06-01" };

/** Every kind of binding that has a type. */
const ALL_KINDS = {
  ...BASE,
  name: "api",
  vars: { MODE: "dev", COUNT: 3, "bad-key": "x", TREE: { a: [1, "x"] } },
  kv_namespaces: [{ binding: "KV", id: "1" }],
  r2_buckets: [{ binding: "BUCKET", bucket_name: "bucket" }],
  d1_databases: [{ binding: "DB", database_name: "db", database_id: "1" }],
  vectorize: [{ binding: "INDEX", index_name: "index" }],
  hyperdrive: [{ binding: "HYPER", id: "1", localConnectionString: "postgres://u:p@localhost/d" }],
  send_email: [{ name: "MAIL" }],
  analytics_engine_datasets: [{ binding: "EVENTS" }],
  dispatch_namespaces: [{ binding: "DISPATCH", namespace: "tenants" }],
  mtls_certificates: [{ binding: "CERT", certificate_id: "1" }],
  queues: { producers: [{ binding: "QUEUE", queue: "queue" }] },
  secrets_store_secrets: [{ binding: "SECRET", store_id: "store", secret_name: "name" }],
  ratelimits: [{ name: "LIMIT", namespace_id: "1", simple: { limit: 1, period: 10 } }],
  worker_loaders: [{ binding: "LOADER" }],
  browser: { binding: "BROWSER" },
  ai: { binding: "AI" },
  images: { binding: "IMAGES" },
  version_metadata: { binding: "VERSION" },
  pipelines: [{ binding: "PIPELINE", stream: "stream" }],
  durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
  workflows: [{ binding: "FLOW", name: "flow", class_name: "Flow" }],
  services: [
    { binding: "AUTH", service: "auth", entrypoint: "Auth" },
    { binding: "GONE", service: "gone" },
  ],
  rules: [{ type: "Text", globs: ["**/*.md"], fallthrough: true }],
};

const SOURCE = `import { DurableObject, WorkflowEntrypoint } from "cloudflare:workers";
import type { WorkflowEvent } from "cloudflare:workers";
import note from "./note.md";

export class Room extends DurableObject<Env> {
  count(by: number): number {
    return by;
  }
}
export class Flow extends WorkflowEntrypoint<Env, { a: number }> {
  async run(event: WorkflowEvent<{ a: number }>): Promise<number> {
    return event.payload.a;
  }
}
export default {
  async fetch(request, env, ctx) {
    const mode: "dev" = env.MODE;
    const text: string = note;
    const user: string = await env.AUTH.verify("token");
    const count: number = await env.ROOM.getByName("lobby").count(env.COUNT);
    const value: string | null = await env.KV.get("key");
    const { results } = await env.DB.prepare("SELECT 1").all<{ n: number }>();
    await env.BUCKET.put("key", request.body);
    await env.QUEUE.send({ a: 1 });
    await env.FLOW.create({ params: { a: env.TREE.a[0] } });
    await env.GONE.fetch("http://gone/");
    const { success } = await env.LIMIT.limit({ key: user });
    ctx.waitUntil(env.MAIL.send({} as EmailMessage));
    ctx.exports.Room satisfies DurableObjectNamespace<Room>;
    return Response.json([mode, text, count, value, results[0]?.n, success, env["bad-key"], env.VERSION.id]);
  },
} satisfies ExportedHandler<Env>;
`;

/** Statements that are wrong, and what must be said of each. */
const WRONG: readonly (readonly [string, RegExp])[] = [
  ["env.AUTH.nope();", /Property 'nope' does not exist/],
  ["env.AUTH.verify(1);", /not assignable to parameter of type 'string'/],
  ['env.ROOM.getByName("lobby").count("1");', /not assignable to parameter of type 'number'/],
  ["env.FLOW.create({ params: { b: 1 } });", /'b' does not exist in type/],
  ['const mode: "live" = env.MODE;', /Type '"dev"' is not assignable to type '"live"'/],
  ["env.MISSING;", /Property 'MISSING' does not exist on type 'Env'/],
];
const WRONG_SOURCE = [
  "export function wrong(env: Env): void {",
  ...WRONG.map(([statement]) => statement),
  "}\n",
].join("\n");

const AUTH = `import { WorkerEntrypoint } from "cloudflare:workers";
export class Auth extends WorkerEntrypoint {
  verify(token: string): string {
    return token;
  }
}
export default { fetch: () => new Response("auth") } satisfies ExportedHandler;
`;

async function project(config: object, options: object, source = SOURCE): Promise<TempProject> {
  const files = await tempProject({
    "api/wrangler.json": JSON.stringify(config),
    "api/src/index.ts": source,
    "api/src/note.md": "note",
    "auth/wrangler.json": JSON.stringify({ ...BASE, name: "auth" }),
    "auth/src/index.ts": AUTH,
    "tsconfig.json": strictTsconfig({ types: [], ...options }, [`api/${FILE}`, "api/src/index.ts"]),
  });
  const args = ["types", "-c", "wrangler.json", "-c", "../auth/wrangler.json"];
  const { code, stderr } = await runDrover(args, {
    cwd: files.path("api"),
    env: { DROVER_REGISTRY: "off" },
  });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("ERROR")]);
  return files;
}

let both: readonly Compiler[];
beforeAll(() => {
  both = compilers();
});

test("the compilers are TypeScript 5.9 and 7", () => {
  expect(both.map(({ version }) => version)).toEqual([
    expect.stringMatching(/^5\.9\./),
    expect.stringMatching(/^7\./),
  ]);
});

test("every kind of binding compiles, the generated file itself included, and wrong uses do not", async () => {
  await using files = await project(ALL_KINDS, { skipLibCheck: false });
  for (const { version, compile } of both) {
    expect([version, await compile(files.dir)]).toEqual([version, ""]);
  }
  await files.write("api/src/wrong.ts", WRONG_SOURCE);
  await files.write("api/src/index.ts", `import "./wrong";\n${SOURCE}`);
  for (const { version, compile } of both) {
    const said = (await compile(files.dir)).split("\n").filter((line) => /^\S/.test(line));
    expect([version, said]).toEqual([
      version,
      WRONG.map(([, text], index) =>
        expect.stringMatching(new RegExp(`wrong\\.ts\\(${index + 2},.*${text.source}`)),
      ),
    ]);
  }
});

test("under nodejs_compat, together with @types/node", async () => {
  const config = { ...ALL_KINDS, compatibility_flags: ["nodejs_compat"] };
  const source = SOURCE.replace(
    "const text: string = note;",
    "const text: string = process.env.MODE + Buffer.from(note).toString();",
  );
  // The declarations of @types/node and of the runtime overlap, wrangler's as well as these.
  await using files = await project(config, { types: ["node"], skipLibCheck: true }, source);
  await mkdir(files.path("node_modules/@types"), { recursive: true });
  symlinkSync(resolve(modules, "@types/node"), files.path("node_modules/@types/node"));
  const { code } = await runDrover(
    ["types", "-c", "wrangler.json", "-c", "../auth/wrangler.json"],
    {
      cwd: files.path("api"),
      env: { DROVER_REGISTRY: "off" },
    },
  );
  expect(code).toBe(0);
  for (const { version, compile } of both) {
    expect([version, await compile(files.dir)]).toEqual([version, ""]);
  }
});

test("a binding that one environment lacks is optional in Env, and required where it is", async () => {
  const kv_namespaces = [{ binding: "KV", id: "1" }];
  const config = {
    ...BASE,
    name: "api",
    kv_namespaces,
    vars: { MODE: "top" },
    env: { staging: { kv_namespaces, vars: { MODE: "stag" } }, production: {} },
  };
  const source = `const modeOf = (env: Env): "top" | "stag" | undefined => env.MODE;
const get = (env: Cloudflare.StagingEnv): Promise<string | null> => env.KV.get(env.MODE);
const getTop = (env: Env) => env.KV?.get("key");
export default { fetch: (_request, env: Env) => new Response(String([modeOf(env), get, getTop])) } satisfies ExportedHandler<Env>;
`;
  await using files = await project(config, { skipLibCheck: false }, source);
  for (const { version, compile } of both) {
    expect([version, await compile(files.dir)]).toEqual([version, ""]);
  }
  await files.write("api/src/index.ts", source.replace("env.KV?.get", "env.KV.get"));
  for (const { version, compile } of both) {
    expect([version, await compile(files.dir)]).toEqual([
      version,
      expect.stringMatching(/'env\.KV' is possibly 'undefined'/),
    ]);
  }
});
