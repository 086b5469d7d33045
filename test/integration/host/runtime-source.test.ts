import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openRuntime } from "../../../dist/host/runtime-source.js";

const folder = mkdtempSync(join(tmpdir(), "drover-cache-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("keeps a code cache for the next host and forgets those of old versions", () => {
  for (let age = 1; age <= 6; age++) {
    const old = join(folder, `runtime-old${age}.cache`);
    writeFileSync(old, "old");
    utimesSync(old, 1000 - age, 1000 - age);
  }
  const first = openRuntime(folder);
  expect(first.data().runtimeCodeCache).toBeNull();
  first.onCodeCache(new Uint8Array([1, 2, 3]));
  expect(first.data().runtimeCodeCache?.byteLength).toBe(3);
  const second = openRuntime(folder);
  expect([...new Uint8Array(second.data().runtimeCodeCache ?? new ArrayBuffer(0))]).toEqual([
    1, 2, 3,
  ]);
  expect(readdirSync(folder)).toHaveLength(4);
  expect(readdirSync(folder)).toContain("runtime-old1.cache");
});

test("does without a cache where nothing can be written", () => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "file");
  writeFileSync(file, "");
  const source = openRuntime(join(file, "below"));
  source.onCodeCache(new Uint8Array([1]));
  expect(source.data().runtimeCodeCache?.byteLength).toBe(1);
  expect(source.data().runtimeSource.byteLength).toBeGreaterThan(0);
});
