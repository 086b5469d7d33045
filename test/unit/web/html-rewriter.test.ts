import { expect, test } from "vitest";
import type { EngineToken } from "../../../src/web/html-rewriter/native-tokens.ts";
import { ParserStacks, stackFor } from "../../../src/web/html-rewriter/parser-stacks.ts";
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

test("a stack that was made for a long selector is used again", () => {
  let top = 1024 * 1024;
  let allocated = 0;
  const stacks = new ParserStacks({
    allocate: (length) => {
      allocated += 1;
      return allocated * 0x1000_0000 + (length % 7);
    },
    moveBy: (bytes) => {
      top += bytes;
      return top;
    },
  });
  const bytes = stackFor("a > ".repeat(5000));
  for (let i = 0; i < 3; i++) {
    stacks.aside(bytes, () => {});
    stacks.ensure(bytes);
  }
  // One that documents run on, and one beside it.
  expect(allocated).toBe(2);
});
