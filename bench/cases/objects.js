import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev, treePss } from "../lib/dev-server.js";
import { fileBaseline, measureOperations } from "../lib/operations.js";
import { socketLoad } from "../lib/socket-load.js";
import { baseline as echoBaseline } from "./rpc.js";

export const title = "Durable Objects, called from a sibling";

const SEQUENTIAL = "RPC call that reads memory, sequential";

/** Each runs `count` operations inside the caller; `perSecond`: shown as a rate. */
const OPERATIONS = [
  { what: SEQUENTIAL, unit: "us", count: 2000, code: "one.read()" },
  { what: "get + put, committed, sequential", unit: "/s", count: 500, code: "one.increment()" },
  {
    what: "get + put, committed, 100 in flight",
    unit: "/s",
    count: 3000,
    width: 100,
    code: "one.increment()",
  },
  {
    what: "SQL insert of a row, in one method",
    unit: "/s",
    count: 20_000,
    whole: "one.insert(count)",
  },
  {
    what: "SQL select by key, in one method",
    unit: "/s",
    count: 20_000,
    whole: "one.select(count)",
  },
  {
    what: "first call of a new object, with its file",
    unit: "ms",
    count: 20,
    code: "fresh().increment()",
  },
  {
    what: "first call of a new object, no storage",
    unit: "ms",
    count: 100,
    code: "fresh().read()",
  },
  { what: "lateness of an alarm, p95 of 40", unit: "ms", whole: "lateness()" },
];

/** Live at once. */
const OBJECTS = 10_000;
/** A request may not make many more calls in wrangler. */
const CALLS_OF_REQUEST = 500;
/** As many as may have their files open. */
const STORING = 150;

/** @param {string[]} command */
export async function run(command) {
  const medians = await measureOperations(command, createProject(), OPERATIONS);
  const operations = OPERATIONS.map(({ what, unit }, index) => {
    const ms = medians[index];
    return { what, unit, value: unit === "/s" ? 1000 / ms : unit === "us" ? ms * 1000 : ms };
  });
  return [...operations, ...(await measureSockets(command)), ...(await measureMemory(command))];
}

/** Echoes over hibernating sockets of one object. */
async function measureSockets(command) {
  const rows = [];
  for (const [sockets, inFlight] of [
    [1, 16],
    [100, 4],
  ]) {
    const project = createProject();
    const server = await startDev(command, project.configs);
    const what = `messages echoed, ${sockets} hibernating socket${sockets === 1 ? "" : "s"}`;
    const value = await socketLoad(`${server.url}/socket`, { sockets, inFlight });
    rows.push({ what, unit: "/s", value });
    await server.stop();
    project.remove();
  }
  return rows;
}

/** What the processes gain by objects that live at once (Linux only). */
async function measureMemory(command) {
  const project = createProject();
  const server = await startDev(command, project.configs);
  const touch = async (kind, from, count) => {
    for (let at = 0; at < count; at += CALLS_OF_REQUEST) {
      const part = Math.min(CALLS_OF_REQUEST, count - at);
      const query = `kind=${kind}&from=${from + at}&count=${part}`;
      const response = await fetch(`${server.url}/touch?${query}`);
      const text = await response.text();
      if (!response.ok) throw new Error(text);
    }
  };
  const kilobytes = async (kind, count) => {
    // Heaps grow to their working size first.
    await touch(kind, 0, count / 10);
    const before = treePss(server.pid);
    await touch(kind, count / 10, count);
    return (treePss(server.pid) - before) / count / 1024;
  };
  try {
    return [
      {
        what: "memory of an object, no storage",
        unit: "KB",
        value: await kilobytes("read", OBJECTS),
      },
      {
        what: "memory of an object, open storage",
        unit: "KB",
        value: await kilobytes("increment", STORING),
      },
    ];
  } finally {
    await server.stop();
    project.remove();
  }
}

/** A file like an object's; for calls a bare echo between two threads. */
export async function baseline() {
  const echo = await echoBaseline();
  return { ...fileBaseline(4), rows: { [SEQUENTIAL]: echo.value } };
}

function createProject() {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const write = (name, config, code) => {
    mkdirSync(join(root, name));
    const path = join(root, name, "wrangler.json");
    const base = { name, main: "index.js", compatibility_date: "2026-08-01" };
    writeFileSync(path, JSON.stringify({ ...base, ...config }));
    writeFileSync(join(root, name, "index.js"), code);
    return path;
  };
  const binding = { name: "COUNTERS", class_name: "Counter" };
  const caller = write(
    "caller",
    { durable_objects: { bindings: [{ ...binding, script_name: "counters" }] } },
    CALLER,
  );
  const counters = write(
    "counters",
    {
      durable_objects: { bindings: [binding] },
      migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
    },
    COUNTERS,
  );
  const remove = () => rmSync(root, { recursive: true, maxRetries: 5 });
  return { configs: [caller, counters], remove };
}

const COUNTERS = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  memory = 0;
  late = [];
  constructor(ctx, env) {
    super(ctx, env);
    this.storage = ctx.storage;
  }
  read() {
    return this.memory;
  }
  async increment() {
    const value = ((await this.storage.get("value")) ?? 0) + 1;
    await this.storage.put("value", value);
    return value;
  }
  insert(count) {
    const { sql } = this.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)");
    for (let i = 0; i < count; i++) sql.exec("INSERT INTO t (text) VALUES (?)", "row " + i);
  }
  select(count) {
    const { sql } = this.storage;
    for (let i = 0; i < count; i++) sql.exec("SELECT text FROM t WHERE id = ?", 1 + i).one();
  }
  async wake(time) {
    await this.storage.setAlarm(time);
    return new Promise((resolve) => {
      this.alarmed = () => resolve(Date.now() - time);
    });
  }
  alarm() {
    this.alarmed();
  }
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) {
    socket.send(message);
  }
}
export default { fetch: () => new Response("counters") };
`;

const CALLER = `
const OPERATIONS = [
${OPERATIONS.map(
  ({ code, whole }) =>
    `  { run: (one, fresh, count, lateness) => ${code ?? whole}, isWhole: ${code === undefined} },`,
).join("\n")}
];
const SIZES = ${JSON.stringify(OPERATIONS.map(({ count = 1, width = 1 }) => ({ count, width })))};
let last = 0;
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/socket") return env.COUNTERS.getByName("echo").fetch(request);
    if (url.pathname === "/touch") {
      const [from, count] = ["from", "count"].map((name) => Number(url.searchParams.get(name)));
      for (let at = from; at < from + count; at += 50) {
        const stubs = Array.from({ length: Math.min(50, from + count - at) }, (_, i) => env.COUNTERS.getByName("touched " + (at + i)));
        await Promise.all(stubs.map((stub) => stub[url.searchParams.get("kind")]()));
      }
      return new Response("done");
    }
    const index = Number(new URL(request.url).pathname.slice(1));
    const { run, isWhole } = OPERATIONS[index];
    const { count, width } = SIZES[index];
    const one = env.COUNTERS.getByName("one");
    const fresh = () => env.COUNTERS.getByName("fresh " + index + " " + ++last);
    const lateness = async () => {
      // Later than all 40 files take to be made.
      const time = Date.now() + 1_500;
      const late = await Promise.all(Array.from({ length: 40 }, () => fresh().wake(time)));
      return late.sort((a, b) => a - b)[37];
    };
    if (isWhole) return new Response(String(await run(one, fresh, count, lateness)));
    for (let i = 0; i < count; i += width) {
      await Promise.all(Array.from({ length: width }, () => run(one, fresh)));
    }
    return new Response("done");
  },
};
`;
