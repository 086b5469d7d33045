import { expect, test } from "vitest";
import { BINDING_KINDS } from "../../../src/config/binding-kinds.ts";
import { GOOD_TOML, places, resolveFiles } from "./helpers.ts";

const SERVICES = [
  { binding: "B", service: "b", entrypoint: undefined, props: undefined },
  { binding: "ADMIN", service: "b", entrypoint: "Admin", props: { role: "x", deep: { n: 1 } } },
];

test.each([
  [
    "TOML, one table each",
    "wrangler.toml",
    `${GOOD_TOML}[[services]]
binding = "B"
service = "b"
[[services]]
binding = "ADMIN"
service = "b"
entrypoint = "Admin"
[services.props]
role = "x"
deep = { n = 1 }
`,
    ["4:1", "7:1"],
  ],
  [
    "TOML, inline tables",
    "wrangler.toml",
    `${GOOD_TOML}services = [
  { binding = "B", service = "b" },
  { binding = "ADMIN", service = "b", entrypoint = "Admin", props = { role = "x", deep = { n = 1 } } },
]
`,
    ["5:3", "6:3"],
  ],
  [
    "JSON",
    "wrangler.json",
    `{ "name": "w", "main": "src/index.ts", "compatibility_date": "2026-01-01", "services": [
  { "binding": "B", "service": "b" },
  { "binding": "ADMIN", "service": "b", "entrypoint": "Admin", "props": { "role": "x", "deep": { "n": 1 } } }
] }`,
    ["2:3", "3:3"],
  ],
])("service bindings in %s", async (_title, file, text, expected) => {
  const config = await resolveFiles({ [file]: text });
  expect(config.services.map(({ position: _, ...rest }) => rest)).toEqual(SERVICES);
  expect(places(config.services as never)).toEqual(expected);
  expect(config.bindings).toStrictEqual([
    { type: "service", name: "B", target: { service: "b" } },
    {
      type: "service",
      name: "ADMIN",
      target: { service: "b", entrypoint: "Admin", props: { role: "x", deep: { n: 1 } } },
    },
  ]);
  expect(config.rows).toEqual([]);
  expect(config.warnings).toEqual([]);
});

test("vars are strings or JSON; their rows are quoted, cut at 40 characters", async () => {
  const vars = {
    S: "x",
    L: "l".repeat(60),
    L40: "l".repeat(40),
    L39: "l".repeat(39),
    N: 1,
    T: true,
    O: { a: [1] },
    Z: null,
  };
  const text = JSON.stringify({ name: "w", main: "src/index.ts", vars });
  const config = await resolveFiles({ "wrangler.json": text });
  expect(
    Object.fromEntries(config.bindings.map((spec) => [spec.name, "value" in spec && spec.value])),
  ).toEqual(vars);
  expect(config.rows.map(({ value }) => value)).toEqual([
    '"x"',
    `"${"l".repeat(37)}..."`,
    `"${"l".repeat(37)}..."`,
    `"${"l".repeat(39)}"`,
    "1",
    "true",
    '{"a":[1]}',
    "null",
  ]);
  expect(new Set(config.rows.map(({ resource, mode }) => `${resource} ${mode}`))).toEqual(
    new Set(["Environment Variable local"]),
  );
});

test("text, data and wasm modules are read, relative to the config, and watched", async () => {
  const config = await resolveFiles({
    "a/wrangler.toml": `name = "a"\nmain = "i.js"
[text_blobs]
T = "t.txt"
[data_blobs]
D = "t.txt"
[wasm_modules]
W = "t.txt"`,
    "a/i.js": "",
    "a/t.txt": "hé",
  });
  const bytes = new Uint8Array(Buffer.from("hé"));
  expect(config.bindings).toEqual([
    { type: "text", name: "T", value: "hé" },
    { type: "data", name: "D", value: bytes },
    { type: "wasm", name: "W", value: bytes },
  ]);
  expect(config.watchFiles.filter((file) => file.endsWith("/a/t.txt"))).toHaveLength(3);
});

