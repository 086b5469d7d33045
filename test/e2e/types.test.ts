import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { strictTsconfig } from "../helpers/compilers.ts";
import { eventually } from "../helpers/eventually.ts";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";
import { CALLEE_CONFIG, RegistryHome, twoWorkers } from "./registry-home.ts";

/*
 * What test/e2e/types-parity.test.ts cannot show: runtime types, which come from a package here, the
 * compiler's word on the result, Workers of other sessions, and `drover dev --types`.
 */
const FILE = "worker-configuration.d.ts";
const modules = resolve(import.meta.dirname, "../../node_modules");
const noRuntime = "--include-runtime=false";

const API = { name: "api", main: "src/index.ts", compatibility_date: "2026-06-01" };
const project = {
  "api/wrangler.json": JSON.stringify({
    ...API,
    compatibility_flags: ["nodejs_compat"],
    vars: { MODE: "dev" },
    services: [{ binding: "AUTH", service: "auth", entrypoint: "Auth" }],
  }),
  "api/src/index.ts": `export default {
    async fetch(request, env) {
      const user: string = await env.AUTH.verify("t");
      const mode: "dev" = env.MODE;
      return new Response(user + mode + process.env.MODE + Buffer.from("x").toString("hex"));
    },
  } satisfies ExportedHandler<Env>;\n`,
  "auth/wrangler.json": JSON.stringify({ ...API, name: "auth" }),
  "auth/src/index.ts": `import { WorkerEntrypoint } from "cloudflare:workers";
  export class Auth extends WorkerEntrypoint { verify(token: string) { return "user of " + token; } }
  export default { fetch() { return new Response("auth"); } };\n`,
  "tsconfig.json": strictTsconfig({ types: ["node"], skipLibCheck: true }, [
    `api/${FILE}`,
    "api/src/index.ts",
  ]),
};
const both = ["-c", "wrangler.json", "-c", "../auth/wrangler.json"];

const types = ({ path }: TempProject, ...args: string[]) =>
  runDrover(["types", ...args], { cwd: path("api"), env: { DROVER_REGISTRY: "off" } });
const read = ({ path }: TempProject): string => readFileSync(path("api", FILE), "utf8");

async function withPackage(files: TempProject, name: string): Promise<void> {
  const target = files.path("node_modules", name);
  await mkdir(resolve(target, ".."), { recursive: true });
  symlinkSync(resolve(modules, name), target);
}

