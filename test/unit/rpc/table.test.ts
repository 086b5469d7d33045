import fc from "fast-check";
import { expect, test } from "vitest";
import { Table } from "../../../src/rpc/table.ts";

test("a table holds what a Map would, by id, however many entries come and go", () => {
  const step = fc.oneof(
    { weight: 30, arbitrary: fc.constant("set" as const) },
    { weight: 25, arbitrary: fc.nat({ max: 20 }) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  const steps = fc.array(step, { minLength: 20, maxLength: 150, size: "max" });
  let longest = 0;
  fc.assert(
    fc.property(steps, (all) => {
      const table = new Table<{ id: number }>();
      const model = new Map<number, { id: number }>();
      let lastId = 0;
      for (const action of all) {
        if (action === "set") {
          // The peer's numbers are negative in some tables.
          const id = ++lastId % 3 === 0 ? -lastId : lastId;
          table.set(id, { id });
          model.set(id, { id });
        } else if (action === "clear") {
          expect(table.clear()).toEqual(inOrder(model));
          model.clear();
        } else {
          const id = [...model.keys()][action] ?? 0;
          expect(table.take(id)).toEqual(model.get(id));
          model.delete(id);
          expect(table.get(id)).toBe(undefined);
        }
        longest = Math.max(longest, model.size);
        expect(table.size).toBe(model.size);
        expect(table.values()).toEqual(inOrder(model));
        for (const [id, value] of model) expect(table.get(id)).toEqual(value);
        expect(table.some(({ id }) => id === lastId)).toBe(model.has(lastId));
      }
    }),
  );
  expect(longest).toBeGreaterThan(8);
});

function inOrder(model: ReadonlyMap<number, { id: number }>): { id: number }[] {
  return [...model.values()].sort((a, b) => a.id - b.id);
}
