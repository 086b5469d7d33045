import { describe, expect, test, vi } from "vitest";
import { createHarness } from "./harness.ts";

// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
type Any = any;

describe("Durable Object seams", () => {
  const object = (calls: unknown[]) => () => ({
    default: class {
      log(value: unknown) {
        calls.push(value);
        return value;
      }
    },
  });

  test("replies wait for the output gate, and a broken gate replaces them", async () => {
    let open!: () => void;
    let fail!: (error: unknown) => void;
    let gate: Promise<void> | undefined = new Promise((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    const calls: unknown[] = [];
    await using h = await createHarness(object(calls), {
      server: { kind: "durable-object", gates: { output: () => gate } },
    });
    await h.run(async (s) => {
      const done = vi.fn();
      const first = s.log(1).then(done);
      await h.settle();
      expect([calls, done.mock.calls.length]).toEqual([[1], 0]);
      open();
      await first;
      gate = new Promise((_resolve, reject) => {
        fail = reject;
      });
      const second = s.log(2);
      await h.settle();
      fail(new Error("storage failed"));
      await expect(second).rejects.toThrow("storage failed");
      gate = undefined;
    });
  });

  test("a reply that the output gate does not hold is the end of its call, a held one is not", async () => {
    let gate: Promise<void> | undefined;
    await using h = await createHarness(object([]), {
      server: { kind: "durable-object", gates: { output: () => gate } },
    });
    const sent = vi.spyOn(h.transports[0], "send");
    const frames = () => sent.mock.calls.flatMap(([batch]) => batch);
    await h.run(async (s) => {
      expect(await s.log(1)).toBe(1);
      await h.settle();
      expect(frames()).toHaveLength(1);
      gate = Promise.resolve();
      expect(await s.log(2)).toBe(2);
      await h.settle();
      expect(frames()).toHaveLength(3);
    });
  });

  test("calls wait for the input gate, in order, except from inside the critical section", async () => {
    const calls: unknown[] = [];
    let open!: () => void;
    let gate: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve;
    });
    const section = Symbol("section");
    let inSection = true;
    const gates = {
      input: (from: unknown) => (from === section ? undefined : gate),
      section: () => (inSection ? section : undefined),
    };
    await using h = await createHarness(
      () => ({
        default: class {
          async callBack(fn: Any) {
            return await fn();
          }
          async use(fn: Any) {
            return (await fn()) + 1;
          }
        },
      }),
      { client: { kind: "durable-object", gates } },
    );
    await h.run(async (s) => {
      const inside = s.use(() => {
        calls.push("inside");
        return 1;
      });
      expect(await inside).toBe(2);
      inSection = false;
      const outside = s.use(() => {
        calls.push("outside");
        return 2;
      });
      await h.settle();
      expect(calls).toEqual(["inside"]);
      gate = undefined;
      open();
      expect(await outside).toBe(3);
      expect(calls).toEqual(["inside", "outside"]);
    });
  });

  test("the cross-context error names Durable Objects", async () => {
    await using h = await createHarness(
      () => ({
        default: class {
          fn() {
            return () => 1;
          }
        },
      }),
      { client: { kind: "durable-object" } },
    );
    let stub: Any;
    const context = h.client.newContext();
    await h.client.als.run(context, async () => {
      stub = await (h.client.env.SERVER as Any).fn();
    });
    await h.run(async () => {
      await expect(stub()).rejects.toThrow(
        "Cannot perform I/O on behalf of a different Durable Object.",
      );
    });
    context.end();
  });
});
