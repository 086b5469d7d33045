import { expect, test } from "vitest";
import { createAsyncHooks } from "../../../src/node/async-hooks.ts";

interface Store {
  run<T>(store: unknown, fn: () => T): T;
  exit<T>(fn: () => T): T;
  getStore(): unknown;
}

const { AsyncLocalStorage } = createAsyncHooks({ boundToRequest: false }) as {
  AsyncLocalStorage: new (options?: { readonly defaultValue?: unknown }) => Store;
};

test("stores do not know of each other, and each sees its innermost run", async () => {
  const [one, other] = [new AsyncLocalStorage(), new AsyncLocalStorage({ defaultValue: "none" })];
  await one.run(1, async () => {
    expect([one.getStore(), other.getStore()]).toEqual([1, "none"]);
    await other.run(undefined, async () => {
      await Promise.resolve();
      expect([one.getStore(), other.getStore()]).toEqual([1, undefined]);
      one.run(2, () => expect([one.getStore(), other.getStore()]).toEqual([2, undefined]));
      one.exit(() => expect(one.getStore()).toBeUndefined());
      expect(one.getStore()).toBe(1);
    });
  });
  expect([one.getStore(), other.getStore()]).toEqual([undefined, "none"]);
});

test("a promise does not carry every store that ever ran", () => {
  const carried = (): number => Object.getOwnPropertySymbols(Promise.resolve()).length;
  const before = new AsyncLocalStorage().run(0, carried);
  for (let made = 0; made < 100; made += 1) {
    const store = new AsyncLocalStorage();
    expect(store.run(made, () => store.getStore())).toBe(made);
  }
  expect(new AsyncLocalStorage().run(0, carried)).toBe(before);
});
