/** Small Workers that e2e tests write into their projects. */

export const config = (name: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    name,
    main: "src/index.ts",
    compatibility_date: "2026-01-20",
    ...more,
  });

/** One store of each kind. */
export const STORES = {
  kv_namespaces: [{ binding: "KV", id: "k" }],
  r2_buckets: [{ binding: "R2", bucket_name: "bucket" }],
  d1_databases: [{ binding: "DB", database_id: "d" }],
};

/** A Worker that sends to the queue `steps` and consumes it, whole batches at once. */
export const stepsQueue = (batchSize: number): Record<string, unknown> => ({
  queues: {
    producers: [{ binding: "Q", queue: "steps" }],
    consumers: [{ queue: "steps", max_batch_size: batchSize, max_batch_timeout: 0 }],
  },
});

/** Counts its calls in memory; the callee of most projects here. */
export const COUNTING_CALLEE: string = `
import { WorkerEntrypoint } from "cloudflare:workers";
let calls = 0;
export default class extends WorkerEntrypoint {
  fetch() { return new Response("callee v1"); }
  count() { calls += 1; return calls; }
}
export class Admin extends WorkerEntrypoint { ping() { return "pong"; } }
`;

/** Counts its requests in memory; /call goes through the binding; /stream stays open. */
export const COUNTING_CALLER: string = `
let requests = 0;
export default {
  async fetch(request: Request, env: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/call") return new Response("count " + await env.CALLEE.count());
    if (pathname === "/version") return env.CALLEE.fetch("http://callee/");
    if (pathname === "/stream") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      void writer.write(new TextEncoder().encode("open\\n"));
      streams.push(writer);
      return new Response(readable);
    }
    if (pathname === "/push") {
      for (const writer of streams) await writer.write(new TextEncoder().encode("pushed\\n"));
      return new Response("pushed to " + streams.length);
    }
    requests += 1;
    return new Response("request " + requests);
  },
};
const streams: WritableStreamDefaultWriter[] = [];
`;

/** A caller with a binding to a callee, in two folders. */
export function pair(more: { caller?: string; callee?: string } = {}): Record<string, string> {
  return {
    "caller/wrangler.json": config("caller", {
      services: [{ binding: "CALLEE", service: "callee" }],
    }),
    "caller/src/index.ts": more.caller ?? COUNTING_CALLER,
    "callee/wrangler.json": config("callee"),
    "callee/src/index.ts": more.callee ?? COUNTING_CALLEE,
  };
}

export const PAIR_CONFIGS: readonly string[] = ["caller/wrangler.json", "callee/wrangler.json"];
