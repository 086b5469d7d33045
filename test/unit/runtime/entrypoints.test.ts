import { expect, test } from "vitest";
import { WorkerEntrypoint } from "../../../src/runtime/entrypoint-classes.ts";
import {
  describeEntrypoints,
  findEntrypoints,
  listEntrypoints,
} from "../../../src/runtime/entrypoints.ts";

class Base extends WorkerEntrypoint {
  shared(): void {}
}
class Api extends Base {
  own(): void {}
}
class App {
  fetch = (): void => {};
  route(): void {}
}

test("classes reach WorkerEntrypoint through any number of classes between", () => {
  expect(describeEntrypoints(findEntrypoints({ Api }))).toEqual([
    { name: "Api", kind: "class", methods: ["own", "shared"] },
  ]);
});

test("an instance with a fetch member is a handler object", () => {
  const [app] = describeEntrypoints(findEntrypoints({ default: new App() }));
  expect(app).toEqual({ name: "default", kind: "object", methods: ["fetch", "route"] });
});

test("data, functions and instances without handlers are no entrypoints", () => {
  const found = findEntrypoints({ list: [1], when: new Date(), fn: () => {} });
  expect([...found.keys()]).toEqual([]);
  expect(listEntrypoints(found)).toBe("nothing that can be called");
});
