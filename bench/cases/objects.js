import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileBaseline, measureOperations } from "../lib/operations.js";

export const title = "Durable Objects, called from a sibling";

/** Each runs `count` operations inside the caller; `perSecond`: shown as a rate. */
const OPERATIONS = [
  { what: "RPC call that reads memory, sequential", unit: "us", count: 2000, code: "one.read()" },
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
  { what: "lateness of an alarm, worst of 20", unit: "ms", whole: "lateness()" },
];

/** @param {string[]} command */
export async function run(command) {
  const medians = await measureOperations(command, createProject(), OPERATIONS);
  return OPERATIONS.map(({ what, unit }, index) => {
    const ms = medians[index];
    return { what, unit, value: unit === "/s" ? 1000 / ms : unit === "us" ? ms * 1000 : ms };
  });
}

/** A file like an object's. */
export async function baseline() {
  return fileBaseline(4);
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
    const index = Number(new URL(request.url).pathname.slice(1));
    const { run, isWhole } = OPERATIONS[index];
    const { count, width } = SIZES[index];
    const one = env.COUNTERS.getByName("one");
    const fresh = () => env.COUNTERS.getByName("fresh " + index + " " + ++last);
    const lateness = async () => {
      const time = Date.now() + 200;
      const late = await Promise.all(Array.from({ length: 20 }, () => fresh().wake(time)));
      return Math.max(...late);
    };
    if (isWhole) return new Response(String(await run(one, fresh, count, lateness)));
    for (let i = 0; i < count; i += width) {
      await Promise.all(Array.from({ length: width }, () => run(one, fresh)));
    }
    return new Response("done");
  },
};
`;
