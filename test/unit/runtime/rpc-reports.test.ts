import { expect, test } from "vitest";
import { reportText } from "../../../src/runtime/rpc/rpc-reports.ts";

class Service {
  verify(): void {}
  refresh(): void {}
}

test("an unknown method names the nearest one and all others", () => {
  const { text } = reportText({
    type: "unknown-method",
    method: "verfiy",
    target: new Service(),
    className: "Auth",
    isEntrypoint: true,
  });
  expect(text).toBe(
    'The entrypoint "Auth" has no method "verfiy". Did you mean "verify"? It has: verify, refresh.',
  );
});

test("an unknown method of a plain object lists its own functions", () => {
  const { text } = reportText({
    type: "unknown-method",
    method: "x",
    target: { greet: () => {} },
    className: "Object",
    isEntrypoint: true,
  });
  expect(text).toBe('The entrypoint has no method "x". It has: greet.');
});

test("what was reached from the entrypoint is not called one", () => {
  const missing = { type: "unknown-method", method: "x", isEntrypoint: false } as const;
  const text = (target: object, className: string) =>
    reportText({ ...missing, target, className }).text;
  expect(text(new Service(), "Service")).toMatch(/^The object "Service" has no method "x"\./);
  expect(text({}, "Object")).toBe('The object has no method "x". It has: no methods.');
  const fn = Object.assign(() => {}, { extra: 1 });
  expect(text(fn, "Function")).toBe('The function has no method "x". It has: extra.');
});

test("a leaked stub is reported with the line that created it and the fix", () => {
  const { text, level } = reportText({
    type: "leaked-stub",
    what: "getCounter()",
    binding: "COUNTER",
    createdAt: "Error\n    at fetch (/app/src/index.ts:3:9)\n    at other",
  });
  expect(level).toBe("warn");
  expect(text).toContain("getCounter() of env.COUNTER (created at fetch (/app/src/index.ts:3:9))");
  expect(text).toContain("using");
});
