import { expect, test } from "vitest";
import { Slots } from "../../../src/rpc/slots.ts";

test("an entry that lasts keeps its value while thousands come and go in its slot", () => {
  const slots = new Slots<{ id: number }>();
  const lasting = [1, 2, -3];
  for (const id of lasting) slots.set(id, { id });
  for (let id = 4; id < 20_000; id++) {
    slots.set(id, { id });
    if (id > 1000) expect(slots.take(id - 900)).toEqual({ id: id - 900 });
    expect(slots.get(id)).toEqual({ id });
  }
  for (const id of lasting) {
    expect(slots.get(id)).toEqual({ id });
    expect(slots.take(id)).toEqual({ id });
    expect(slots.take(id)).toBe(undefined);
  }
  expect(slots.entries().length).toBe(slots.size);
});

test("a number that is not there takes nothing away", () => {
  const slots = new Slots<object>();
  slots.set(1, {});
  for (const id of [0, 2, -1, 33, Number.NaN]) expect(slots.take(id)).toBe(undefined);
  expect(slots.size).toBe(1);
});

test("entries of numbers that no slot can have are kept beside the slots", () => {
  const slots = new Slots<object>();
  const entries = [0, Number.NaN, 1.5, 2 ** 40, 1, 32].map((id) => ({ id }));
  for (const entry of entries) slots.set(entry.id, entry);
  expect(slots.size).toBe(entries.length);
  for (const entry of entries) {
    expect(slots.get(entry.id)).toBe(entry);
    expect(slots.take(entry.id)).toBe(entry);
    expect(slots.get(entry.id)).toBe(undefined);
  }
  expect(slots.size).toBe(0);
});
