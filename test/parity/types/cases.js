/*
 * Projects whose types the real wrangler was asked for: files, and commands run one after the other
 * in the folder `cwd`. record.js writes wrangler's answers to answers.json; drover is held to them by
 * test/e2e/types-parity.test.ts.
 */
const config = (value) => `${JSON.stringify(value, null, 2)}\n`;
const module = "export default { fetch() { return new Response() } };\n";
const date = "2026-06-01";
const noRuntime = "--include-runtime=false";

/** Two Workers that know each other: services, Durable Objects and workflows across configs. */
const twoWorkers = {
  "api/wrangler.json": config({
    name: "api",
    main: "src/index.ts",
    compatibility_date: date,
    services: [
      { binding: "AUTH", service: "auth", entrypoint: "AuthService" },
      { binding: "AUTHD", service: "auth" },
      { binding: "NOPE", service: "auth", entrypoint: "Missing" },
      { binding: "GONE", service: "gone" },
      { binding: "GONE_E", service: "gone", entrypoint: "E" },
      { binding: "SELF", service: "api" },
      { binding: "SELF_E", service: "api", entrypoint: "Admin" },
    ],
    durable_objects: {
      bindings: [
        { name: "OBJ", class_name: "Obj", script_name: "auth" },
        { name: "OTHER", class_name: "X", script_name: "other" },
        { name: "NOCLASS", class_name: "NoClass" },
        { name: "OWN", class_name: "Own" },
        { name: "AUTHMISSING", class_name: "Nope", script_name: "auth" },
      ],
    },
    migrations: [
      { tag: "v1", new_sqlite_classes: ["Own", "Old"] },
      { tag: "v2", new_classes: ["Later"], deleted_classes: ["Old"] },
    ],
    workflows: [
      { binding: "FLOW", name: "flow", class_name: "Flow", script_name: "auth" },
      { binding: "FLOW_OWN", name: "flow2", class_name: "OwnFlow" },
      { binding: "FLOW_MISSING", name: "flow3", class_name: "Missing" },
      { binding: "FLOW_GONE", name: "flow4", class_name: "X", script_name: "script" },
    ],
  }),
  "api/src/index.ts": `export { Own } from "./own";\nexport class Admin {}\nexport class OwnFlow {}\n${module}`,
  "api/src/own.ts": "export class Own {}\n",
  "auth/wrangler.json": config({
    name: "auth",
    main: "src/index.ts",
    compatibility_date: date,
    env: { staging: {} },
  }),
  "auth/src/index.ts": `export class AuthService {}\nexport class Obj {}\nexport class Flow {}\n${module}`,
};

const environments = {
  "wrangler.json": config({
    name: "envs",
    main: "src/index.ts",
    compatibility_date: date,
    vars: { A: "top", ONLYTOP: 1 },
    kv_namespaces: [{ binding: "KV", id: "1" }],
    secrets: { required: ["TOPSECRET"] },
    env: {
      staging: {
        vars: { A: "stag" },
        kv_namespaces: [{ binding: "KV", id: "2" }],
        d1_databases: [{ binding: "DB", database_id: "3", database_name: "db" }],
        secrets: { required: ["TOPSECRET", "STAGSECRET"] },
      },
      "my-prod_env": { vars: { A: "prod" } },
      empty: {},
    },
  }),
  "src/index.ts": module,
};

/** Kinds that stand in one environment only, in several, and with other types. */
const mixedEnvironments = {
  "wrangler.json": config({
    name: "mixed",
    main: "src/index.ts",
    compatibility_date: date,
    vars: { Z: "z", A: 1 },
    r2_buckets: [{ binding: "R", bucket_name: "bucket" }],
    kv_namespaces: [
      { binding: "TOPKV", id: "1" },
      { binding: "X", id: "2" },
    ],
    services: [{ binding: "S", service: "one" }],
    env: {
      one: {
        vars: { A: 2, B: true },
        d1_databases: [{ binding: "X", database_id: "3", database_name: "db" }],
        queues: { producers: [{ binding: "Q", queue: "q" }] },
        services: [{ binding: "S", service: "two" }],
        durable_objects: { bindings: [{ name: "DO", class_name: "Obj" }] },
      },
      two: {
        vars: { A: 2, B: false, Z: "z" },
        kv_namespaces: [{ binding: "X", id: "2" }],
        services: [{ binding: "S", service: "one" }],
      },
    },
  }),
  "src/index.ts": `export class Obj {}\n${module}`,
  ".dev.vars": "SECRET=1\nZ=2\n",
  ".dev.vars.one": "ONE_SECRET=1\n",
};

