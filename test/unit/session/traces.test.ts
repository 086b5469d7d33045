import { MessageChannel } from "node:worker_threads";
import { expect, test } from "vitest";
import type { SpanRecord } from "../../../src/protocol/spans.ts";
import { Traces, type TraceTree } from "../../../src/session/traces.ts";

const span = (id: string, parent: string): SpanRecord => ({
  traceId: "t",
  id,
  parent,
  kind: parent === "" ? "request" : "rpc",
  worker: "a",
  service: "b",
  name: id,
  startedAt: 0,
  durationMs: 1,
  outcome: "ok",
});

test("what arrived while the session got no processor is in the tree", async () => {
  const { port1, port2 } = new MessageChannel();
  const tree = await new Promise<TraceTree>((tell) => {
    const traces = new Traces({ peerUrl: () => undefined, tell });
    port1.on("message", (spans: readonly SpanRecord[]) => traces.onSpans(spans));
    traces.onSpans([span("root", "")]);
    port2.postMessage([span("call", "root")]);
    // Stands still for longer than a tree waits.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  });
  port1.close();
  expect(tree.calls.map((call) => call.span.id)).toEqual(["call"]);
});
