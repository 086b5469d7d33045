import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { tempProject } from "../helpers/temp-project.ts";
import { config } from "./workers.ts";

/*
 * `drover graph`, and `drover dev <worker>`, which starts what the graph says that a Worker needs.
 */
const WORKER = "export default { fetch() { return new Response('ok') } };\n";

/** api -> auth -> audit (a queue and a tail too); admin -> api; nobody has `billing`. */
const workspace: Record<string, string> = {
  "package.json": JSON.stringify({ workspaces: ["apps/*", "!apps/old"] }),
  "package-lock.json": "{}",
  "apps/api/wrangler.json": config("api", {
    services: [
      { binding: "AUTH", service: "auth", entrypoint: "Auth" },
      { binding: "BILLING", service: "billing" },
    ],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room", script_name: "auth" }] },
    queues: {
      producers: [
        { binding: "JOBS", queue: "jobs" },
        { binding: "LOST", queue: "lost" },
      ],
    },
  }),
  "apps/api/src/index.ts":
    "export default { async fetch(request, env) { return new Response('api and ' + (await env.AUTH.name())) } };\n",
  "apps/auth/wrangler.toml":
    'name = "auth"\nmain = "src/index.ts"\ncompatibility_date = "2026-06-01"\nservices = [{ binding = "AUDIT", service = "audit" }]\ntail_consumers = [{ service = "audit" }]\n[durable_objects]\nbindings = [{ name = "ROOM", class_name = "Room" }]\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Room"]\n[env.staging]\nname = "auth-next"\n',
  "apps/auth/src/index.ts": `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
    export class Room extends DurableObject {}
    export class Auth extends WorkerEntrypoint { name() { return "auth" } }\n${WORKER}`,
  "apps/audit/wrangler.jsonc": config("audit", { queues: { consumers: [{ queue: "jobs" }] } }),
  "apps/audit/src/index.ts": `export default { fetch() { return new Response('ok') }, queue() {} };\n`,
  "apps/admin/wrangler.json": config("admin", { services: [{ binding: "API", service: "api" }] }),
  "apps/admin/src/index.ts": WORKER,
  "apps/old/wrangler.json": config("old"),
  "tools/wrangler.json": config("tools"),
  "apps/broken/wrangler.json": '{ "name": ',
};

const TEXT = `admin  apps/admin/wrangler.json
└─ env.API → api

api  apps/api/wrangler.json
├─ env.AUTH    → auth#Auth
├─ env.BILLING → billing  [not found]
├─ env.ROOM    → auth  Durable Object Room
├─ env.JOBS    → audit  queue jobs
└─ env.LOST    → queue lost  [not consumed]

audit  apps/audit/wrangler.jsonc

auth  apps/auth/wrangler.toml
├─ env.AUDIT → audit
└─ (tail)    → audit
`;

test("the graph of a workspace: Workers, bindings, and what nobody has", async () => {
  await using files = await tempProject(workspace);
  const { code, stdout, stderr } = await runDrover(["graph"], { cwd: files.path("apps/api") });
  expect(code).toBe(0);
  expect(stdout.replaceAll("../../apps", "apps").replaceAll("../", "apps/")).toBe(
    TEXT.replace("apps/api/wrangler.json", "wrangler.json"),
  );
  expect(stderr).toContain("../broken/wrangler.json");

  const drawn = await runDrover(["graph", "--format", "mermaid"], { cwd: files.dir });
  expect(drawn.stdout).toContain('graph LR\n  w0["admin"]\n  w1["api"]');
  expect(drawn.stdout).toContain('  w1 -->|"AUTH: Auth"| w3');
  expect(drawn.stdout).toContain('["billing: not found"]:::missing');

  const { stdout: json } = await runDrover(["graph", "--format=json", "-e", "staging"], {
    cwd: files.dir,
  });
  const graph = JSON.parse(json) as { workers: unknown[]; bindings: unknown[] };
  expect(graph.workers).toContainEqual({
    name: "auth-next",
    config: "apps/auth/wrangler.toml",
    environment: "staging",
  });
  expect(graph.bindings).toContainEqual({
    from: "api",
    binding: "AUTH",
    kind: "service",
    target: "Auth",
    to: "auth",
    found: false,
  });
});

test("without workspaces all configs below the root count, but for what tools have made", async () => {
  await using files = await tempProject({
    "package-lock.json": "{}",
    "a/wrangler.json": config("a"),
    "a/b/c/wrangler.toml": 'name = "c"\n',
    "node_modules/x/wrangler.json": config("x"),
    "dist/wrangler.json": config("y"),
    ".hidden/wrangler.json": config("z"),
  });
  const { stdout } = await runDrover(["graph"], { cwd: files.path("a") });
  expect(stdout).toBe("a  wrangler.json\n\nc  b/c/wrangler.toml\n");
});

test("pnpm's workspaces count, and -c names configs instead", async () => {
  await using files = await tempProject({
    "pnpm-lock.yaml": "",
    "pnpm-workspace.yaml":
      "packages:\n  # those that run\n  - 'apps/*'\n  - \"!apps/b\"\nother: 1\n",
    "apps/a/wrangler.json": config("a"),
    "apps/b/wrangler.json": config("b"),
    "lib/wrangler.json": config("lib"),
  });
  const run = async (...args: string[]) =>
    (await runDrover(["graph", ...args], { cwd: files.dir })).stdout;
  expect(await run()).toBe("a  apps/a/wrangler.json\n");
  expect(await run("-c", "lib/wrangler.json")).toBe("lib  lib/wrangler.json\n");
  // What was named has to be there; the others are shown nevertheless.
  const args = ["graph", "-c", "lib/wrangler.json", "-c", "nope.json"];
  const { code, stdout, stderr } = await runDrover(args, { cwd: files.dir });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "lib  lib/wrangler.json\n" });
  expect(stderr).toContain("[ERROR]");
  expect(stderr).toContain("nope.json");
});

test("drover dev <worker> starts it and everything that its bindings reach", async () => {
  await using files = await tempProject(workspace);
  await using dev = await runDev([], { cwd: files.path("apps/admin"), args: ["api"] });
  expect(dev.output).toContain(
    "Starting api (../api/wrangler.json), auth (../auth/wrangler.toml), audit (../audit/wrangler.jsonc).",
  );
  expect(await (await dev.fetch("/")).text()).toBe("api and auth");
  expect(dev.output).not.toContain("admin has access");
  expect(dev.output).toMatch(/\[WARNING\] \.\.\/broken\/wrangler\.json:1:11: /);
});

test("a word that is neither a file nor a Worker is told with what there is", async () => {
  await using files = await tempProject(workspace);
  const { code, stderr } = await runDrover(["dev", "aip"], { cwd: files.dir });
  expect(code).toBe(2);
  expect(stderr).toContain('"aip" is no file, and no config in');
  expect(stderr).toContain("There are: admin, api, audit, auth.");
  expect(stderr).toContain('Did you mean "api"?');
});
