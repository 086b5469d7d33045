import { describe, expect, test } from "vitest";
import { configErrorOf, places, resolveFiles } from "./helpers.ts";

/* Durable Object classes of a config, and what is wrong with them (spec/durable-objects.md 1). */

const HEAD = { name: "w", main: "src/index.ts", compatibility_date: "2026-01-01" };

/** Pretty-printed: each key has a line of its own. */
const text = (sections: object): string => JSON.stringify({ ...HEAD, ...sections }, null, 1);
const resolved = (sections: object) => resolveFiles({ "wrangler.json": text(sections) });
const failing = (sections: object) => configErrorOf(() => resolved(sections));
const bound = (...classes: readonly string[]) => ({
  durable_objects: {
    bindings: classes.map((name) => ({ name: name.toUpperCase(), class_name: name })),
  },
});
const exported = (entry: unknown) => ({ exports: { A: entry } });

/** Class -> kind. */
async function classes(sections: object): Promise<Record<string, string>> {
  const { durableObjects } = await resolved(sections);
  return Object.fromEntries(durableObjects.map(({ name, storage }) => [name, storage]));
}

describe("migrations", () => {
  test("are replayed in order: deleted, renamed, new", async () => {
    const migrations = [
      { tag: "1", new_classes: ["A", "B"], new_sqlite_classes: ["C"] },
      { tag: "2", deleted_classes: ["A"], new_sqlite_classes: ["A"] },
      {
        tag: "3",
        renamed_classes: [
          { from: "C", to: "D" },
          { from: "B", to: "C" },
        ],
      },
    ];
    expect(await classes({ migrations })).toEqual({ A: "sqlite", C: "legacy-kv", D: "sqlite" });
  });

  test.each([
    [{ deleted_classes: ["X"] }, "Cannot apply deleted_classes migration to non-existent class X"],
    [
      { renamed_classes: [{ from: "X", to: "Y" }] },
      "Cannot apply renamed_classes migration to non-existent class X",
    ],
    [{ new_classes: ["Old"] }, "Cannot apply new_classes migration to existing class Old"],
    [
      { new_sqlite_classes: ["Old"] },
      "Cannot apply new_sqlite_classes migration to existing class Old",
    ],
  ])("%j", async (fault, message) => {
    const migrations = [
      { tag: "1", new_sqlite_classes: ["Old"] },
      { tag: "2", ...fault },
    ];
    const error = await failing({ migrations });
    expect(error.message).toContain(message);
    const lines = text({ migrations }).split("\n");
    const key = Object.keys(fault)[0] as string;
    const line = lines.findLastIndex((each) => each.includes(`"${key}"`)) + 1;
    expect(error.message).toMatch(new RegExp(`wrangler\\.json:${line}:\\d+`));
  });
});

describe("the exports map", () => {
  test("live entries declare classes, tombstones and other types do not", async () => {
    const entry = { type: "durable-object" };
    const exports = {
      A: { ...entry, storage: "sqlite" },
      B: { ...entry, storage: "legacy-kv", state: "created" },
      C: { ...entry, storage: "sqlite", state: "expecting-transfer" },
      D: { ...entry, state: "deleted" },
      E: { ...entry, state: "renamed", renamed_to: "A" },
      F: { ...entry, state: "transferred", transferred_to: "other" },
      G: { type: "worker" },
    };
    expect(await classes({ exports })).toEqual({ A: "sqlite", B: "legacy-kv", C: "sqlite" });
  });

  const type = "durable-object";
  test.each<[unknown, string]>([
    [
      { type },
      '"exports.A.storage" is required for state "created" and must be one of sqlite and legacy-kv, but got undefined',
    ],
    [
      { type: "x" },
      '"exports.A.type" must be "durable-object", "worker", or "workflow", but got "x".',
    ],
    [
      { type, state: "renamed", renamed_to: "1" },
      '"exports.A.renamed_to" must be a valid JavaScript identifier (got "1").',
    ],
    [
      { type, state: "renamed" },
      '"exports.A.renamed_to" is required for state "renamed" and must be a non-empty string.',
    ],
    [
      { type, state: "renamed", renamed_to: "A" },
      '"exports.A.renamed_to" is required for state "renamed" and must be a non-empty string cannot equal the source class name "A".',
    ],
    [5, '"exports.A" should be an object but got 5.'],
    [
      { type, storage: "sqlite", state: "nope" },
      '"exports.A.state" must be one of "created", "deleted", "renamed", "transferred", or "expecting-transfer" but got "nope".',
    ],
    [{ type, storage: "sqlite", foo: 1 }, '"exports.A.foo" is forbidden on state "created".'],
    [
      { type, storage: "sqlite", foo: 1 },
      "Allowed properties are: type, state, storage, and container.",
    ],
  ])("%j", async (entry, message) => {
    const error = await failing(exported(entry));
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/wrangler\.json:\d+:\d+/);
  });

  test("excludes migrations", async () => {
    const error = await failing({
      ...exported({ type, storage: "sqlite" }),
      migrations: [{ tag: "1", new_sqlite_classes: ["B"] }],
    });
    expect(error.message).toContain(
      "`migrations` and `exports` are mutually exclusive. Choose one or the other to declare your Durable Object lifecycle, but not both.",
    );
  });
});

describe("bindings", () => {
  test.each<[object, string]>([
    [{ class_name: "A" }, 'binding should have a string "name" field.'],
    [{ name: "A" }, 'binding should have a string "class_name" field.'],
    [
      { name: "A", class_name: "A", script_name: 5 },
      'the field "script_name", when present, should be a string.',
    ],
    [
      { name: "A", class_name: "A", environment: "e" },
      'binding should have a "script_name" field if "environment" is present.',
    ],
  ])("%j", async (binding, message) => {
    const error = await failing({ durable_objects: { bindings: [binding] } });
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/wrangler\.json:\d+:\d+/);
  });

  test("a class that nothing declares has no SQL, and the config is said to lack it", async () => {
    const { durableObjects, warnings } = await resolved(bound("A"));
    expect(durableObjects).toEqual([{ name: "A", storage: "legacy-kv" }]);
    expect(warnings.map(({ message }) => message).join("\n")).toContain(
      "you have configured `durable_objects` exported by this Worker (A), but no live `exports` entry for them. This may not work as expected until you add a live `durable-object` entry to `exports` for each. Add the following configuration:",
    );
    expect(places(warnings)).not.toContain(undefined);
  });

  test("with the own name as script they are own; with another's they declare nothing", async () => {
    const binding = { name: "A", class_name: "A" };
    const of = (script: string) => ({
      durable_objects: { bindings: [{ ...binding, script_name: script }] },
    });
    expect(await classes(of("w"))).toEqual({ A: "legacy-kv" });
    expect(await classes(of("other"))).toEqual({});
  });
});
