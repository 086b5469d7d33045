/*
 * npm run bench [-- case ...] [--peer "npx wrangler"] [--json]
 *
 * Runs each case against drover, a baseline without any tool, and, if given, a peer command that
 * takes `dev -c a -c b --port 0`. Prints medians and the ratio drover/peer; asserts nothing.
 * Results are also written to bench/results/<time>.json.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { DROVER } from "./lib/dev-server.js";

const CASES = [
  "start",
  "boot",
  "node-boot",
  "many",
  "http",
  "logs",
  "node-http",
  "assets",
  "state",
  "cache",
  "objects",
  "queue",
  "bodies",
  "rpc",
  "call",
  "daily",
  "rebuild",
  "streams",
  "rewriter",
  "platform",
  "fs",
  "cold",
  "registry",
  "memory",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peer: { type: "string" }, json: { type: "boolean" } },
});
const wanted = positionals.length > 0 ? positionals : CASES;
const unknown = wanted.filter((name) => !CASES.includes(name));
if (unknown.length > 0) {
  console.error(`unknown case ${unknown.join(", ")}; there are ${CASES.join(", ")}`);
  process.exit(2);
}
const peer = values.peer?.split(/\s+/);

const number = (value) => (value === undefined ? "" : value.toPrecision(value < 1000 ? 3 : 5));
const results = [];
console.log(
  `node ${process.version}, ${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(2)}\n`,
);
for (const name of wanted) {
  const bench = await import(`./cases/${name}.js`);
  const baseline = await bench.baseline();
  const ours = await bench.run(DROVER);
  const theirs = peer ? await bench.run(peer) : [];
  console.log(
    `${bench.title}; baseline ${baseline.what}: ${number(baseline.value)} ${baseline.unit}`,
  );
  const columns = [
    "",
    "drover",
    "baseline",
    "to baseline",
    ...(peer ? [values.peer, "drover/peer"] : []),
  ];
  const rows = ours.map((row) => {
    const other = theirs.find((candidate) => candidate.what === row.what);
    const bare = baseline.rows?.[row.what] ?? (baseline.unit === row.unit && baseline.value);
    return [
      row.what,
      `${number(row.value)} ${row.unit}`,
      bare ? `${number(bare)} ${row.unit}` : "",
      bare ? `${(row.value / bare).toFixed(2)}x` : "",
      ...(peer ? [other ? `${number(other.value)} ${other.unit}` : "-"] : []),
      ...(peer ? [other ? (row.value / other.value).toFixed(3) : "-"] : []),
    ];
  });
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i].length)),
  );
  for (const row of [columns, ...rows]) {
    console.log(
      `  ${row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join("  ")}`,
    );
  }
  console.log("");
  results.push({ name, baseline, drover: ours, peer: theirs });
}
const folder = new URL("./results/", import.meta.url);
mkdirSync(folder, { recursive: true });
const report = {
  time: new Date().toISOString(),
  node: process.version,
  peer: values.peer,
  results,
};
writeFileSync(
  new URL(`${report.time.replaceAll(":", "-")}.json`, folder),
  JSON.stringify(report, null, 2),
);
if (values.json) console.log(JSON.stringify(report));
