/**
 * Program of the child process in which a Workers global scope is really installed: bundled with
 * captured globals as the runtime is (scripts/build-runtime.js). Reads a job from the environment,
 * evaluates the Worker's source, calls its fetch handler and prints the response's text.
 */
import vm from "node:vm";
import { Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import { installGlobals } from "../../../src/runtime/globals/install.ts";
import { requestFromWire } from "../../../src/web/http/request.ts";
import { isResponse, responseToWire } from "../../../src/web/http/response.ts";
import { useRealNetwork } from "../../helpers/network.ts";

export interface ScopeJob {
  readonly source: string;
  readonly date: string;
  readonly flags: readonly string[];
}

interface WorkerModule {
  readonly default: { fetch(request: object, env: object, ctx: object): Promise<unknown> };
}

await useRealNetwork();

const job = JSON.parse(process.env.SCOPE_JOB ?? "") as ScopeJob;
const warnings: string[] = [];
const reported: string[] = [];
const Module = vm.SourceTextModule as unknown as new (
  source: string,
  options: object,
) => { link(linker: () => void): Promise<void>; evaluate(): Promise<void>; namespace: unknown };
const module = new Module(job.source, { identifier: "worker" });
await module.link(() => {
  throw new Error("no imports");
});
const globals = installGlobals({
  compatibilityDate: job.date,
  compatibilityFlags: job.flags,
  console: { log: () => {} },
  node: { Buffer, process: { platform: "linux" } },
  onReportError: (error) => reported.push(String(error)),
  // An empty cache.
  caches: {
    open:
      () =>
      <T>(method: string) =>
        Promise.resolve((method === "delete" ? false : null) as T),
    warn: (text) => warnings.push(text),
  },
});
process.on("unhandledRejection", (reason, promise) => {
  globals.dispatchRejection("unhandledrejection", promise, reason);
});
await module.evaluate();
globals.endStartup();

const invocation = new Invocation({ requestId: "1", depth: 0 });
const request = requestFromWire({
  method: "GET",
  url: "http://localhost/",
  headers: "Host\nlocalhost",
  body: null,
  cf: '{"colo":"XXX"}',
});
const env = { warnings, reported, origin: process.env.SCOPE_ORIGIN };
const worker = module.namespace as WorkerModule;
const response = await runInvocation(invocation, () => worker.default.fetch(request, env, {}));
if (!isResponse(response)) throw new Error("the Worker must answer with a Response");
const { body } = responseToWire(response);
process.stdout.write(`${body}`, () => process.exit(0));
