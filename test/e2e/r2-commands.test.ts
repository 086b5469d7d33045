import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runDev, runDrover } from "../helpers/run-dev.ts";
import { type TempProject, tempProject } from "../helpers/temp-project.ts";

/* `drover r2 object`: texts as wrangler 4.164 prints them with `--local`, and what a session sees. */
async function project() {
  return await tempProject({
    "wrangler.jsonc": JSON.stringify({
      name: "a",
      main: "index.js",
      compatibility_date: "2026-06-01",
      r2_buckets: [{ binding: "B", bucket_name: "buck" }],
    }),
    "index.js": `export default { async fetch(request, env) {
      const key = new URL(request.url).pathname.slice(1);
      if (request.method === "PUT") return Response.json(await env.B.put(key, request.body));
      const object = await env.B.get(key);
      return object === null ? new Response("none", { status: 404 }) : Response.json({
        text: await object.text(), http: object.httpMetadata, md5: object.checksums.toJSON().md5,
      });
    } }`,
    "a.txt": "hello",
  });
}

const object = ({ dir }: TempProject, ...args: string[]) =>
  runDrover(["r2", "object", ...args], { cwd: dir });

test("objects are put, read and deleted beside a running session", async () => {
  await using files = await project();
  await using dev = await runDev("wrangler.jsonc", { cwd: files.dir });
  expect((await dev.fetch("/a.txt")).status).toBe(404);

  const put = await object(
    files,
    ...["put", "buck/a.txt", "--file", "a.txt", "--local", "--ct", "text/x", "--cd", "inline"],
    ...["--ce", "br", "--cl", "en", "--cc", "no-cache", "-s", "InfrequentAccess"],
    ...["--expires", "Wed, 21 Oct 2030 07:28:00 GMT"],
  );
  expect([put.code, put.stdout]).toEqual([
    0,
    'Creating object "a.txt" with InfrequentAccess storage class in bucket "buck".\nUpload complete.\n',
  ]);
  expect(await (await dev.fetch("/a.txt")).json()).toEqual({
    text: "hello",
    md5: createHash("md5").update("hello").digest("hex"),
    http: {
      contentType: "text/x",
      contentLanguage: "en",
      contentDisposition: "inline",
      contentEncoding: "br",
      cacheControl: "no-cache",
      cacheExpiry: "2030-10-21T07:28:00.000Z",
    },
  });

  await dev.fetch("/dir/by-worker.txt", { method: "PUT", body: "from the Worker" });
  const got = await object(files, "get", "buck/dir/by-worker.txt");
  expect(got.stdout).toBe('Downloading "dir/by-worker.txt" from "buck".\nDownload complete.\n');
  expect(readFileSync(files.path("dir/by-worker.txt"), "utf8")).toBe("from the Worker");
  expect((await object(files, "get", "buck/a.txt", "--pipe")).stdout).toBe("hello");

  const deleted = await object(files, "delete", "buck/a.txt", "-J", "eu");
  expect([deleted.code, deleted.stdout]).toEqual([
    0,
    'Deleting object "a.txt" from bucket "buck (eu)".\nDelete complete.\n',
  ]);
  expect((await dev.fetch("/a.txt")).status).toBe(404);
  // Overwritten and deleted values leave no files behind.
  expect(readdirSync(files.path(".wrangler/state/v3/r2/buck/blobs"))).toHaveLength(1);
});

test("large objects go through in pieces, and without a config", async () => {
  await using files = await tempProject();
  const bytes = randomBytes(20_000_000);
  await files.write("large.bin", bytes);
  await object(files, "put", "buck/large", "-f", "large.bin");
  const got = await object(files, "get", "buck/large", "-f", "out/copy.bin");
  expect(got.code).toBe(0);
  expect(readFileSync(files.path("out/copy.bin")).equals(bytes)).toBe(true);
  expect(existsSync(files.path(".wrangler/state/v3/r2/buck/blobs"))).toBe(true);
});

test.each<[string[], number, string]>([
  [["put", "buck/a.txt"], 2, "Either the --file or --pipe options are required."],
  [["put", "buck/a.txt", "-f", "a.txt", "-p"], 2, "file and pipe are mutually exclusive"],
  [["put", "buck/a.txt", "--file", "no"], 1, 'The file "no" does not exist.'],
  [["put", "buck/a.txt", "--file", "."], 1, "EISDIR"],
  [["put", "buck", "--file", "a.txt"], 2, "in the form of {bucket}/{key} you provided buck"],
  [["put", "BAD_/x", "--file", "a.txt"], 2, 'The bucket name "BAD_" is invalid. Bucket names must'],
  [["put", "buck/a", "--file", "a.txt", "--expires", "x"], 2, "Expected --expires to be a date"],
  [["put", "buck/TOO-LONG", "--file", "a.txt"], 1, "object name is not valid. (10020)"],
  [["get", "buck/nope"], 1, "The specified key does not exist."],
  [["get", "buck/../outside"], 2, "Name one with --file."],
  [["get", "buck/a.txt", "--remote"], 2, "wrangler r2 object get ... --remote"],
])("%j ends with %i", async (args, code, text) => {
  await using files = await project();
  const result = await object(
    files,
    ...args.map((arg) => arg.replace("TOO-LONG", "k".repeat(1025))),
  );
  expect(result.stderr).toContain(text);
  expect(result.code).toBe(code);
  expect(existsSync(files.path("nope"))).toBe(false);
});
