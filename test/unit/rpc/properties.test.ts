import fc from "fast-check";
import { expect, test } from "vitest";
import { createHarness, transportNames } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

const entrypoints = () => ({
  default: class {
    echo(value: unknown) {
      return value;
    }
    /** What the callee sees of a mix of stubs: who is who. */
    async inspect(value: Any[]) {
      const names = [];
      for (const item of value) names.push(typeof item === "function" ? await item() : item);
      return {
        names,
        same: value.map((item) => value.indexOf(item)),
      };
    }
  },
});

const value = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withBoxedValues: true,
  withNullPrototype: false,
  maxDepth: 4,
});

test.each(transportNames)("what survives structuredClone survives %s identically", async (name) => {
  await using h = await createHarness(entrypoints, { transport: name });
  await h.run(async (s) => {
    await fc.assert(
      fc.asyncProperty(value, async (input) => {
        expect(await s.echo(input)).toStrictEqual(structuredClone(input));
      }),
      { numRuns: 150 },
    );
  });
});

const container = fc.oneof(
  fc.constant(() => ({}) as object),
  fc.constant(() => [] as object),
  fc.constant(() => new Map() as object),
  fc.constant(() => new Set() as object),
);

/** Containers that hold each other in any way, cycles and shared references included. */
const graph = fc
  .record({
    makers: fc.array(container, { minLength: 1, maxLength: 6 }),
    links: fc.array(fc.tuple(fc.nat(), fc.nat(), value), { maxLength: 12 }),
  })
  .map(({ makers, links }) => {
    const nodes = makers.map((make) => make());
    for (const [from, to, leaf] of links) {
      const at = nodes[from % nodes.length] as object;
      const target = nodes[to % nodes.length];
      if (at instanceof Map) at.set(target, leaf);
      else if (at instanceof Set) at.add(target).add(leaf);
      else Object.assign(at, { [String(from % 7)]: target, [`k${to % 7}`]: leaf });
    }
    return nodes;
  });

test.each(transportNames)("any graph keeps its shape over %s", async (name) => {
  await using h = await createHarness(entrypoints, { transport: name });
  await h.run(async (s) => {
    await fc.assert(
      fc.asyncProperty(graph, async (nodes) => {
        expect(shapeOf(await s.echo(nodes))).toEqual(shapeOf(structuredClone(nodes)));
        using held = await s.echo([nodes, () => 1]);
        expect(shapeOf(held[0])).toEqual(shapeOf(structuredClone(nodes)));
      }),
      { numRuns: 100 },
    );
  });
});

/** Every object gets a number when it is met first: equal lists mean equal graphs. */
function shapeOf(root: unknown): unknown[] {
  const numbers = new Map<unknown, number>();
  const shape: unknown[] = [];
  const visit = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const known = numbers.get(item);
    if (known !== undefined) return `#${known}`;
    numbers.set(item, numbers.size);
    const entries =
      item instanceof Map || item instanceof Set
        ? [...item.entries()].flat()
        : Object.entries(item).flat();
    shape.push([Object.prototype.toString.call(item), ...entries.map(visit)]);
    return `#${numbers.get(item)}`;
  };
  visit(root);
  return shape;
}

test.each(transportNames)("any mix of stubs keeps identity over %s", async (name) => {
  await using h = await createHarness(entrypoints, { transport: name });
  const functions = ["a", "b", "c"].map((text) => () => text);
  await h.run(async (s) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(2), fc.constant("data")), { maxLength: 8 }),
        async (mix) => {
          const args = mix.map((item) => (typeof item === "number" ? functions[item] : item));
          const seen = await s.inspect(args);
          expect(seen.names).toEqual(
            mix.map((item) => (typeof item === "number" ? "abc"[item] : item)),
          );
          expect(seen.same).toEqual(args.map((item) => args.indexOf(item)));
          using back = await s.echo(args);
          expect((back as Any[]).map((item) => back.indexOf(item))).toEqual(seen.same);
        },
      ),
      { numRuns: 60 },
    );
  });
});
