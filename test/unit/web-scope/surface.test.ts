import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openScope, type Scope } from "./scope.ts";

type Descriptors = Record<string, string>;
interface Surface {
  readonly tag: string;
  readonly own: Descriptors;
  readonly prototypes: readonly (readonly [string, Descriptors])[];
}
interface Members {
  readonly proto: readonly string[];
  readonly statics: readonly string[];
}

const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, "expected/surface.json"), "utf8"),
) as { scopes: Record<string, Surface>; classes: Record<string, Members> };

const isNode20 = process.versions.node.startsWith("20.");

/** Globals that differ from production, each with its reason. */
const MISSING: Record<string, string> = isNode20
  ? { Float16Array: "V8 of Node 20 has no half floats; cannot be polyfilled as a typed array" }
  : {};
const EXTRA: Record<string, string> = {
  addEventListener: "Node's EventTarget refuses globalThis, so the scope has one of its own",
  removeEventListener: "as addEventListener",
  dispatchEvent: "as addEventListener",
};

/** Members of classes that Workers code can see missing, each with its reason. */
const MISSING_MEMBERS: Record<string, string> = {
  "Iterator.prototype.includes": "newer than the V8 of Node 24",
  "Iterator.prototype.join": "newer than the V8 of Node 24",
  "Iterator.concat": "newer than the V8 of Node 24",
  "Iterator.zip": "newer than the V8 of Node 24",
  "Iterator.zipKeyed": "newer than the V8 of Node 24",
  ...(isNode20
    ? {
        "DataView.prototype.getFloat16": "no half floats on Node 20",
        "DataView.prototype.setFloat16": "no half floats on Node 20",
        "PerformanceResourceTiming.prototype.responseStatus": "newer than Node 20",
        "DisposableStack.prototype.adopt": "on the polyfill's base class",
        "DisposableStack.prototype.defer": "on the polyfill's base class",
        "DisposableStack.prototype.disposed": "on the polyfill's base class",
        "AsyncDisposableStack.prototype.adopt": "on the polyfill's base class",
        "AsyncDisposableStack.prototype.defer": "on the polyfill's base class",
        "AsyncDisposableStack.prototype.disposed": "on the polyfill's base class",
        "SuppressedError.prototype.message": "inherited from Error in the polyfill",
      }
    : {}),
};

const DUMP = `
  const describe = (object) => Object.fromEntries(Object.getOwnPropertyNames(object)
    .filter((name) => name !== "constructor").sort().map((name) => {
      const { get, set, value, enumerable } = Object.getOwnPropertyDescriptor(object, name);
      const type = get || set ? "accessor" : typeof value + (typeof value === "function" ? "/" + value.length : "");
      return [name, type + (enumerable ? " e" : "")];
    }));
  const prototypes = [];
  for (let o = Object.getPrototypeOf(globalThis); o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    prototypes.push([o.constructor.name, describe(o)]);
  }
  return { tag: Object.prototype.toString.call(globalThis), own: describe(globalThis), prototypes };
`;

const MEMBERS = `
  const result = {};
  const names = new Set();
  for (let o = globalThis; o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    for (const name of Object.getOwnPropertyNames(o)) names.add(name);
  }
  for (const name of names) {
    const cls = globalThis[name];
    if (typeof cls !== "function") continue;
    result[name] = {
      proto: cls.prototype ? Object.getOwnPropertyNames(cls.prototype) : [],
      statics: Object.getOwnPropertyNames(cls),
    };
  }
  return result;
`;

let scope: Scope;
beforeAll(async () => {
  scope = await openScope();
}, 30_000);
afterAll(() => scope[Symbol.asyncDispose]());

/** Arity of Node's own classes is not production's 0; types and enumerability must be. */
const withoutArity = (descriptors: Descriptors, skip: Record<string, string>): Descriptors =>
  Object.fromEntries(
    Object.entries(descriptors)
      .filter(([name]) => !(name in skip))
      .map(([name, text]) => [name, text.replace(/\/\d+/, "")]),
  );

describe.each(Object.entries(expected.scopes))("the global scope of %s", (key, production) => {
  test("has production's globals, where production has them", async () => {
    const [date, mode] = key.split(" ") as [string, string];
    const flags = mode === "plain" ? [] : [mode];
    const actual = (await scope.evaluate(DUMP, { date, flags })) as Surface;
    expect(actual.tag).toBe(production.tag);
    expect(withoutArity(actual.own, {})).toEqual(withoutArity(production.own, MISSING));
    expect(actual.prototypes.map(([name]) => name)).toEqual(
      production.prototypes.map(([name]) => name),
    );
    const [first, second] = actual.prototypes;
    const [wantFirst, wantSecond] = production.prototypes;
    expect(withoutArity(first?.[1] ?? {}, EXTRA)).toEqual(withoutArity(wantFirst?.[1] ?? {}, {}));
    expect(withoutArity(second?.[1] ?? {}, {})).toEqual(withoutArity(wantSecond?.[1] ?? {}, {}));
  });
});

test("every class has production's members", async () => {
  const actual = (await scope.evaluate(MEMBERS, { date: "2026-11-17" })) as Record<string, Members>;
  const missing: string[] = [];
  for (const [name, { proto, statics }] of Object.entries(expected.classes)) {
    const cls = actual[name];
    if (cls === undefined) {
      if (!(name in MISSING)) missing.push(name);
      continue;
    }
    // Functions that are no classes: production shows a prototype for some of them.
    if (/^(set|clear)(Timeout|Interval)$/.test(name)) continue;
    for (const member of proto) {
      if (!cls.proto.includes(member)) missing.push(`${name}.prototype.${member}`);
    }
    for (const member of statics) {
      if (!cls.statics.includes(member)) missing.push(`${name}.${member}`);
    }
  }
  expect(missing.filter((name) => !(name in MISSING_MEMBERS))).toEqual([]);
});
