import { expect, test } from "vitest";
import { settled } from "../../../src/runtime/loader/settled.ts";

const late = () => new Error("unsettled");
const elsewhere = () => new Promise<void>((resolve) => setTimeout(resolve, 200));

test("top-level code is not given up on because its thread was stopped or busy", async () => {
  const evaluation = async (): Promise<string> => {
    await elsewhere();
    // A debugger, or a long computation.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    await elsewhere();
    return "done";
  };
  expect(await settled(evaluation(), late)).toBe("done");
});

test("top-level code that waits for what never comes fails", async () => {
  await expect(settled(new Promise(() => {}), late)).rejects.toThrow("unsettled");
});
