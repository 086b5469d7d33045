import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BlobFolder, createBlobId } from "../../../src/storage/blobs.ts";

let root: string;
let blobs: BlobFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drover-blobs-"));
  blobs = new BlobFolder(join(root, "not/yet/there"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("ids are 80 hex digits that end with the time", () => {
  const before = Date.now();
  const id = createBlobId();
  expect(id).toMatch(/^[0-9a-f]{80}$/);
  const time = Number.parseInt(id.slice(64), 16);
  expect(time >= before && time <= Date.now()).toBe(true);
  expect(createBlobId()).not.toBe(id);
});

test("a value written whole is read whole", async () => {
  const id = blobs.writeSync(Buffer.from("value"));
  expect(readdirSync(blobs.path)).toEqual([id]);
  expect(blobs.readSync(id, 100)).toEqual(new Uint8Array(Buffer.from("value")));
  blobs.remove(id);
  blobs.remove(id);
  expect(blobs.readSync(id, 4)).toBe("large");
  await blobs.settled();
  expect(blobs.readSync(id, 4)).toBeUndefined();
  expect(await blobs.open(id)).toBeUndefined();
});

test("a value written in pieces is read in pieces, even when it is removed meanwhile", async () => {
  const writer = await blobs.create();
  for (const piece of ["one ", "two ", "three"]) await writer.write(Buffer.from(piece));
  expect(writer.size).toBe(13);
  await writer.finish();
  const reader = await blobs.open(writer.id);
  blobs.remove(writer.id);
  await blobs.settled();
  expect(readdirSync(blobs.path)).toEqual([]);
  const text = async (position: number, length: number) =>
    Buffer.from((await reader?.read(position, length)) ?? []).toString();
  expect(reader?.size).toBe(13);
  expect([await text(4, 3), await text(8, 100), await text(13, 1)]).toEqual(["two", "three", ""]);
  await reader?.close();
});

test("a discarded value leaves nothing behind", async () => {
  const writer = await blobs.create();
  await writer.write(new Uint8Array(10));
  await writer.discard();
  expect(readdirSync(blobs.path)).toEqual([]);
});

test("empty and large values are removed too", async () => {
  const empty = blobs.writeSync(new Uint8Array(0));
  expect(blobs.readSync(empty, 4)).toEqual(new Uint8Array(0));
  const large = blobs.writeSync(new Uint8Array(2_000_000));
  expect(blobs.readSync(large, 1_999_999)).toBe("large");
  expect(blobs.readSync(large, 2_000_000)).toHaveLength(2_000_000);
  blobs.remove(empty);
  blobs.remove(large);
  await blobs.settled();
  expect(readdirSync(blobs.path)).toEqual([]);
});
