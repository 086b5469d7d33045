import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
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

test("nor because the runtime computes for it on other threads", async () => {
  const derive = promisify(pbkdf2);
  const evaluation = async (): Promise<string> => {
    const startedAt = performance.now();
    while (performance.now() - startedAt < 2_500)
      await derive("secret", "salt", 300_000, 64, "sha512");
    return "done";
  };
  expect(await settled(evaluation(), late)).toBe("done");
});

test("top-level code that waits for what never comes fails", async () => {
  await expect(settled(new Promise(() => {}), late)).rejects.toThrow("unsettled");
});
