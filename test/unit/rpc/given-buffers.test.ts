import { expect, test } from "vitest";
import { giveAway } from "../../../src/protocol/moved-bytes.ts";
import { BinaryCopies } from "../../../src/rpc/codec/buffers.ts";

const copies = (movable: boolean, deep = false) => new BinaryCopies({ deep, movable });

test("what was given away is handed over as it is, everything else as a copy", () => {
  const cargo = copies(true);
  const given = giveAway(new Uint8Array(10_000).fill(7));
  expect(cargo.view(given, undefined)).toBe(given);
  // Another view of it goes along with the first.
  const part = given.subarray(10, 20);
  expect(cargo.view(part, given.buffer)).toBe(part);
  const own = new Uint8Array(10_000).fill(7);
  const copy = cargo.view(own, undefined);
  expect(copy).toEqual(own);
  expect(copy.buffer).not.toBe(own.buffer);
  expect(cargo.moves).toEqual([given.buffer, copy.buffer]);
});

test("where nothing is handed over, and for small data, it makes no difference", () => {
  const given = giveAway(new Uint8Array(10_000));
  expect(copies(false, true).view(given, undefined).buffer).not.toBe(given.buffer);
  const cargo = copies(true);
  cargo.view(giveAway(new Uint8Array(100)), undefined);
  expect(cargo.moves).toBeUndefined();
});
