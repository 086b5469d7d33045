/** The fixtures, how each is started and what it answers. `seed` names the document it is from. */
export interface FixtureCase {
  readonly name: string;
  readonly seed: string;
  /** Below fixtures/<name>/; the first is the primary. */
  readonly configs: readonly string[];
  readonly requests: readonly {
    readonly path: string;
    readonly headers?: Record<string, string>;
    readonly status?: number;
    /** Exact body, or a pattern, or the JSON value. */
    readonly body?: string | RegExp;
    readonly json?: unknown;
  }[];
  /** Lines that the terminal must show. */
  readonly output?: readonly RegExp[];
}

export const fixtureCases: readonly FixtureCase[] = [
  {
    name: "react",
    seed: "issue 10: a React app with an API behind it",
    configs: ["wrangler.jsonc"],
    requests: [
      { path: "/", body: /<div id="root">/ },
      { path: "/deep/link", headers: { "sec-fetch-mode": "navigate" }, body: /<div id="root">/ },
      { path: "/icon.svg", body: /<svg/ },
      { path: "/api/notes", json: ["Buy milk"] },
      { path: "/api/other", status: 404, body: "No such API" },
    ],
  },
  {
    name: "queue-pipeline",
    seed: "issue 10: a queue pipeline of two Workers with a dead letter queue",
    configs: ["shop/wrangler.jsonc", "fulfilment/wrangler.jsonc"],
    requests: [
      { path: "/", status: 400, body: "Order with ?item=..." },
      { path: "/?item=book", json: { ordered: ["book"] } },
    ],
    output: [/env\.ORDERS \(orders\) +Queue +local \[connected\]/],
  },
  {
    name: "code-runner",
    seed: "issue 10: a Worker that runs code which it is given",
    configs: ["runner/wrangler.jsonc", "prices/wrangler.jsonc"],
    requests: [
      { path: "/", json: { result: 10 } },
      { path: "/", json: { result: 10 } },
    ],
    output: [/env\.LOADER +Worker Loader +local/],
  },
  {
    name: "counter",
    seed: "000: counter service and its client",
    configs: ["client/wrangler.toml", "service/wrangler.toml"],
    requests: [{ path: "/", body: "-2" }],
    output: [/env\.COUNTER_SERVICE \(counter-service\) +Worker +local \[connected\]/],
  },
  {
    name: "add",
    seed: "001: WorkerB.add and Worker A",
    configs: ["worker-a/wrangler.toml", "worker-b/wrangler.toml"],
    requests: [{ path: "/", body: "3" }],
    output: [/no default export/],
  },
  {
    name: "remote-objects",
    seed: "001: foo().bar()",
    configs: ["worker-a/wrangler.json", "worker-b/wrangler.jsonc"],
    requests: [{ path: "/", body: /^0(\.\d+)?(e-\d+)?$/ }],
  },
  {
    name: "greeting",
    seed: "002: this.env.GREETING",
    configs: ["client/wrangler.toml", "service/wrangler.toml"],
    requests: [{ path: "/?name=Ada", body: "HelloAda" }],
  },
  {
    name: "forward",
    seed: "003: fetch forwarding",
    configs: ["worker-a/wrangler.toml", "worker-b/wrangler.toml"],
    requests: [{ path: "/", body: "Hello World!" }],
  },
  {
    name: "entrypoints",
    seed: "004: PublicAPI and AdminAPI",
    configs: ["client/wrangler.jsonc", "api-service/wrangler.jsonc"],
    requests: [
      {
        path: "/",
        json: {
          public: ["data1", "data2"],
          admin: { requests: 1000, errors: 5, users: 1 },
          pages: ["Public API", "Admin API"],
          refused: 'The RPC receiver does not implement the method "getInternalMetrics".',
        },
      },
    ],
    output: [/env\.ADMIN_API \(api-service#AdminAPI\) +Worker +local \[connected\]/],
  },
  {
    name: "database",
    seed: "004: the database RpcTarget and promise pipelining",
    configs: ["client/wrangler.jsonc", "service/wrangler.jsonc"],
    requests: [
      { path: "/", json: { name: "Alice", size: 1 } },
      { path: "/pipelined", json: { result: "value" } },
    ],
  },
  {
    name: "auth-gateway",
    seed: "004: authentication service",
    configs: ["api-gateway/wrangler.jsonc", "auth-service/wrangler.jsonc"],
    requests: [
      { path: "/", status: 401, json: { error: "Unauthorized" } },
      {
        path: "/",
        headers: { authorization: "Bearer ada-token" },
        json: { user: "ada", roles: ["admin", "user"] },
      },
    ],
  },
  {
    name: "rate-limiter",
    seed: "004: rate limiting service",
    configs: ["api/wrangler.toml", "limiter/wrangler.toml"],
    requests: [
      { path: "/", json: { success: true } },
      { path: "/", json: { success: true } },
      { path: "/", json: { success: true } },
      { path: "/", status: 429, json: { error: "Rate limit exceeded" } },
    ],
  },
  {
    name: "stream",
    seed: "004: streaming with ReadableStream",
    configs: ["client/wrangler.json", "data-service/wrangler.json"],
    requests: [{ path: "/", body: Array.from({ length: 1000 }, (_, i) => `Line ${i}\n`).join("") }],
  },
  {
    name: "processor",
    seed: "004: forwarding RPC stubs",
    configs: [
      "introducer/wrangler.jsonc",
      "counter-service/wrangler.jsonc",
      "processor-service/wrangler.jsonc",
    ],
    requests: [{ path: "/", body: "OK 15" }],
  },
  {
    name: "orchestration",
    seed: "004: multi-service orchestration",
    configs: ["shop/wrangler.toml", "services/wrangler.toml"],
    requests: [{ path: "/", json: { user: "Ada", price: "12", recommendations: ["u1-likes-p1"] } }],
  },
  {
    name: "callback",
    seed: "001: functions as parameters",
    configs: ["client/wrangler.toml", "service/wrangler.toml"],
    requests: [{ path: "/", json: { results: [10, 20, 30], seen: 3 } }],
  },
];
