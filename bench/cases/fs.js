import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev } from "../lib/dev-server.js";
import { writeProject } from "../lib/project.js";
import { perRound } from "../lib/stats.js";

export const title = "node:fs, files of 1 KB";

const ROUNDS = 100_000;
const WHAT = "writeFileSync() and readFileSync()";

const rate = async (request) => 1000 / (await perRound(request, ROUNDS));

/** @param {string[]} command */
export async function run(command) {
  const project = writeProject(
    { name: "bench-fs", compatibility_date: "2026-08-22" },
    `import fs from "node:fs";
     const text = "x".repeat(1024);
     export default { fetch(request) {
       let n = Number(new URL(request.url).searchParams.get("n"));
       for (; n > 0; n -= 1) {
         fs.writeFileSync("/tmp/file", text);
         if (fs.readFileSync("/tmp/file", "utf8").length !== 1024) throw new Error("short");
       }
       return new Response("done");
     } };`,
  );
  const server = await startDev(command, project.configs);
  try {
    const value = await rate(async (n) => {
      const text = await (await fetch(`${server.url}/?n=${n}`)).text();
      if (text !== "done") throw new Error(text.slice(0, 500));
    });
    return [{ what: WHAT, unit: "pairs/s", value }];
  } finally {
    await server.stop();
    project.remove();
  }
}

/** Node's own, on the machine's temporary folder. */
export async function baseline() {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const file = join(root, "file");
  const text = "x".repeat(1024);
  const value = await rate(async (n) => {
    for (let left = n; left > 0; left -= 1) {
      writeFileSync(file, text);
      readFileSync(file, "utf8");
    }
  });
  rmSync(root, { recursive: true });
  return { what: "Node's own, on a disk", unit: "pairs/s", value, rows: { [WHAT]: value } };
}
