import { expect, test } from "vitest";
import { Budgets } from "../../../src/rpc/budgets.ts";
import { RpcContext } from "../../../src/rpc/context.ts";
import type { Context } from "../../../src/rpc/contract.ts";

const contextOf = (requestId: string, kind: Context["kind"] = "request") =>
  new RpcContext({ trace: { requestId, depth: 1 }, kind });

test("sessions of one request share a counter until the last of them and its waitUntil work is over", () => {
  const budgets = new Budgets();
  const [first, second] = [contextOf("web-1-7 GET /"), contextOf("web-1-7 GET /")];
  const budget = budgets.of("web-1-7 GET /", 2);
  budget.hold();
  budget.invocations += 3;
  const same = budgets.of("web-1-7 GET /", 4);
  same.hold();
  expect(same).toBe(budget);
  expect(same.invocations).toBe(5);
  expect(budgets.of("web-1-8 GET /", 1)).not.toBe(budget);

  budget.release(first);
  first.end();
  expect(budgets.of("web-1-7 GET /", 9).invocations).toBe(9);
  // The session is over, its waitUntil work is not.
  same.release(second);
  expect(budgets.of("web-1-7 GET /", 1)).toBe(budget);
  second.end();
  expect(budgets.size).toBe(0);
  expect(budgets.of("web-1-7 GET /", 1).invocations).toBe(1);
});

test("the context of an object, which goes on, keeps no counter", () => {
  const budgets = new Budgets();
  const budget = budgets.of("web-1-7 GET /", 1);
  budget.hold();
  budget.release(contextOf("web-1-7 GET /", "durable-object"));
  expect(budgets.size).toBe(0);
});

test("calls without a request share nothing", () => {
  const budgets = new Budgets();
  const budget = budgets.of("", 1);
  budget.hold();
  expect(budgets.of("", 1)).not.toBe(budget);
  expect(budgets.size).toBe(0);
});
