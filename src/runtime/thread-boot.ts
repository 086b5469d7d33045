/**
 * What `new Worker()` starts (protocol/runtime-files.ts): compiles the runtime from the shared
 * source with the shared code cache and runs it. A file of its own, because only V8's script
 * compiler takes a code cache, and so that reading and checking the runtime happens once per host,
 * not once per thread. Built to dist/thread-boot.cjs.
 */
import vm from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { RUNTIME_SCRIPT } from "../protocol/runtime-script.ts";
import type { ThreadData, ThreadToHost } from "../protocol/thread.ts";

type RuntimeMain = (require: NodeJS.Require, folder: string) => void;

const { runtimeSource, runtimeCodeCache } = workerData as ThreadData;
// The file is ASCII (scripts/build-runtime.js), which makes this the quickest decoding.
const source = Buffer.from(runtimeSource).toString("latin1");
const script = new vm.Script(source, {
  filename: RUNTIME_SCRIPT,
  ...(runtimeCodeCache === null ? {} : { cachedData: Buffer.from(runtimeCodeCache) }),
});
const main = script.runInThisContext() as RuntimeMain;
main(require, __dirname);
if (runtimeCodeCache === null || script.cachedDataRejected === true) {
  // After "booted", and after the functions that booting needs have been compiled.
  setImmediate(() => {
    const message: ThreadToHost = { type: "code-cache", bytes: script.createCachedData() };
    parentPort?.postMessage(message);
  });
}
