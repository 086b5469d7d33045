/** Runs Worker code in a child process with a real Workers global scope; see harness.ts. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);

/** Names that the runtime may use and that the scrub removes (scripts/build-runtime.js). */
const CAPTURED =
  `AbortController AbortSignal Buffer CryptoKey CustomEvent DOMException Event EventTarget FinalizationRegistry MessageChannel
  MessageEvent MessagePort Promise ReadableStream ReadableStreamBYOBReader TextDecoder TextEncoder TransformStream URL
  URLSearchParams WeakRef WebAssembly WritableStream atob btoa clearImmediate clearInterval clearTimeout console crypto performance
  process queueMicrotask setImmediate setInterval setTimeout structuredClone`.split(/\s+/);

export interface Scope extends AsyncDisposable {
  /** The JSON that `body`, the body of an async function (request, env), returns inside a handler. */
  evaluate(
    body: string,
    options?: { date?: string; flags?: string[]; top?: string; origin?: string },
  ): Promise<unknown>;
}

/** Builds the harness once; `evaluate` starts a process for each call. */
export async function openScope(): Promise<Scope> {
  const dir = await mkdtemp(join(tmpdir(), "drover-scope-"));
  const outfile = join(dir, "harness.mjs");
  const shim = CAPTURED.map((name) => `export const ${name} = globalThis.${name};`).join("\n");
  await build({
    entryPoints: [join(import.meta.dirname, "harness.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "error",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    inject: ["drover:captured"],
    plugins: [
      {
        name: "captured",
        setup(api) {
          api.onResolve({ filter: /^drover:captured$/ }, ({ path }) => ({
            path,
            namespace: "shim",
          }));
          api.onLoad({ filter: /.*/, namespace: "shim" }, () => ({ contents: shim }));
        },
      },
    ],
    absWorkingDir: root,
  });
  return {
    async evaluate(body, { date = "2026-01-01", flags = [], top = "", origin = "" } = {}) {
      const source = `${top}
        export default { async fetch(request, env) {
          const result = await (async () => { ${body} })();
          return new Response(JSON.stringify(result) ?? "null");
        } };`;
      const { stdout } = await run(
        process.execPath,
        ["--experimental-vm-modules", "--no-warnings", outfile],
        {
          env: {
            ...process.env,
            SCOPE_JOB: JSON.stringify({ source, date, flags }),
            SCOPE_ORIGIN: origin,
          },
          maxBuffer: 16 * 1024 * 1024,
        },
      );
      return JSON.parse(stdout) as unknown;
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
