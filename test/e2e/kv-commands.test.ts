import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/* `drover kv key`: texts as wrangler 4.164 prints them with `--local`, and what a session sees. */
async function project() {
  return await tempProject({
    "wrangler.jsonc": JSON.stringify({
      name: "a",
      main: "index.js",
      compatibility_date: "2026-06-01",
      kv_namespaces: [
        { binding: "KV", id: "kvid" },
        { binding: "KVP", id: "one", preview_id: "two" },
      ],
    }),
    "index.js": `export default { async fetch(request, env) {
      const { pathname } = new URL(request.url);
      if (pathname === "/put") await env.KV.put("from-worker", "w");
      return Response.json(await env.KV.getWithMetadata(pathname.slice(1)));
    } }`,
  });
}

const kv = ({ dir }: TempProject, ...args: string[]) =>
  runDrover(["kv", "key", ...args], { cwd: dir });

const bulk = ({ dir }: TempProject, ...args: string[]) =>
  runDrover(["kv", "bulk", ...args, "--binding", "KV"], { cwd: dir });

test("keys are put, read, listed and deleted beside a running session", async () => {
  await using files = await project();
  await files.write("value.bin", "from a file");
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  const ask = async (path: string) => await (await dev.fetch(path)).json();
  expect(await ask("/k")).toMatchObject({ value: null });

  const put = await kv(files, "put", "k", "v", "--binding", "KV", "--metadata", '{"a":1}');
  expect([put.code, put.stdout]).toEqual([
    0,
    'Writing the value "v" to key "k" on namespace binding: "KV" (id: "kvid") with metadata "{"a":1}".\n',
  ]);
  expect(await ask("/k")).toMatchObject({ value: "v", metadata: { a: 1 } });
  await kv(files, "put", "f", "--path", "value.bin", "--namespace-id", "kvid", "--ttl", "600");
  expect(await ask("/f")).toMatchObject({ value: "from a file" });
  await ask("/put");
  expect((await kv(files, "get", "from-worker", "--binding", "KV")).stdout).toBe("w");
  expect((await kv(files, "get", "k", "--binding", "KV", "--text")).stdout).toBe("v\n");

  const listed = JSON.parse((await kv(files, "list", "--binding", "KV")).stdout);
  expect(listed).toEqual([
    { name: "f", expiration: expect.any(Number) },
    { name: "from-worker" },
    { name: "k", metadata: { a: 1 } },
  ]);
  const deleted = await kv(files, "delete", "k", "--binding", "KV");
  expect(deleted.stdout).toBe('Deleting the key "k" on namespace binding: "KV" (id: "kvid").\n');
  expect(await ask("/k")).toMatchObject({ value: null });
  const missing = await kv(files, "get", "k", "--binding", "KV");
  expect([missing.code, missing.stdout]).toEqual([0, "Value not found\n"]);
});

test("of a namespace with two ids --preview says which", async () => {
  await using files = await project();
  await kv(files, "put", "k", "two", "--binding", "KVP", "--preview");
  await kv(files, "put", "k", "one", "--binding", "KVP", "--preview", "false");
  expect((await kv(files, "get", "k", "--namespace-id", "two")).stdout).toBe("two");
  expect((await kv(files, "get", "k", "--namespace-id", "one")).stdout).toBe("one");
});

test.each<[string[], number, string]>([
  [["get", "k", "--binding", "NO"], 2, "It has: KV, KVP"],
  [["get", "k", "--binding", "KVP"], 2, 'has both an "id" and a "preview_id" configured.'],
  [["put", "k", "v"], 2, "exactly one of --binding and --namespace-id must be provided"],
  [["put", "k", "--binding", "KV"], 2, "exactly one of <value> and --path must be provided"],
  [["put", "k", "v", "--binding", "KV", "--metadata", "{a"], 2, "must be valid JSON. Received: {a"],
  [["put", "k", "v", "--binding", "KV", "--ttl", "10"], 1, "Expiration TTL must be at least 60."],
  [["put", "k", "--path", "no", "--binding", "KV"], 1, "Could not read file: no"],
  [["list", "--binding", "KV", "--remote"], 2, "wrangler kv key list ... --remote"],
])("%j ends with %i", async (args, code, text) => {
  await using files = await project();
  const result = await kv(files, ...args);
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(code);
});

test("many keys are put, read and deleted at once", async () => {
  await using files = await project();
  await files.write(
    "put.json",
    JSON.stringify([
      { key: "a", value: "1" },
      { key: "b", value: "aGk=", base64: true, metadata: { m: 1 }, expiration_ttl: 600 },
      { key: "c", value: "x", extra: 1 },
    ]),
  );
  await files.write("keys.json", JSON.stringify(["a", "b", "nope"]));
  await files.write("names.json", JSON.stringify([{ name: "a" }, { name: "c" }]));
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  const put = await bulk(files, "put", "put.json", "--metadata", '{"of":"flag"}');
  expect([put.code, put.stdout]).toEqual([0, "Success!\n"]);
  expect(put.stderr).toContain('The item at index 2 contains unexpected properties: ["extra"].');
  expect(await (await dev.fetch("/b")).json()).toMatchObject({ value: "hi", metadata: { m: 1 } });
  expect(await (await dev.fetch("/c")).json()).toMatchObject({ metadata: { of: "flag" } });

  const got = await bulk(files, "get", "keys.json");
  expect(JSON.parse(got.stdout)).toEqual({
    a: { value: "1" },
    b: { value: "hi" },
    nope: { value: null },
  });
  const deleted = await bulk(files, "delete", "keys.json");
  expect(deleted.stdout).toBe(
    '? Are you sure you want to delete all the keys read from "keys.json" from kv-namespace binding: "KV" (id: "kvid")?\n🤖 Using fallback value in non-interactive context: yes\nSuccess!\n',
  );
  expect(await (await dev.fetch("/b")).json()).toMatchObject({ value: null });
  expect((await bulk(files, "delete", "names.json", "-f")).stdout).toBe("Success!\n");
  expect((await kv(files, "list", "--binding", "KV")).stdout).toBe("[]\n");
});

test.each<[string, unknown, string]>([
  ["put", [{ key: "a" }], 'The item at index 0 is {"key":"a"}'],
  ["put", [{ key: "a", value: "v", base64: "x" }], "base64?: boolean;"],
  ["put", { a: 1 }, 'Expected an array of key-value objects but got type "object".'],
  [
    "put",
    [
      { key: "good", value: "v" },
      { key: "", value: "v" },
    ],
    "Key name cannot be empty.",
  ],
  ["put", [{ key: "good", value: "v", expiration_ttl: 5 }], "Invalid expiration_ttl of 5."],
  ["get", [1], 'The item at index 0 is type: "number" - 1'],
  ["get", {}, "Expected an array of strings but got:"],
])("kv bulk %s of %j writes nothing", async (command, content, text) => {
  await using files = await project();
  await files.write("file.json", JSON.stringify(content));
  const result = await bulk(files, command, "file.json");
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(1);
  expect((await kv(files, "list", "--binding", "KV")).stdout).toBe("[]\n");
});