/** What the compiler says. */
async function compile({ dir }: TempProject): Promise<string> {
  const tsc = resolve(modules, "typescript/bin/tsc");
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", dir]);
    return stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test("the compiler takes the types, runtime and @types/node together, and knows what the other Worker has", async () => {
  await using files = await tempProject(project);
  await withPackage(files, "@types/node");
  await withPackage(files, "@cloudflare/workers-types");
  const { code, stdout } = await types(files, ...both);
  expect(code).toBe(0);
  expect(stdout).toContain(
    "- Found Worker 'auth' at '../auth/src/index.ts' (../auth/wrangler.json)",
  );
  const { version } = JSON.parse(
    readFileSync(resolve(modules, "@cloudflare/workers-types/package.json"), "utf8"),
  ) as { version: string };
  expect(stdout).toContain(`Runtime types generated from @cloudflare/workers-types ${version}.`);
  const [, , third] = read(files).split("\n");
  expect(third).toBe(
    `// Runtime types generated with @cloudflare/workers-types@${version} 2026-06-01 nodejs_compat`,
  );
  expect(await compile(files)).toBe("");

  const { "api/src/index.ts": source } = project;
  await files.write("api/src/index.ts", source.replace("AUTH.verify", "AUTH.nope"));
  expect(await compile(files)).toMatch(/api\/src\/index\.ts\(3,.*Property 'nope' does not exist/);
});

test("values that only Node has are typed loosely where nothing else types them", async () => {
  await using files = await tempProject(project);
  expect((await types(files)).code).toBe(0);
  expect(read(files)).toMatch(/^declare var Buffer: any;$/m);
  await withPackage(files, "@types/node");
  expect((await types(files)).code).toBe(0);
  expect(read(files)).not.toMatch(/\b(Buffer|process): any|\bsetImmediate\b|clearImmediate/);
  expect(read(files)).toContain("declare const performance: Performance;");
});

test("of version 4 of the package, the text of the date is taken", async () => {
  const folder = "node_modules/@cloudflare/workers-types";
  await using files = await tempProject({
    ...project,
    [`${folder}/package.json`]: '{ "version": "4.1.0" }',
    [`${folder}/oldest/index.d.ts`]: "declare const oldest: 1;\n",
    [`${folder}/2022-11-30/index.d.ts`]: "declare const old: 1;\n",
    [`${folder}/2023-07-01/index.d.ts`]: "declare const dated: 1;\n",
  });
  const after = async (date: string) => {
    await files.write("api/wrangler.json", JSON.stringify({ ...API, compatibility_date: date }));
    expect((await types(files)).code).toBe(0);
    return read(files).split("// Begin runtime types\n")[1];
  };
  expect(await after("2026-06-01")).toBe("declare const dated: 1;\n");
  expect(await after("2023-01-01")).toBe("declare const old: 1;\n");
  expect(await after("2021-01-01")).toBe("declare const oldest: 1;\n");
});

test("--check recovers the options, and notices a change in either config", async () => {
  await using files = await tempProject(project);
  expect((await types(files, ...both, "--env-interface=X")).code).toBe(0);
  const check = () => types(files, "--check");
  expect(await check()).toMatchObject({
    code: 0,
    stdout: `✨ Types at ${FILE} are up to date.\n\n`,
  });
  await files.write("auth/src/index.ts", "export default { fetch() {} }");
  const { code, stderr } = await check();
  expect(code).toBe(1);
  expect(stderr).toContain(`Types at ${FILE} are out of date. Run \`drover types\` to regenerate.`);
});

test("runtime types that wrangler wrote stay, and are up to date for the same date and flags", async () => {
  await using files = await tempProject(project);
  expect((await types(files)).code).toBe(0);
  const own = read(files);
  const header = "// Runtime types generated with workerd@1.20261117.1 2026-06-01 nodejs_compat";
  const wranglers = own
    .replace(/^\/\/ Runtime types generated.*$/m, header)
    .replace(/(\/\/ Begin runtime types\n)[\s\S]*/, "$1declare const theirs: 1;\n");
  await files.write(`api/${FILE}`, wranglers);
  expect((await types(files, "--check")).code).toBe(0);
  expect((await types(files)).code).toBe(0);
  expect(read(files)).toBe(wranglers);
  await files.write(`api/${FILE}`, wranglers.replace("2026-06-01", "2026-05-01"));
  expect((await types(files, "--check")).code).toBe(1);
  expect((await types(files)).code).toBe(0);
  expect(read(files)).toBe(own);
});

test("a Worker of another session is typed, and --check finds it afterwards", async () => {
  await using home = new RegistryHome();
  await using files = await tempProject(twoWorkers());
  const cwd = files.path("caller");
  const run = (...args: string[]) => runDrover(["types", ...args], { cwd, env: home.env });
  expect((await run(noRuntime)).stdout).toContain("CALLEE: Fetcher /* callee */;");
  {
    await using callee = await home.dev(CALLEE_CONFIG, { cwd: files.dir });
    await eventually(async () => expect((await home.list()).workers).toHaveLength(1));
    const { stdout } = await run(noRuntime);
    expect(callee.output).toContain("Ready");
    expect(stdout).toContain('CALLEE: Service<typeof import("../callee/src/index").default>;');
    expect(stdout).toContain('ADMIN: Service<typeof import("../callee/src/index").Admin>;');
  }
  expect(readFileSync(files.path("caller", FILE), "utf8")).toContain(
    "`wrangler types --config=wrangler.json --config=../callee/wrangler.json --include-runtime=false`",
  );
  expect((await run("--check")).code).toBe(0);
});

test("dev --types writes the files of all Workers again, dev alone says that they are old", async () => {
  await using files = await tempProject(project);
  expect((await types(files, noRuntime)).code).toBe(0);
  const configs = ["api/wrangler.json", "auth/wrangler.json"];
  {
    await using dev = await runDev(configs, { cwd: files.dir });
    await dev.waitForLine(
      /❓ Your types might be out of date \(api\/worker-configuration\.d\.ts\)\. Re-run `drover types`/,
    );
    expect(read(files)).toContain("AUTH: Service /* entrypoint Auth from auth */;");
  }
  await using dev = await runDev(configs, { cwd: files.dir, args: ["--types"] });
  const updated =
    /❓ Your types looked out of date\. We've re-run `drover types` for you and updated api\/worker-configuration\.d\.ts/;
  await dev.waitForLine(updated);
  expect(read(files)).toContain('AUTH: Service<typeof import("../auth/src/index").Auth>;');
  expect((await types(files, "--check")).code).toBe(0);

  const { "api/wrangler.json": config } = project;
  const kv_namespaces = [{ binding: "KV", id: "1" }];
  await files.write("api/wrangler.json", JSON.stringify({ ...JSON.parse(config), kv_namespaces }));
  await dev.waitForLine(updated);
  expect(read(files)).toContain("KV: KVNamespace;");
  // A class that the other Worker no longer has.
  await files.write("auth/src/index.ts", "export default { fetch() { return new Response('a') } }");
  await dev.waitForLine(updated);
  expect(read(files)).toContain("AUTH: Service /* entrypoint Auth from auth */;");
  expect((await types(files, "--check")).code).toBe(0);
});

test("without the package of runtime types, the error says what to do and nothing is written", async () => {
  // drover as it lies on the disk, but for its own copy of the package.
  await using files = await tempProject(project);
  const root = resolve(modules, "..");
  for (const name of ["bin", "dist"]) {
    cpSync(resolve(root, name), files.path("drover", name), { recursive: true });
  }
  cpSync(resolve(root, "package.json"), files.path("drover/package.json"));
  await mkdir(files.path("drover/node_modules"));
  for (const name of readdirSync(modules)) {
    if (name === "@cloudflare") continue;
    symlinkSync(resolve(modules, name), files.path("drover/node_modules", name));
  }
  const drover = (...args: string[]) =>
    promisify(execFile)(process.execPath, [files.path("drover/bin/drover.js"), "types", ...args], {
      cwd: files.path("api"),
      env: { ...process.env, DROVER_REGISTRY: "off" },
    });
  await expect(drover()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/npm i -D @cloudflare\/workers-types.*--include-runtime=false/),
  });
  expect(existsSync(files.path("api", FILE))).toBe(false);
  await drover(noRuntime);
  expect(existsSync(files.path("api", FILE))).toBe(true);
});