test("version metadata is the same for the whole session", async () => {
  const files = { "wrangler.toml": `${GOOD_TOML}[version_metadata]\nbinding = "V"` };
  const first = await resolveFiles(files);
  expect(first.bindings).toEqual([
    {
      type: "version-metadata",
      name: "V",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      tag: "",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
  expect((await resolveFiles(files)).bindings).toEqual(first.bindings);
  expect(first.unsupported).toEqual([]);
});

/** One config with every kind of resource; key -> value in the config. */
const EVERYTHING = {
  durable_objects: {
    bindings: [
      { name: "DO", class_name: "Room" },
      { name: "DO_X", class_name: "Room", script_name: "rooms" },
      { name: "DO_SELF", class_name: "Room", script_name: "w" },
    ],
  },
  workflows: [{ binding: "WF", name: "wf", class_name: "Flow", script_name: "flows" }],
  kv_namespaces: [{ binding: "KV", id: "kv-id" }],
  send_email: [{ name: "MAIL" }, { name: "MAIL_TO", destination_address: "a@b.c" }],
  queues: { producers: [{ binding: "Q", queue: "q" }] },
  d1_databases: [
    { binding: "DB", database_id: "id", database_name: "db" },
    { binding: "DB_P", database_id: "id", database_name: "db", preview_database_id: "preview" },
  ],
  vectorize: [{ binding: "VEC", index_name: "idx" }],
  ai_search_namespaces: [{ binding: "AISN" }],
  ai_search: [{ binding: "AIS" }],
  websearch: { binding: "WS" },
  agent_memory: [{ binding: "AM" }],
  hyperdrive: [{ binding: "HD", id: "hd", localConnectionString: "postgres://a:b@c/d" }],
  vpc_services: [{ binding: "VPC", service_id: "s" }],
  vpc_networks: [{ binding: "NET", network_id: "n" }],
  r2_buckets: [{ binding: "R2", bucket_name: "bucket", jurisdiction: "eu" }],
  logfwdr: { bindings: [{ name: "LOG", destination: "d" }] },
  secrets_store_secrets: [{ binding: "SSS", store_id: "st", secret_name: "se" }],
  artifacts: [{ binding: "ART" }],
  unsafe_hello_world: [{ binding: "HELLO" }],
  flagship: [{ binding: "FLAG" }],
  analytics_engine_datasets: [{ binding: "AE", dataset: "ds" }],
  browser: { binding: "BROWSER" },
  analytics: { binding: "ANALYTICS" },
  images: { binding: "IMAGES" },
  stream: { binding: "STREAM" },
  media: { binding: "MEDIA" },
  ai: { binding: "AI" },
  pipelines: [{ binding: "PIPE", pipeline: "p" }],
  k2: [{ binding: "K2", stream: "s" }],
  ratelimits: [{ name: "RL", namespace_id: "1", simple: { limit: 5, period: 10 } }],
  unsafe: { bindings: [{ name: "UNSAFE", type: "t" }] },
  dispatch_namespaces: [{ binding: "DN", namespace: "ns" }],
  mtls_certificates: [{ binding: "MTLS", certificate_id: "c" }],
  worker_loaders: [{ binding: "WL" }],
};

test("every other kind is announced with its place, shown as not supported and throws when used", async () => {
  const head = { name: "w", main: "src/index.ts", compatibility_date: "2026-01-01" };
  const simulated = new Set(
    BINDING_KINDS.filter(({ effect }) => effect === undefined).map(({ key }) => key),
  );
  // Images depend on what the project has (test/e2e/images.test.ts).
  const others = Object.entries(EVERYTHING).filter(
    ([key]) =>
      key !== "images" &&
      !["", ".bindings", ".producers"].some((part) => simulated.has(key + part)),
  );
  const text = JSON.stringify({ ...head, ...Object.fromEntries(others) }, null, 1);
  const config = await resolveFiles({ "wrangler.json": text });
  const names = config.rows.map(({ name }) => name);
  const remote = new Set(BINDING_KINDS.filter((kind) => kind.remoteClass !== undefined));
  const types = config.bindings.map(({ type }) => type);
  expect(types.filter((type) => type === "remote-only")).toHaveLength(remote.size);
  expect(new Set(types)).toEqual(new Set(["remote-only", "unsupported"]));
  expect(config.bindings.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(config.rows.every(({ mode }) => mode === "not supported")).toBe(true);
  expect(config.unsupported).toHaveLength(names.length);
  expect(places(config.unsupported)).not.toContain(undefined);
  const unsupported = config.bindings.flatMap((spec) => ("what" in spec ? [spec.what] : []));
  expect(new Set(unsupported)).toEqual(
    new Set(
      BINDING_KINDS.filter((kind) => kind.effect !== undefined && !remote.has(kind))
        .map(({ resource }) => resource)
        .filter((resource) => resource !== "Images"),
    ),
  );
});

test("rows stand in the order of wrangler's groups, with wrangler's names and values", async () => {
  const assets = { binding: "ASSETS", directory: "public" };
  const head = { name: "w", main: "src/index.ts", vars: { V: "1" } };
  const text = JSON.stringify({ ...head, ...EVERYTHING, assets });
  const { rows } = await resolveFiles({ "wrangler.json": text, "public/index.html": "" });
  expect(rows.map(({ name, value, resource }) => `${name} (${value}) ${resource}`)).toEqual([
    "DO (Room) Durable Object",
    "DO_X (Room, defined in rooms) Durable Object",
    "DO_SELF (Room, defined in w) Durable Object",
    "WF (Flow (defined in flows)) Workflow",
    "KV (kv-id) KV Namespace",
    "MAIL (unrestricted) Send Email",
    "MAIL_TO (a@b.c) Send Email",
    "Q (q) Queue",
    "DB (db) D1 Database",
    "DB_P (preview) D1 Database",
    "VEC (idx) Vectorize Index",
    "AISN () AI Search Namespace",
    "AIS () AI Search Instance",
    "WS () Web Search",
    "AM () Agent Memory",
    "HD (hd) Hyperdrive Config",
    "VPC (s) VPC Service",
    "NET (n) VPC Network",
    "R2 (bucket (eu)) R2 Bucket",
    "LOG (d) Logfwdr",
    "SSS (st/se) Secrets Store Secret",
    "ART () Artifacts",
    "HELLO () Hello World",
    "FLAG () Flagship",
    "AE (ds) Analytics Engine Dataset",
    "BROWSER () Browser Run",
    "ANALYTICS () Analytics SQL",
    "IMAGES () Images",
    "STREAM () Stream",
    "MEDIA () Media",
    "AI () AI",
    "PIPE (p) Pipeline",
    "K2 (s) K2 Stream",
    "RL (5 requests/10s) Rate Limit",
    "ASSETS () Assets",
    "UNSAFE (t) Unsafe Metadata",
    'V ("1") Environment Variable',
    "DN (ns) Dispatch Namespace",
    "MTLS (c) mTLS Certificate",
    "WL () Worker Loader",
  ]);
});

test("Durable Objects of other Workers are external, those of the Worker itself are not", async () => {
  const head = { name: "w", main: "src/index.ts" };
  const text = JSON.stringify({ ...head, durable_objects: EVERYTHING.durable_objects });
  const config = await resolveFiles({ "wrangler.json": text });
  expect(config.externalDurableObjects).toEqual([
    { binding: "DO_X", className: "Room", scriptName: "rooms" },
  ]);
});

test("tail consumers and crons are kept", async () => {
  const lines = '[[tail_consumers]]\nservice = "t"\n[triggers]\ncrons = ["0 0 * * *"]';
  const config = await resolveFiles({ "wrangler.toml": GOOD_TOML + lines });
  expect(config).toMatchObject({ tailConsumers: ["t"], crons: ["0 0 * * *"] });
});
