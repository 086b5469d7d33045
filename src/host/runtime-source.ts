/**
 * The built runtime as threads need it: its source and V8 code cache in shared memory, read once
 * per host process. The cache is made by the first thread that finds none, kept for the threads
 * after it and on disk for the next host; it spares each thread some 10 ms (spikes S5).
 */
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag } from "node:v8";
import {
  HTTP_CLIENT,
  RUNTIME_SOURCE,
  THREAD_ENTRY,
  THREAD_EXEC_ARGV,
} from "../protocol/runtime-files.ts";
import { cacheFolder } from "../util/cache-folder.ts";
import type { HttpClient } from "./outbound/request.ts";
import type { ThreadSource } from "./worker-thread.ts";

/** Caches of other versions that may stay on disk. */
const KEPT_CACHES = 4;

/** Reads the runtime files. Throws if drover was not built. */
export function openRuntime(folder: string = cacheFolder()): ThreadSource {
  const source = readFileSync(RUNTIME_SOURCE);
  const runtimeSource = share(source);
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
  // V8 checks little of what it is given: everything that a cache depends on is in the name.
  const cacheName = `runtime-${hash}-${process.version}-${process.arch}-${cachedDataVersionTag()}.cache`;
  const cachePath = join(folder, cacheName);
  let runtimeCodeCache = readCache(cachePath);
  return {
    entry: THREAD_ENTRY,
    execArgv: THREAD_EXEC_ARGV,
    data: () => ({ runtimeSource, runtimeCodeCache }),
    onCodeCache: (bytes) => {
      runtimeCodeCache = share(bytes);
      writeCache(folder, cachePath, bytes);
    },
    loadHttpClient: async () =>
      createRequire(import.meta.url)(fileURLToPath(HTTP_CLIENT)) as HttpClient,
  };
}

function readCache(path: string): SharedArrayBuffer | null {
  try {
    return share(readFileSync(path));
  } catch {
    return null;
  }
}

/** Without a place to write the next host just makes its own: no reason to complain. */
function writeCache(folder: string, path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, path);
    const caches = readdirSync(folder).filter((name) => name.startsWith("runtime-"));
    const byAge = caches
      .map((name) => join(folder, name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    for (const old of byAge.slice(KEPT_CACHES)) rmSync(old, { force: true });
  } catch {
    // Read-only or full disk, or another host was quicker.
  }
}

function share(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}