const allKinds = {
  "wrangler.json": config({
    name: "kinds",
    main: "src/index.ts",
    compatibility_date: date,
    version_metadata: { binding: "VERSION" },
    ai: { binding: "AI" },
    browser: { binding: "BROWSER" },
    images: { binding: "IMAGES" },
    media: { binding: "MEDIA" },
    stream: { binding: "STREAM" },
    analytics_engine_datasets: [{ binding: "AE", dataset: "d" }],
    queues: { producers: [{ binding: "Q", queue: "q" }] },
    send_email: [{ name: "MAIL" }],
    hyperdrive: [{ binding: "HYPER", id: "h", localConnectionString: "postgres://u:p@h:1/d" }],
    vectorize: [{ binding: "VEC", index_name: "v" }],
    dispatch_namespaces: [{ binding: "DISPATCH", namespace: "n" }],
    mtls_certificates: [{ binding: "CERT", certificate_id: "c" }],
    secrets_store_secrets: [{ binding: "SSS", store_id: "s", secret_name: "n" }],
    ratelimits: [{ name: "RL", namespace_id: "1", simple: { limit: 1, period: 10 } }],
    worker_loaders: [{ binding: "LOADER" }],
    vpc_services: [{ binding: "VPC", service_id: "s" }],
    pipelines: [{ binding: "PIPE", pipeline: "p" }],
    d1_databases: [{ binding: "DB", database_id: "3", database_name: "db" }],
    r2_buckets: [{ binding: "R", bucket_name: "bucket" }],
    kv_namespaces: [{ binding: "KV", id: "1" }],
    unsafe: {
      bindings: [
        { name: "U1", type: "x" },
        { name: "U2", type: "service" },
        { name: "U3", type: "ratelimit" },
      ],
    },
    assets: { directory: "public", binding: "ASSETS" },
    workflows: [{ binding: "FLOW", name: "flow", class_name: "Flow" }],
    vars: { V: "v" },
  }),
  "public/a.txt": "a",
  "src/index.ts": `export class Flow {}\n${module}`,
};

const b1 = {
  "wrangler.jsonc": config({
    name: "b1",
    main: "src/index.ts",
    compatibility_date: date,
    compatibility_flags: ["nodejs_compat"],
    vars: {
      MODE: "dev",
      N: 3,
      B: true,
      OBJ: { a: [1, "x"] },
      "bad-key": "v",
      L: [1, 2],
      E: [],
      NIL: null,
      MIX: ["a", 1, {}],
      Q: 'a"b\\c\n',
    },
    kv_namespaces: [{ binding: "KV", id: "1" }],
    durable_objects: { bindings: [{ name: "ROOM", class_name: "Room" }] },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Room"] }],
    rules: [{ type: "Text", globs: ["**/*.md"], fallthrough: true }],
  }),
  "types/keep.txt": "",
  ".dev.vars": "SECRET=s\nMODE=m\n",
  "src/index.ts": `export class Room {}\n${module}`,
};

const rules = {
  "wrangler.json": config({
    name: "rules",
    main: "src/index.ts",
    compatibility_date: date,
    rules: [
      { type: "Text", globs: ["**/*.md", "LICENSE", "docs/*.tpl", "a/b.cfg"] },
      { type: "Data", globs: ["**/*.html"], fallthrough: true },
      { type: "ESModule", globs: ["**/*.mjs"] },
    ],
  }),
  "src/index.ts": module,
};

const plain = {
  "wrangler.json": config({ name: "plain", main: "src/index.ts", compatibility_date: date }),
  "src/index.ts": module,
};

