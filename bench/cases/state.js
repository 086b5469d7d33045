import { fileBaseline, measureOperations } from "../lib/operations.js";
import { writeProject } from "../lib/project.js";

export const title = "local state, one operation after the other, from inside a Worker";

/** Each is one operation; `count`: how many a sample has. */
const OPERATIONS = [
  { what: "KV put, 20 bytes", count: 200, code: "env.KV.put('key' + i, 'twenty bytes of text')" },
  { what: "KV get, 20 bytes", count: 500, code: "env.KV.get('key' + (i % 200))" },
  { what: "D1 insert", count: 200, code: "insert.bind(String(i)).run()" },
  { what: "D1 select by key", count: 500, code: "select.bind(1 + (i % 200)).first()" },
  { what: "R2 put, 1 KB", count: 200, code: "env.R2.put('key' + i, kilobyte)" },
  {
    what: "R2 get, 1 KB",
    count: 300,
    code: "env.R2.get('key' + (i % 200)).then((it) => it.arrayBuffer())",
  },
  { what: "R2 put, 10 MB", count: 5, megabytes: 10, code: "env.R2.put('big', large)" },
  {
    what: "R2 get, 10 MB",
    count: 5,
    megabytes: 10,
    code: "env.R2.get('big').then((it) => it.arrayBuffer())",
  },
];

/** @param {string[]} command */
export async function run(command) {
  const medians = await measureOperations(command, createProject(), OPERATIONS);
  return OPERATIONS.map(({ what, megabytes }, index) => {
    const ms = medians[index];
    return megabytes === undefined
      ? { what, unit: "ms", value: ms }
      : { what, unit: "MB/s", value: (megabytes * 1000) / ms };
  });
}

/** A file like a value's. */
export async function baseline() {
  return fileBaseline(1);
}

function createProject() {
  const operations = OPERATIONS.map(({ count, code }) => `[${count}, (i) => ${code}]`);
  return writeProject(
    {
      name: "state",
      compatibility_date: "2026-06-01",
      kv_namespaces: [{ binding: "KV", id: "bench" }],
      r2_buckets: [{ binding: "R2", bucket_name: "bench" }],
      d1_databases: [{ binding: "DB", database_name: "bench", database_id: "bench" }],
    },
    `const kilobyte = new Uint8Array(1024), large = new Uint8Array(10_000_000);
export default { async fetch(request, env) {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, a TEXT)");
  const insert = env.DB.prepare("INSERT INTO t (a) VALUES (?)");
  const select = env.DB.prepare("SELECT * FROM t WHERE id = ?");
  const operations = [${operations.join(", ")}];
  const [count, run] = operations[Number(new URL(request.url).pathname.slice(1))];
  for (let i = 0; i < count; i++) await run(i);
  return new Response("done");
} }`,
  );
}
