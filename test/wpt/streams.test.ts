/** Our streams against the Web Platform Tests; see README.md. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const here = import.meta.dirname;
const root = join(here, "vendor");
const files = readdirSync(join(root, "streams"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".any.js"))
  .sort();

interface Result {
  readonly name: string;
  readonly passed: boolean;
}

/** Reason -> file -> names of the tests that fail for it. */
const expected = JSON.parse(readFileSync(join(here, "expected.json"), "utf8")) as Record<
  string,
  Record<string, readonly string[]>
>;
const folder = mkdtempSync(join(tmpdir(), "drover-wpt-"));
const bundle = join(folder, "streams.mjs");

beforeAll(async () => {
  const streams = join(here, "../../src/web/streams");
  await build({
    stdin: {
      contents: `
        import { AbortController, AbortSignal } from "${streams}/../events/abort-signal.ts";
        import { streamClasses } from "${streams}/classes.ts";
        export const classes = { ...streamClasses, AbortController, AbortSignal };
        export { setStreamCompat, streamCompat } from "${streams}/core/compat.ts";`,
      resolveDir: here,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile: bundle,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(file: string): Promise<readonly Result[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(here, "runner.js"), {
      workerData: { file: join(root, "streams", file), root, bundle },
    });
    worker.once("message", (results: readonly Result[]) => {
      resolve(results);
      void worker.terminate();
    });
    worker.once("error", reject);
  });
}

test.each(files)("%s", async (file) => {
  const results = await run(file);
  expect(results.length).toBeGreaterThan(0);
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  const listed = Object.values(expected).flatMap((reason) => reason[file] ?? []);
  expect(failed.sort()).toEqual([...listed].sort());
});
