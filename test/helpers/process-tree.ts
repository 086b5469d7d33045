import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { RunningDev } from "./run-dev.ts";

/** Looks at /proc: which processes a session has, and whether they are gone (Linux). */

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") continue;
      found.push({
        pid: Number(name),
        parent: Number(parent),
        command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      });
    } catch {
      // Ended while we looked.
    }
  }
  return found;
}

/** All descendants of a process, the process itself not included. */
export function descendants(root: number): ProcessInfo[] {
  const all = processes();
  const below: ProcessInfo[] = [];
  const queue = [root];
  while (queue.length > 0) {
    const parent = queue.pop();
    for (const info of all) {
      if (info.parent !== parent) continue;
      below.push(info);
      queue.push(info.pid);
    }
  }
  return below;
}

/** The host process of a session as it is now: after a kill another one is there in a moment. */
export async function hostOf(dev: RunningDev): Promise<number> {
  const find = () =>
    descendants(dev.child.pid as number).find(({ command }) =>
      command.includes("programs/host.cjs"),
    );
  await expect.poll(find).toBeDefined();
  return find()?.pid as number;
}

/** Those of `pids` that still run. */
export function alive(pids: readonly number[]): number[] {
  const running = new Set(processes().map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}

/** Resolves as soon as none of `pids` runs; the test's own time limit is the limit. */
export async function allGone(pids: readonly number[]): Promise<void> {
  while (alive(pids).length > 0) await new Promise((resolve) => setImmediate(resolve));
}
