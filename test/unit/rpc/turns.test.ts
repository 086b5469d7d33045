import { expect, test } from "vitest";
import { createHarness } from "./harness.ts";

type Echo = (value: number) => Promise<number>;

const entrypoints = () => ({
  default: class {
    echo(value: number) {
      return value;
    }
  },
});

/** Calls one after the other until a timer has fired. */
async function callUntilTimer(echo: Echo): Promise<void> {
  let isTime = false;
  setTimeout(() => {
    isTime = true;
  }, 1);
  while (!isTime) expect(await echo(1)).toBe(1);
}

test("calls within a thread leave timers their turn", async () => {
  await using h = await createHarness(entrypoints, { transport: "memory" });
  await h.run((service) => callUntilTimer((value) => service.echo(value)));
});

test("calls on local stubs leave timers their turn", async () => {
  await using h = await createHarness(entrypoints, { transport: "memory" });
  await h.run(async () => {
    const { RpcStub } = h.client.engine as unknown as { RpcStub: new (fn: Echo) => Echo };
    await callUntilTimer(new RpcStub(async (value) => value));
  });
});