export const projects = [
  {
    name: "one Worker",
    files: b1,
    runs: [
      [noRuntime],
      [noRuntime, "--strict-vars=false", "--env-interface=MyEnv", "types/w.d.ts"],
    ],
  },
  {
    name: "two Workers",
    files: twoWorkers,
    cwd: "api",
    runs: [
      [noRuntime, "-c", "wrangler.json", "-c", "../auth/wrangler.json"],
      [noRuntime],
      [
        noRuntime,
        "-c",
        "wrangler.json",
        "-c",
        "../auth/wrangler.json",
        "--include-main-module=false",
        "out.d.ts",
      ],
    ],
  },
  {
    name: "environments",
    files: environments,
    runs: [
      [noRuntime],
      [noRuntime, "--env", "staging", "s.d.ts"],
      [noRuntime, "--strict-vars=false", "--env-interface=MyEnv", "w.d.ts"],
    ],
  },
  {
    name: "mixed environments",
    files: mixedEnvironments,
    runs: [[noRuntime], [noRuntime, "-e", "one", "one.d.ts"]],
  },
  { name: "all kinds", files: allKinds, runs: [[noRuntime]] },
  { name: "rules", files: rules, runs: [[noRuntime]] },
  {
    name: "no bindings",
    files: plain,
    runs: [[noRuntime], [noRuntime, "--check"], [noRuntime, "--include-env=false"]],
  },
  {
    name: "service worker",
    files: {
      "wrangler.json": config({
        name: "sw",
        main: "sw.js",
        compatibility_date: date,
        vars: { MODE: "sw" },
        kv_namespaces: [{ binding: "KV", id: "1" }],
      }),
      "sw.js": "addEventListener('fetch', (event) => event.respondWith(new Response(MODE)));\n",
    },
    runs: [[noRuntime], [noRuntime, "--env-interface=My"]],
  },
  {
    name: "assets only",
    files: {
      "wrangler.json": config({
        name: "only",
        compatibility_date: date,
        assets: { directory: "public" },
      }),
      "public/a.txt": "a",
    },
    runs: [[noRuntime]],
  },
  {
    name: "exports map",
    files: {
      "wrangler.toml": `name = "x"\nmain = "src/index.ts"\ncompatibility_date = "${date}"\n[exports.Lobby]\ntype = "durable-object"\nstorage = "sqlite"\n[exports.Gone]\ntype = "durable-object"\nstate = "deleted"\n[exports.Room]\ntype = "durable-object"\nstorage = "legacy-kv"\n`,
      "src/index.ts": `export class Lobby {}\nexport class Room {}\n${module}`,
    },
    runs: [[noRuntime]],
  },
  {
    name: "process.env",
    files: {
      "wrangler.json": config({
        name: "p",
        main: "i.ts",
        compatibility_date: "2024-10-01",
        compatibility_flags: ["nodejs_compat"],
        vars: { A: "a" },
        env: { "x-y": { compatibility_date: date, vars: { B: "b" } } },
      }),
      "i.ts": module,
    },
    runs: [[noRuntime], [noRuntime, "--env=x-y", "xy.d.ts"]],
  },
  {
    name: "process.env by flag",
    files: {
      "wrangler.json": config({
        name: "p",
        main: "i.ts",
        compatibility_date: "2024-10-01",
        compatibility_flags: ["nodejs_compat", "nodejs_compat_populate_process_env"],
        vars: { A: "a" },
      }),
      "i.ts": module,
    },
    runs: [[noRuntime]],
  },
  {
    name: "env files",
    files: {
      "wrangler.json": config({
        name: "p",
        main: "i.ts",
        compatibility_date: date,
        vars: { A: "a" },
      }),
      "i.ts": module,
      ".env": "FROM_ENV=1\n",
      "other.env": "OTHER=1\nA=2\n",
    },
    runs: [
      [noRuntime],
      [noRuntime, "--env-file", "other.env"],
      [noRuntime, "--env-file", "other.env", "--check"],
    ],
  },
  {
    name: "check",
    files: { ...twoWorkers, "api/old.d.ts": "declare const a: 1;\n" },
    cwd: "api",
    runs: [
      ["--check"],
      [noRuntime, "-c", "wrangler.json", "-c", "../auth/wrangler.json", "--env-interface=X"],
      ["--check"],
      [
        {
          "auth/src/index.ts":
            "export class AuthService {}\nexport class Missing {}\nexport default {};\n",
        },
      ],
      ["--check"],
      ["--check", "old.d.ts"],
      [noRuntime, "old.d.ts"],
    ],
  },
  {
    name: "errors",
    files: environments,
    runs: [
      [noRuntime, "-c", "nofile.json"],
      [noRuntime, "x.ts"],
      [noRuntime, "--env-interface=1x"],
      [noRuntime, "--env=nope"],
      ["--x-include-runtime", "r.d.ts"],
    ],
  },
  { name: "no config", files: { "a.txt": "" }, runs: [[noRuntime]] },
  { name: "no environments", files: plain, runs: [[noRuntime, "--env=nope"]] },
  {
    name: "no date",
    files: { "wrangler.json": config({ name: "n", main: "i.ts" }), "i.ts": module },
    runs: [[], [noRuntime]],
  },
  {
    name: "colliding environments",
    files: {
      "wrangler.json": config({
        name: "n",
        main: "i.ts",
        compatibility_date: date,
        env: { "a-b": {}, a_b: {} },
      }),
      "i.ts": module,
    },
    runs: [[noRuntime]],
  },
  {
    name: "reserved environment",
    files: {
      "wrangler.json": config({
        name: "n",
        main: "i.ts",
        compatibility_date: date,
        env: { env: {} },
      }),
      "i.ts": module,
    },
    runs: [[noRuntime]],
  },
  {
    name: "broken entry",
    files: {
      "wrangler.json": config({ name: "n", main: "i.ts", compatibility_date: date }),
      "i.ts": "export default {",
    },
    runs: [[noRuntime]],
  },
  {
    name: "missing entry",
    files: { "wrangler.json": config({ name: "n", main: "i.ts", compatibility_date: date }) },
    runs: [[noRuntime]],
  },
];
