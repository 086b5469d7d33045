import { expect, test } from "vitest";
import type { EngineToken } from "../../../src/web/html-rewriter/native-tokens.ts";
import { TokenState } from "../../../src/web/html-rewriter/token-state.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";

test("what waits for a stream leaves a token alone that was freed meanwhile", async () => {
  const calls: string[] = [];
  const native = { free: () => calls.push("free") } as unknown as EngineToken;
  const state = new TokenState(native);
  let end = (): void => {};
  const stream = new ReadableStream({
    start(controller) {
      end = () => controller.close();
    },
  });
  state.insert({ className: "Element", method: "append", args: [stream] }, () => {
    calls.push("append");
  });
  state.change(() => calls.push("change"));
  const queue = state.close();
  // The invocation of its document is over.
  state.free();
  end();
  await queue;
  expect(calls).toEqual(["free"]);
});
