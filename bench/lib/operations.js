/** Samples of operations that a Worker runs by their number: what `state` and `objects` share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDev } from "./dev-server.js";
import { median } from "./stats.js";

const SAMPLES = 5;

/**
 * Median of one operation of each kind, in ms: the Worker runs operation `i` `count` times for
 * `GET /<i>`, or answers with its own measure, in ms, where there is no count.
 * @param {string[]} command
 * @param {{ configs: string[], remove: () => void }} project removed at the end
 * @param {{ what: string, count?: number }[]} operations
 * @returns {Promise<number[]>}
 */
export async function measureOperations(command, project, operations) {
  try {
    const server = await startDev(command, project.configs);
    try {
      const medians = [];
      for (const [index, { what, count }] of operations.entries()) {
        const samples = [];
        // The first one opens files and compiles.
        for (let i = 0; i <= SAMPLES; i++) {
          const startedAt = performance.now();
          const response = await fetch(`${server.url}/${index}`);
          const text = await response.text();
          if (!response.ok) throw new Error(`${what}: ${text}`);
          const ms = count === undefined ? Number(text) : (performance.now() - startedAt) / count;
          if (i > 0) samples.push(ms);
        }
        medians.push(median(samples));
      }
      return medians;
    } finally {
      await server.stop();
    }
  } finally {
    project.remove();
  }
}

/**
 * What the disk does: a file written by nobody.
 * @param {number} kilobytes
 */
export function fileBaseline(kilobytes) {
  const folder = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const bytes = Buffer.alloc(kilobytes * 1024, "x");
  const startedAt = performance.now();
  for (let i = 0; i < 1000; i++) writeFileSync(join(folder, String(i)), bytes);
  const value = (performance.now() - startedAt) / 1000;
  rmSync(folder, { recursive: true });
  return { what: `writeFileSync of ${kilobytes} KB`, unit: "ms", value };
}
