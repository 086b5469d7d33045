import { expect, test } from "vitest";
import { TraceTexts } from "../../../src/rpc/trace-text.ts";

/* How a request is named in the frame that opens a session (docs/protocol.md). */
const requestId = "web-1-17 GET /a-b";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const span = { traceId, spanId };

test.each([
  ["no trace", { requestId }, undefined, requestId],
  ["a trace", { requestId, traceId }, undefined, `${requestId}\n${traceId}`],
  ["a span of streaming tails", { requestId }, span, `${requestId}\n${traceId}-${spanId}`],
  [
    "a recorded call",
    { requestId, traceId, spanId: "another", sampled: true },
    span,
    `${requestId}\n${traceId}-${spanId}-01`,
  ],
  [
    "a request that was passed over",
    { requestId, traceId, sampled: false },
    undefined,
    `${requestId}\n${traceId}--00`,
  ],
  [
    "one that was passed over, with a span of streaming tails",
    { requestId, traceId, sampled: false },
    span,
    `${requestId}\n${traceId}-${spanId}-00`,
  ],
  ["no request", { requestId: "" }, undefined, ""],
])("%s", (_what, names, asked, text) => {
  const [writer, reader] = [new TraceTexts(), new TraceTexts()];
  // The second time from what is kept.
  for (let i = 0; i < 2; i += 1) {
    expect(writer.write(names, asked)).toBe(text);
    expect(reader.read(text)).toEqual({
      requestId: names.requestId,
      traceId: asked?.traceId ?? ("traceId" in names ? names.traceId : undefined),
      spanId: asked?.spanId,
      sampled: "sampled" in names ? names.sampled : undefined,
    });
  }
});

test("the id of the trace is the span's own, where that is another one", () => {
  const own = { traceId: "a".repeat(32), spanId };
  expect(new TraceTexts().write({ requestId, traceId }, own)).toBe(
    `${requestId}\n${own.traceId}-${spanId}`,
  );
});
