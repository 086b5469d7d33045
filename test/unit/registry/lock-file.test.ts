import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock } from "../../../src/registry/lock-file.ts";

let root: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync("/tmp/dr-");
  file = path.join(root, "lock");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a lock names its process and leaves nothing behind", async () => {
  const lock = await acquireLock(file);
  expect(readFileSync(file, "utf8")).toBe(String(process.pid));
  expect(readdirSync(root)).toEqual(["lock"]);
  await lock.release();
  expect(readdirSync(root)).toEqual([]);
});

test("one at a time holds it", async () => {
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      const lock = await acquireLock(file);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      await lock.release();
    }),
  );
  expect(most).toBe(1);
  expect(readdirSync(root)).toEqual([]);
});

test("a dead process's lock is broken by exactly one", async () => {
  const dead = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(file, String(dead.pid));
  const order: string[] = [];
  await Promise.all(
    ["a", "b", "c"].map(async (name) => {
      const lock = await acquireLock(file);
      order.push(`${name} in`);
      await new Promise(setImmediate);
      order.push(`${name} out`);
      await lock.release();
    }),
  );
  for (let at = 0; at < order.length; at += 2) {
    expect(order[at + 1]).toBe(order[at]?.replace("in", "out"));
  }
  expect(readdirSync(root)).toEqual([]);
});
