/**
 * `node:test`: production has `mock` and its two classes, without timers and modules (spec/node.md 9).
 * A tracker of Node's own, which holds nothing of its test runner.
 */
import { hostModule } from "../isolate/own-world.ts";

type Members = Record<string, unknown>;

export function testModule(): Members {
  const native = hostModule("node:test") as unknown as { readonly mock: object };
  const MockTracker = native.mock.constructor as new () => object;
  for (const name of ["timers", "module"]) Reflect.deleteProperty(MockTracker.prototype, name);
  const mock = new MockTracker();
  const sample = Reflect.get(mock, "fn") as () => { readonly mock: object };
  const MockFunctionContext = Reflect.apply(sample, mock, []).mock.constructor;
  return { MockFunctionContext, MockTracker, mock };
}
