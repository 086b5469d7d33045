import { expect, test } from "vitest";
import { configErrorOf, GOOD_TOML, resolveFiles } from "./helpers.ts";

const HEAD = { name: "w", main: "src/index.ts", compatibility_date: "2026-01-01" };

async function resolved(sections: object) {
  return resolveFiles({ "wrangler.json": JSON.stringify({ ...HEAD, ...sections }, null, 1) });
}

/** Kind and id of each binding, by name. */
async function stores(sections: object): Promise<Record<string, string>> {
  const { bindings } = await resolved(sections);
  return Object.fromEntries(
    bindings.map((spec) => [
      spec.name,
      spec.type === "resource" ? `${spec.kind} ${spec.id}` : spec.type,
    ]),
  );
}

test("the preview id names the store, else the id, else the binding", async () => {
  expect(
    await stores({
      kv_namespaces: [
        { binding: "A", id: "i", preview_id: "p" },
        { binding: "B", id: "i" },
        { binding: "C" },
      ],
    }),
  ).toEqual({ A: "kv p", B: "kv i", C: "kv C" });
  expect(
    await stores({
      d1_databases: [
        { binding: "A", database_name: "n", database_id: "i", preview_database_id: "p" },
        { binding: "B", database_name: "n", database_id: "i" },
        { binding: "C", database_name: "n" },
      ],
    }),
  ).toEqual({ A: "d1 p", B: "d1 i", C: "d1 C" });
  expect(
    await stores({
      r2_buckets: [
        { binding: "A", bucket_name: "name", preview_bucket_name: "preview" },
        { binding: "B", bucket_name: "name", jurisdiction: "eu" },
        { binding: "C" },
      ],
    }),
  ).toEqual({ A: "r2 preview", B: "r2 name", C: "r2 C" });
});

test("an empty id of a database is an id, as in wrangler", async () => {
  const config = await resolved({
    d1_databases: [
      { binding: "A", database_name: "n", database_id: "" },
      { binding: "B", database_name: "n", database_id: "i", preview_database_id: "" },
    ],
    kv_namespaces: [{ binding: "K", id: "i", preview_id: "" }],
  });
  expect(config.bindings).toEqual([
    { type: "resource", name: "A", kind: "d1", id: "" },
    { type: "resource", name: "B", kind: "d1", id: "" },
    { type: "resource", name: "K", kind: "kv", id: "i" },
  ]);
  expect(config.rows.map(({ name, value }) => [name, value])).toEqual([
    ["K", "i"],
    ["A", "n"],
    ["B", ""],
  ]);
});

test("an environment has its own stores", async () => {
  const toml = `${GOOD_TOML}[[kv_namespaces]]\nbinding = "K"\nid = "top"\n[env.p]\nvars = {}\n[[env.p.kv_namespaces]]\nbinding = "K"\nid = "env"\n`;
  const config = await resolveFiles({ "wrangler.toml": toml }, { env: "p" });
  expect(config.bindings).toEqual([{ type: "resource", name: "K", kind: "kv", id: "env" }]);
});

// Texts of wrangler 4.164.
test.each([
  [
    { kv_namespaces: { binding: "A" } },
    'The field "kv_namespaces" should be an array but got {"binding":"A"}.',
  ],
  [{ kv_namespaces: ["str"] }, '"kv_namespaces" bindings should be objects, but got "str"'],
  [
    { kv_namespaces: [{ binding: "A", id: 5 }] },
    '"kv_namespaces[0]" bindings should have a string "id" field but got {"binding":"A","id":5}.',
  ],
  [
    { kv_namespaces: [{ binding: "B", id: "x", preview_id: 3 }] },
    '"kv_namespaces[0]" bindings should, optionally, have a string "preview_id" field but got {"binding":"B","id":"x","preview_id":3}.',
  ],
  [
    { kv_namespaces: [{ binding: "C", remote: "yes" }] },
    '"kv_namespaces[0]" should, optionally, have a boolean "remote" field but got {"binding":"C","remote":"yes"}.',
  ],
  [
    { d1_databases: [{ binding: "D", database_id: 5 }] },
    '"d1_databases[0]" bindings must have a "database_id" field but got {"binding":"D","database_id":5}.',
  ],
  [
    { d1_databases: [{ binding: "D", migrations_dir: 3 }] },
    '"d1_databases[0]" bindings should, optionally, have a string "migrations_dir" field but got {"binding":"D","migrations_dir":3}.',
  ],
  [
    { r2_buckets: [{ binding: "R", bucket_name: "" }] },
    '"r2_buckets[0]" bindings should have a string "bucket_name" field but got {"binding":"R","bucket_name":""}.',
  ],
  [
    { r2_buckets: [{ binding: "R", bucket_name: "rv" }] },
    'r2_buckets[0].bucket_name="rv" is invalid. Bucket names must begin and end with an alphanumeric character, only contain lowercase letters, numbers, and hyphens, and be between 3 and 63 characters long.',
  ],
  [
    { r2_buckets: [{ binding: "R", bucket_name: "abc", preview_bucket_name: "X" }] },
    'r2_buckets[0].preview_bucket_name= "X" is invalid.',
  ],
  [
    { r2_buckets: [{ binding: "R", bucket_name: "abc", preview_bucket_name: "" }] },
    'r2_buckets[0].preview_bucket_name= "" is invalid.',
  ],
])("misshapen stores are refused in wrangler's words: %j", async (sections, text) => {
  expect((await configErrorOf(() => resolved(sections))).message).toContain(text);
});

test("unknown fields warn; remote stores are local ones, and that is said", async () => {
  const config = await resolved({ kv_namespaces: [{ binding: "K", remote: true, nmae: 1 }] });
  expect(config.warnings[0]?.message).toBe(
    'Unexpected fields found in kv_namespaces[0] field: "nmae".',
  );
  expect(config.unsupported).toEqual([
    {
      key: "kv_namespaces.remote (K)",
      effect: "Remote bindings are not supported: the local store is used.",
      position: expect.objectContaining({ line: 8 }),
    },
  ]);
  expect(config.rows.map(({ mode }) => mode)).toEqual(["local"]);
});
