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
