import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { connectDevTools } from "../helpers/devtools-client.ts";
import { droverCommands, fencesOf } from "../helpers/documents.ts";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { hostOf } from "./inspector-project.ts";
import { RegistryHome } from "./registry-home.ts";
import { config } from "./workers.ts";

/* The documents' examples, run as they stand there, in the project that they speak of. */

const API = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Room extends DurableObject {
  count() {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (room)");
    return this.ctx.storage.sql.exec("INSERT INTO messages VALUES (1)").rowsWritten;
  }
}
export class Admin extends WorkerEntrypoint {
  limitOf(name) {
    if (name === undefined) throw new TypeError("whose?");
    return { limit: 10 };
  }
  setLimit(limit, options) {
    return { limit, ...options };
  }
}
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    console.log("asked for", pathname);
    if (pathname === "/health") return new Response("ok");
    if (pathname === "/users" && request.headers.get("authorization") === "Bearer test") {
      return Response.json(
        { ...(await request.json()), id: 1 },
        { status: 201, headers: { "x-id": "a1f" } },
      );
    }
    return new Response(pathname);
  },
  async scheduled() {},
  async queue() {},
  async email() {},
};
`;

const USERS = `
import { WorkerEntrypoint } from "cloudflare:workers";
export class Users extends WorkerEntrypoint { find(id) { return { id }; } }
export default { fetch: () => new Response("users") };
`;

const BINDINGS = {
  kv_namespaces: [{ binding: "KV", id: "kv" }],
  r2_buckets: [{ binding: "BUCKET", bucket_name: "bucket" }],
  d1_databases: [{ binding: "DB", database_name: "db", database_id: "db" }],
};

const API_CONFIG = config("api", {
  ...BINDINGS,
  services: [
    { binding: "USERS", service: "users", entrypoint: "Users" },
    { binding: "AUTH", service: "users" },
  ],
  durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
  queues: { consumers: [{ queue: "orders" }] },
  ai: { binding: "AI" },
});

async function documentedProject(): Promise<TempProject> {
  const plain = 'main = "src/index.ts"\ncompatibility_date = "2026-08-04"\n';
  const project = await tempProject({
    "package.json": '{ "type": "module" }',
    "wrangler.jsonc": config("front", { ...BINDINGS, env: { staging: BINDINGS } }),
    "src/index.ts": `export default { fetch: (request) => new Response(request.url) };`,
    "api/wrangler.jsonc": API_CONFIG,
    "api/wrangler.toml": `name = "api"\n${plain}`,
    "api/src/index.ts": API,
    "api/migrations/0001_users.sql": "CREATE TABLE users (name TEXT);",
    "auth/wrangler.jsonc": config("auth"),
    "auth/src/index.ts": USERS,
    "users/wrangler.toml": `name = "users"\n${plain}routes = ["users.example.com/*"]\n`,
    "users/src/index.ts": USERS,
  });
  await mkdir(project.path("node_modules"));
  await symlink(resolve(import.meta.dirname, "../.."), project.path("node_modules/drover"));
  return project;
}

const CONFIGS = '["api/wrangler.jsonc", "users/wrangler.toml"]';

/** What an example takes for granted, and an end, where it shows none. */
function program(example: string): string {
  const starts = example.includes("startDev({");
  const uses = /\bdev\./.test(example) || starts;
  return [
    /import .*startDev/.test(example) ? "" : 'import { startDev } from "drover";',
    'const raw = "From: a@x.test\\r\\nTo: b@y.test\\r\\nMessage-ID: <1@x.test>\\r\\n\\r\\nhello";',
    starts || !uses
      ? ""
      : `const dev = await startDev({ configs: ${CONFIGS}, persist: false });
         await dev.worker("api").applyD1Migrations("DB");
         await (await dev.worker("api").getEnv()).ROOM.getByName("lobby").count();`,
    example,
    uses && !example.includes(".stop()") ? "await dev.stop();" : "",
  ].join("\n");
}

/** Its output, and null, or how it ended. */
async function runNode(file: string, cwd: string): Promise<readonly [string, number | null]> {
  const child = spawn(process.execPath, [file], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return [output, code];
}

const scripts = [...fencesOf("README.md", "js"), ...fencesOf("docs/testing.md", "js")];

test.each(scripts)("the example of $at runs", async ({ text }) => {
  await using project = await documentedProject();
  await project.write("example.mjs", program(text));
  const [output, code] = await runNode("example.mjs", project.dir);
  expect([output, code]).toEqual([expect.not.stringMatching(/Error/), 0]);
});

test("the checks of docs/smoke.md pass, and its command writes what it says", async () => {
  await using project = await documentedProject();
  const [checks] = fencesOf("docs/smoke.md", "jsonc");
  const [command] = fencesOf("docs/smoke.md", "sh");
  await project.write("drover.smoke.jsonc", checks?.text ?? "");
  const [words = []] = droverCommands(command?.text ?? "");
  const { code, stdout } = await runDrover(words, { cwd: project.dir });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/creates a user/)]);
});

test("the commands of README.md that end by themselves do so", async () => {
  await using project = await documentedProject();
  const commands = fencesOf("README.md", "sh").flatMap(({ text }) => droverCommands(text));
  const ENDING = ["types", "graph", "doctor", "registry", "status", "state"];
  const ending = commands.filter(
    ([name = "", ...rest]) => ENDING.includes(name) || rest.includes("--explain-env"),
  );
  expect(ending.map(([name]) => name).sort()).toEqual([...ENDING, "dev"].sort());
  const env = { XDG_RUNTIME_DIR: project.path("run"), DROVER_REGISTRY: undefined };
  await mkdir(project.path("run"), { mode: 0o700 });
  for (const words of ending) {
    const { code, stdout, stderr } = await runDrover(words, { cwd: project.dir, env });
    expect([words, code, stdout + stderr]).toEqual([words, 0, expect.stringMatching(/\S/)]);
  }
});

test("the setting of docs/limits.md is one of a config", async () => {
  await using project = await documentedProject();
  const [limits] = fencesOf("docs/limits.md", "toml");
  await project.write(
    "limits/wrangler.toml",
    `name = "limits"\nmain = "../src/index.ts"\ncompatibility_date = "2026-08-04"\n${limits?.text}`,
  );
  const { code, stdout, stderr } = await runDrover(
    ["dev", "-c", "limits/wrangler.toml", "--explain-env"],
    { cwd: project.dir },
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("limits/wrangler.toml");
});

test("the commands of README.md to a running session reach it", async () => {
  await using project = await documentedProject();
  await using home = new RegistryHome();
  const raw = "From: a@x.test\r\nTo: b@y.test\r\nMessage-ID: <1@x.test>\r\n\r\nhello";
  await project.write("message.eml", raw);
  await using dev = await home.dev(["api/wrangler.jsonc", "users/wrangler.toml"], {
    cwd: project.dir,
  });
  const commands = fencesOf("README.md", "sh")
    .flatMap(({ text }) => droverCommands(text))
    .filter(([name = ""]) => ["call", "trigger", "smoke", "logs"].includes(name));
  const answers: Record<string, RegExp> = {
    call: /limit: 10, soft: true/,
    trigger: /\S/,
    logs: /asked for \/seen/,
    smoke: /✓ GET \/health/,
  };
  await dev.fetch("/seen");
  expect(new Set(commands.map(([name]) => name))).toEqual(new Set(Object.keys(answers)));
  for (const words of commands) {
    // The reader of the logs would go on for ever; the smoke test's other Worker is another project's.
    const args = words
      .filter((word) => word !== "-f")
      .map((word) => (word === "auth/wrangler.jsonc" ? "users/wrangler.toml" : word))
      .map((word) => (word === "api/wrangler.toml" ? "api/wrangler.jsonc" : word));
    const { code, stdout, stderr } = await runDrover(args, { cwd: project.dir, env: home.env });
    const said = answers[words[0] as string] as RegExp;
    expect([words, code, stdout + stderr]).toEqual([words, 0, expect.stringMatching(said)]);
  }
});

test("the two terminals of docs/registry.md find each other", async () => {
  await using project = await tempProject({
    "services/auth/wrangler.json": config("auth"),
    "services/auth/src/index.ts": USERS,
    "apps/api/wrangler.json": config("api", { services: [{ binding: "AUTH", service: "auth" }] }),
    "apps/api/src/index.ts": "export default { fetch: (request, env) => env.AUTH.fetch(request) };",
  });
  await using home = new RegistryHome();
  const [example] = fencesOf("docs/registry.md", "sh");
  const folders = [...(example?.text ?? "").matchAll(/^cd (\S+) +&& drover dev +#/gm)];
  expect(folders.map(([, folder]) => folder)).toEqual(["services/auth", "apps/api"]);
  await using auth = await home.dev([], { cwd: project.path("services/auth") });
  await using api = await home.dev([], { cwd: project.path("apps/api") });
  await eventually(() => expect(api.output).toMatch(/AUTH.*\[connected\]|AUTH.* connected/));
  expect(await (await api.fetch("/")).text()).toBe("users");
  expect(auth.output).toContain("Ready on");
});

test("the addresses of docs/debugging.md's launch.json are those of Workers", async () => {
  await using project = await tempProject({
    "api/wrangler.json": config("api"),
    "api/src/index.ts": USERS,
    "auth/wrangler.json": config("auth"),
    "auth/src/index.ts": USERS,
  });
  const [example] = fencesOf("docs/debugging.md", "json");
  const { configurations, compounds } = JSON.parse(example?.text ?? "") as {
    configurations: { name: string; port?: number; websocketAddress?: string }[];
    compounds: { configurations: string[] }[];
  };
  expect(compounds[0]?.configurations).toEqual(configurations.map(({ name }) => name));
  await using dev = await runDev(["api/wrangler.json", "auth/wrangler.json"], {
    cwd: project.dir,
    args: ["--inspector-port", "0", "--inspect"],
  });
  const contexts: unknown[] = [];
  for (const { port, websocketAddress } of configurations) {
    const place = new URL(websocketAddress ?? `ws://127.0.0.1:${port}/`);
    expect(place.port).toBe("9229");
    // What editors do with a port alone: the first of the list.
    const list = (await (await fetch(`http://${hostOf(dev)}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const first = list[0]?.webSocketDebuggerUrl ?? "";
    const address = websocketAddress === undefined ? first : `ws://${hostOf(dev)}${place.pathname}`;
    await using client = await connectDevTools(address);
    await client.send("Runtime.enable");
    const { context } = await client.waitFor("Runtime.executionContextCreated");
    contexts.push((context as { name: string }).name);
  }
  expect(contexts).toEqual(["api", "auth"]);
});
