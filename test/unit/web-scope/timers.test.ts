import { describe, expect, test } from "vitest";
import { currentInvocation, Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import { AbortController } from "../../../src/web/events/abort-signal.ts";
import { createTimers, Scheduler } from "../../../src/web/scope/timers.ts";

const open = (): Invocation => new Invocation({ requestId: "1", depth: 0 });

describe("timers and their invocation", () => {
  test("a pending timer holds it; firing, clearing and ending release it", async () => {
    const timers = createTimers({ objects: false });
    const invocation = open();
    await runInvocation(invocation, async () => {
      const cleared = timers.setTimeout(() => {}, 60_000);
      const fired = new Promise<unknown>((resolve) => {
        timers.setTimeout(() => resolve(currentInvocation()), 1);
      });
      timers.setInterval(() => {}, 60_000);
      expect(invocation.pending).toBe(3);
      timers.clearTimeout(cleared);
      expect(invocation.pending).toBe(2);
      expect(await fired).toBe(invocation);
      expect(invocation.pending).toBe(1);
      invocation.end();
      expect(invocation.pending).toBe(0);
    });
  });

  test("nothing fires after the end, whether set before or after it", async () => {
    const timers = createTimers({ objects: true });
    const invocation = open();
    let fired = 0;
    runInvocation(invocation, () => {
      timers.setTimeout(() => fired++, 0);
      timers.setImmediate(() => fired++);
      invocation.end();
      timers.setTimeout(() => fired++, 0);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([fired, invocation.pending]).toEqual([0, 0]);
  });

  test("Node-style timers can be refreshed, closed and used as numbers", async () => {
    const timers = createTimers({ objects: true });
    const invocation = open();
    await runInvocation(invocation, async () => {
      const timer = timers.setTimeout(() => {}, 60_000) as Timer;
      expect(timer.unref().hasRef()).toBe(false);
      expect(timer.ref().refresh().hasRef()).toBe(true);
      timers.clearTimeout(Number(timer));
      expect(invocation.pending).toBe(0);
      (timers.setInterval(() => {}, 60_000) as Timer).close();
      expect(invocation.pending).toBe(0);
    });
  });

  test("scheduler.wait is aborted by its signal, and holds the invocation meanwhile", async () => {
    const invocation = open();
    await runInvocation(invocation, async () => {
      const controller = new AbortController();
      const wait = new Scheduler().wait(60_000, { signal: controller.signal });
      expect(invocation.pending).toBe(1);
      controller.abort(new Error("stop"));
      await expect(wait).rejects.toThrow("stop");
      expect(invocation.pending).toBe(0);
    });
  });
});

interface Timer {
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
  refresh(): Timer;
  close(): Timer;
}
