import { expect, test } from "vitest";
import { NameTable } from "../../../src/registry/name-table.ts";

test("the first has the name, the others wait in order", () => {
  const names = new NameTable<string>();
  expect(names.claim("/w", "api", "a", false)).toEqual({ type: "held" });
  expect(names.claim("/w", "api", "b", false)).toEqual({ type: "queued", holder: "a" });
  expect(names.claim("/w", "api", "c", false)).toEqual({ type: "queued", holder: "a" });
  expect(names.claim("/w", "api", "b", false)).toEqual({ type: "queued", holder: "a" });
  expect(names.release("/w", "api", "a")).toBe("b");
  expect(names.release("/w", "api", "b")).toBe("c");
  expect(names.release("/w", "api", "c")).toBeUndefined();
  expect(names.holder("/w", "api")).toBeUndefined();
});

test("claiming again changes nothing", () => {
  const names = new NameTable<string>();
  names.claim("/w", "api", "a", false);
  expect(names.claim("/w", "api", "a", false)).toEqual({ type: "held" });
  expect(names.claim("/w", "api", "a", true)).toEqual({ type: "held" });
  expect(names.release("/w", "api", "a")).toBeUndefined();
  expect(names.holder("/w", "api")).toBeUndefined();
});

test("whoever is taken over is next in line", () => {
  const names = new NameTable<string>();
  for (const owner of ["a", "b", "c"]) names.claim("/w", "api", owner, false);
  expect(names.claim("/w", "api", "c", true)).toEqual({ type: "taken", from: "a" });
  expect(names.release("/w", "api", "c")).toBe("a");
  expect(names.release("/w", "api", "a")).toBe("b");
});

test("leaving the queue moves nobody up", () => {
  const names = new NameTable<string>();
  for (const owner of ["a", "b"]) names.claim("/w", "api", owner, false);
  expect(names.release("/w", "api", "b")).toBeUndefined();
  expect(names.holder("/w", "api")).toBe("a");
  expect(names.release("/w", "api", "stranger")).toBeUndefined();
});

test("workspaces and names do not mix", () => {
  const names = new NameTable<string>();
  expect(names.claim("/w", "api", "a", false)).toEqual({ type: "held" });
  expect(names.claim("/x", "api", "b", false)).toEqual({ type: "held" });
  expect(names.claim("/w", "web", "c", false)).toEqual({ type: "held" });
});
