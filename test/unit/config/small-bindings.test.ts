import { expect, test } from "vitest";
import { configErrorOf, resolveFiles } from "./helpers.ts";

const HEAD = { name: "w", main: "src/index.ts", compatibility_date: "2026-01-01" };

const files = (sections: object) => ({
  "wrangler.json": JSON.stringify({ ...HEAD, ...sections }, null, 1),
});

const SIMPLE = { limit: 2, period: 10 };

// Texts of wrangler 4.164.
test.each([
  [
    { ratelimits: [{ name: "A", namespace_id: "1", simple: { limit: 2, period: 30 } }] },
    '"ratelimits[0]" bindings "simple.period" must be either 10 or 60 but got 30.',
  ],
  [
    { ratelimits: [{ name: "B", namespace_id: 7, simple: SIMPLE }] },
    '"ratelimits[0]" bindings must have a string "namespace_id" field but got {"name":"B","namespace_id":7,"simple":{"limit":2,"period":10}}.',
  ],
  [
    { ratelimits: [{ name: "C", namespace_id: "1" }] },
    '"ratelimits[0]" bindings must have a "simple" configuration object but got {"name":"C","namespace_id":"1"}.',
  ],
  [
    { ratelimits: [{ name: "D", namespace_id: "1", simple: { limit: "x", period: 10 } }] },
    '"ratelimits[0]" bindings "simple.limit" must be a number but got {"limit":"x","period":10}.',
  ],
  [
    { ratelimits: [{ name: "E", namespace_id: "1", simple: { limit: 2, period: "10" } }] },
    '"ratelimits[0]" bindings "simple.period" is required and must be a number but got {"limit":2,"period":"10"}.',
  ],
  [{ ratelimits: [5] }, '"ratelimits" bindings should be objects, but got 5'],
  [
    { secrets_store_secrets: [{ binding: "S", store_id: 5, secret_name: "x" }] },
    '"secrets_store_secrets[0]" bindings must have a string "store_id" field but got {"binding":"S","store_id":5,"secret_name":"x"}.',
  ],
  [
    { analytics_engine_datasets: [{ binding: "A", dataset: "" }] },
    '"analytics_engine_datasets[0]" bindings should, optionally, have a string "dataset" field but got {"binding":"A","dataset":""}.',
  ],
  [
    { analytics_engine_datasets: ["x"] },
    '"analytics_engine" bindings should be objects, but got "x"',
  ],
  [
    { pipelines: [{ binding: "P" }] },
    '"pipelines[0]" bindings must have a string "stream" field but got {"binding":"P"}.',
  ],
  [
    { hyperdrive: [{ binding: "H" }] },
    '"hyperdrive[0]" bindings must have a "id" field but got {"binding":"H"}.',
  ],
  [
    { hyperdrive: [{ binding: "H", id: "x" }] },
    `When developing locally, you should use a local Postgres connection string to emulate Hyperdrive functionality. Please setup Postgres locally and set the value of the 'CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_H' variable or "H"'s "localConnectionString" to the Postgres connection string.`,
  ],
  [
    { hyperdrive: [{ binding: "H", id: "x", localConnectionString: "redis://a:b@c/d" }] },
    "Only PostgreSQL-compatible or MySQL-compatible databases are currently supported.",
  ],
  [
    { hyperdrive: [{ binding: "H", id: "x", localConnectionString: "postgres://a:b@c" }] },
    "You must provide a database name as the path component - e.g. /postgres",
  ],
  [
    { hyperdrive: [{ binding: "H", id: "x", localConnectionString: "postgres://c/d" }] },
    "You must provide a username - e.g. 'user:password@database.example.com:port/databasename'",
  ],
  [
    { hyperdrive: [{ binding: "H", id: "x", localConnectionString: "postgres://a@c/d" }] },
    "You must provide a password - e.g. 'user:password@database.example.com:port/databasename'",
  ],
])("a misshapen binding is refused: %j", async (sections, text) => {
  expect((await configErrorOf(() => resolveFiles(files(sections)))).message).toContain(text);
});

test("the environment names the database of Hyperdrive before the config does", async () => {
  const sections = {
    hyperdrive: [{ binding: "H", id: "x", localConnectionString: "postgres://a:b@config/db" }],
  };
  const resolved = (processEnv: Record<string, string>) =>
    resolveFiles(files(sections), { processEnv });
  const hosts = [
    {},
    { WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_H: "mysql://a:b@old/db" },
    {
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_H: "postgresql://a:b@new:99/db",
      WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_H: "mysql://a:b@old/db",
    },
  ].map(async (environment) => {
    const [spec] = (await resolved(environment)).bindings;
    return spec?.type === "hyperdrive" ? [spec.scheme, spec.target] : spec;
  });
  expect(await Promise.all(hosts)).toEqual([
    ["postgres", { host: "config", port: 5432 }],
    ["mysql", { host: "old", port: 3306 }],
    ["postgres", { host: "new", port: 99 }],
  ]);
});

test.each([
  ["postgres", "sslmode=disable", undefined],
  ["postgres", "sslmode=require", "postgres-unchecked"],
  ["postgres", "sslmode=verify-full", "postgres"],
  ["mysql", "ssl-mode=PREFERRED", undefined],
  ["mysql", "ssl-mode=REQUIRED", "mysql-unchecked"],
  ["mysql", "ssl-mode=VERIFY_IDENTITY", "mysql"],
])("a database of Hyperdrive: %s with %s", async (scheme, query, tls) => {
  const localConnectionString = `${scheme}://a:b@db:5/x?${query}`;
  const sections = { hyperdrive: [{ binding: "H", id: "x", localConnectionString }] };
  const [spec] = (await resolveFiles(files(sections))).bindings;
  expect(spec).toMatchObject({ type: "hyperdrive", target: { host: "db", port: 5 } });
  expect(spec?.type === "hyperdrive" && spec.target.tls).toBe(tls);
});

test("the old form of a rate limit works, other unsafe bindings do not", async () => {
  const { bindings, rows } = await resolveFiles(
    files({
      unsafe: {
        bindings: [
          { name: "LIMIT", type: "ratelimit", namespace_id: "7", simple: SIMPLE },
          { name: "OTHER", type: "something" },
        ],
      },
    }),
  );
  expect(bindings).toEqual([
    { type: "resource", name: "LIMIT", kind: "ratelimit", id: "7", settings: SIMPLE },
    { type: "unsupported", name: "OTHER", what: "Unsafe Metadata" },
  ]);
  expect(rows.map(({ name, mode }) => [name, mode])).toEqual([
    ["LIMIT", "local"],
    ["OTHER", "not supported"],
  ]);
});

test("raw TCP listeners, and what is none", async () => {
  const resolved = (listener: object) => resolveFiles(files({ connect: [listener] }));
  const good = [
    { protocol: "tcp", port: 5 },
    { protocol: "tcp", port: 0, address: "::1" },
  ].map(async (listener) => (await resolved(listener)).listeners[0]);
  expect(await Promise.all(good)).toEqual([
    { port: 5, address: undefined },
    { port: 0, address: "::1" },
  ]);
  const error = await configErrorOf(() => resolved({ protocol: "udp", port: 5 }));
  expect(error.message).toContain("connect[0].protocol");
  expect((await configErrorOf(() => resolved({ protocol: "tcp" }))).message).toContain("port");
});
