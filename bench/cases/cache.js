import { fileBaseline, measureOperations } from "../lib/operations.js";
import { writeProject } from "../lib/project.js";

export const title = "the Cache API, one operation after the other, from inside a Worker";

/** Each is one operation; `count`: how many a sample has. */
const OPERATIONS = [
  { what: "put, 10 KB", count: 200, code: "cache.put(at(i % 200), answer())" },
  {
    what: "hit, 10 KB",
    count: 500,
    code: "cache.match(at(i % 200)).then((it) => it.arrayBuffer())",
  },
  { what: "hit, 304", count: 500, code: "cache.match(conditional(i % 200))" },
  { what: "miss", count: 500, code: "cache.match(at('none'))" },
];

/** @param {string[]} command */
export async function run(command) {
  const medians = await measureOperations(command, createProject(), OPERATIONS);
  return OPERATIONS.map(({ what }, index) => ({ what, unit: "ms", value: medians[index] }));
}

/** A file like a stored body's. */
export async function baseline() {
  return fileBaseline(10);
}

function createProject() {
  const operations = OPERATIONS.map(({ count, code }) => `[${count}, (i) => ${code}]`);
  return writeProject(
    { name: "cache", compatibility_date: "2026-06-01" },
    `const bytes = new Uint8Array(10_000), cache = caches.default;
const at = (key) => "https://bench.example/" + key;
const headers = { "cache-control": "max-age=3600", etag: '"tag"' };
const answer = () => new Response(bytes, { headers });
const conditional = (key) => new Request(at(key), { headers: { "if-none-match": '"tag"' } });
export default { async fetch(request) {
  const operations = [${operations.join(", ")}];
  const [count, run] = operations[Number(new URL(request.url).pathname.slice(1))];
  for (let i = 0; i < count; i++) await run(i);
  return new Response("done");
} }`,
  );
}
