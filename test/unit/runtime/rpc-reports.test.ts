import { expect, test } from "vitest";
import { reportText } from "../../../src/runtime/rpc-reports.ts";

class Service {
  verify(): void {}
  refresh(): void {}
}

test("an unknown method names the nearest one and all others", () => {
  const { text } = reportText({
    type: "unknown-method",
    method: "verfiy",
    target: new Service(),
    entrypoint: "Auth",
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
    entrypoint: "default",
  });
  expect(text).toBe('The entrypoint "default" has no method "x". It has: greet.');
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
