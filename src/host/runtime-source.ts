/**
 * The built runtime as threads need it: its source and V8 code cache in shared memory, read once
 * per host process. The cache is made by the first thread that finds none, kept for the threads
 * after it and on disk for the next host; it spares each thread some 10 ms (spikes S5).
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import {
  HTTP_CLIENT,
  RUNTIME_SOURCE,
  THREAD_ENTRY,
  THREAD_EXEC_ARGV,
} from "../protocol/runtime-files.ts";
import { CodeCache } from "../util/code-cache.ts";
import type { HttpClient } from "./outbound/request.ts";
import type { ThreadSource } from "./worker-thread.ts";

/** Reads the runtime files. Throws if drover was not built. `folder`: of the code cache. */
export function openRuntime(folder?: string): ThreadSource {
  const source = readFileSync(RUNTIME_SOURCE);
  const runtimeSource = share(source);
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
  const cache = new CodeCache("runtime", hash, folder);
  const cached = cache.read();
  let runtimeCodeCache = cached === undefined ? null : share(cached);
  return {
    entry: THREAD_ENTRY,
    execArgv: THREAD_EXEC_ARGV,
    data: () => ({ runtimeSource, runtimeCodeCache }),
    onCodeCache: (bytes) => {
      runtimeCodeCache = share(bytes);
      cache.write(bytes);
    },
    loadHttpClient: async () =>
      createRequire(import.meta.url)(fileURLToPath(HTTP_CLIENT)) as HttpClient,
  };
}

function share(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}
