/**
 * Where the built files of a Worker's thread are and how a thread is started from them. Used by the
 * host (starts threads) and by tests; the files are made by scripts/build-runtime.js. Valid from
 * dist/ only: `import.meta.url` of the compiled file is dist/protocol/runtime-files.js.
 *
 *   new Worker(THREAD_ENTRY, {
 *     execArgv: [...THREAD_EXEC_ARGV], env: {}, name,
 *     workerData: { runtimeSource, runtimeCodeCache } satisfies ThreadData,
 *   })
 *
 * `runtimeSource` holds the bytes of RUNTIME_SOURCE, read once and shared by all threads. The first
 * thread that got no (or a rejected) code cache posts "code-cache" soon after "booted"; a cache is
 * only good for the same source, Node version and V8 flags (`v8.cachedDataVersionTag()`).
 */

/** What `new Worker` is given: small, compiles the runtime from workerData. */
export const THREAD_ENTRY: URL = new URL("../thread-boot.cjs", import.meta.url);

/** The runtime in one ASCII file; its bytes go into `ThreadData.runtimeSource`. */
export const RUNTIME_SOURCE: URL = new URL("../runtime.cjs", import.meta.url);

/** Bundles are evaluated as vm.SourceTextModule, which Node only has behind a flag. */
export const THREAD_EXEC_ARGV: readonly string[] = ["--experimental-vm-modules", "--no-warnings"];

/** The HTTP client of Workers' outbound requests (undici) in one file, loaded with the first one. */
export const HTTP_CLIENT: URL = new URL("../http-client.cjs", import.meta.url);
/** What `new Worker` of a storage thread is given. */
export const STORAGE_ENTRY: URL = new URL("../storage-thread.js", import.meta.url);

/** Program of a process for SQL statements that may take long; storage threads start it. */
export const STATEMENT_PROCESS: URL = new URL("../statement-process.js", import.meta.url);
