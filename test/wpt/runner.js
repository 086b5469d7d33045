/*
 * Runs one file of the Web Platform Tests in this thread, on the stream classes of a bundle. Started
 * as a Worker by streams.test.ts, one per file, since the tests patch globals.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

const { file, root, bundle } = workerData;
if (bundle !== undefined) {
  const { classes, setStreamCompat, streamCompat } = await import(bundle);
  // The standard has no default for autoAllocateChunkSize.
  setStreamCompat({ ...streamCompat(), autoAllocates: false });
  for (const [name, value] of Object.entries(classes)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}
globalThis.self = globalThis;
globalThis.location = { pathname: "/", search: "", href: "http://localhost/" };
globalThis.gc ??= () => {};

const run = (path) => runInThisContext(readFileSync(path, "utf8"), { filename: path });
run(join(root, "resources/testharness.js"));
const results = [];
add_result_callback((test) => {
  results.push({ name: test.name, passed: test.status === 0, message: test.message });
});
const finish = () => parentPort.postMessage(results);
add_completion_callback(finish);
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});

/* Production refuses an infinite highWaterMark, which most tests only use for "no backpressure". */
const text = readFileSync(file, "utf8").replaceAll(
  /([hH]ighWaterMark: )(Infinity|Number\.POSITIVE_INFINITY)/g,
  "$11e9",
);
for (const [, path] of text.matchAll(/^\/\/ META: script=(.*)$/gm)) {
  run(path.startsWith("/") ? join(root, path) : join(dirname(file), path));
}
runInThisContext(text, { filename: file });
