import { expect, test } from "vitest";
import type { FinishedRequest } from "../../../src/host/request-packer.ts";
import { SessionLink } from "../../../src/host/session-link.ts";
import type { HostToSession } from "../../../src/protocol/host.ts";
import type { SpanRecord } from "../../../src/protocol/spans.ts";
import { unpackRequests } from "../../../src/session/unpack-requests.ts";
import { eventually } from "../../helpers/eventually.ts";

/** An IPC channel whose writes complete when the test says so. */
function createIpc() {
  const sent: HostToSession[] = [];
  const done: (() => void)[] = [];
  return {
    sent,
    connected: true,
    complete: () => done.shift()?.(),
    send(message: unknown, _handle: undefined, _options: object, onDone: () => void) {
      sent.push(message as HostToSession);
      done.push(onDone);
      return true;
    },
  };
}

const log = (text: string): HostToSession => ({
  type: "log",
  worker: "a",
  entry: { kind: "console", level: "log", text, time: 0 },
});
const request = (path: string): FinishedRequest => ({
  worker: "a",
  method: "GET",
  path,
  status: 200,
  statusText: "OK",
  durationMs: 1,
  aborted: false,
  cut: false,
  note: undefined,
  idPrefix: undefined,
  number: 1,
  traceSeed: undefined,
  traceparent: "",
});
const span = (id: string): SpanRecord => ({
  traceId: "t",
  id,
  parent: "",
  kind: "rpc",
  worker: "a",
  service: "b",
  name: "call",
  startedAt: 0,
  durationMs: 1,
  outcome: "ok",
});
/** Texts of logs and, an array for each message, paths of requests. */
const said = (sent: readonly HostToSession[]) =>
  sent
    .flatMap((message) => (message.type === "batch" ? message.messages : []))
    .map((message) => {
      if (message.type === "requests") return unpackRequests(message).map(({ path }) => path);
      return message.type === "log" ? message.entry.text : message.type;
    });
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("sends what is queued in one turn as one batch", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queue(log("1"));
  link.queue(log("2"));
  expect(ipc.sent).toEqual([]);
  await turn();
  expect(ipc.sent).toEqual([{ type: "batch", messages: [log("1"), log("2")] }]);
});

test("collects while a batch is being written", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queue(log("1"));
  await turn();
  link.queue(log("2"));
  link.queue(log("3"));
  await turn();
  expect(ipc.sent).toHaveLength(1);
  ipc.complete();
  await eventually(() => expect(ipc.sent.length).toBe(2));
  expect(ipc.sent[1]).toEqual({ type: "batch", messages: [log("2"), log("3")] });
});

test("control messages leave at once, after what was queued before them", () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queue(log("1"));
  link.send({ type: "busy", workers: ["a"] });
  expect(ipc.sent).toEqual([
    { type: "batch", messages: [log("1")] },
    { type: "busy", workers: ["a"] },
  ]);
});

test("flush waits for the write, and for nothing when the session is gone", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queue(log("last"));
  const flushed = link.flush();
  ipc.complete();
  await flushed;
  expect(ipc.sent).toHaveLength(1);
  ipc.connected = false;
  await link.flush();
  link.send({ type: "booted" });
  expect(ipc.sent).toHaveLength(1);
});

test("requests that follow each other are one message, in their place among the others", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queueRequest(request("/1"));
  link.queueRequest(request("/2"));
  link.queue(log("3"));
  link.queueRequest(request("/4"));
  await turn();
  expect(said(ipc.sent)).toEqual([["/1", "/2"], "3", ["/4"]]);
});

test("spans of a batch are one message, for a session that traces, and part no requests", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  const add = (ids: readonly string[], passedOver = 0, traces = true): void =>
    link.addSpans("a", { type: "spans", spans: ids.map(span), passedOver }, { traces });
  link.queueRequest(request("/1"));
  add(["1", "2"]);
  link.queueRequest(request("/2"));
  add(["3"]);
  add([], 7);
  add(["4"]);
  add(["5"], 0, false);
  await turn();
  expect(said(ipc.sent)).toEqual([["/1", "/2"], "spans", "spans"]);
  const messages = ipc.sent.flatMap((message) =>
    message.type === "batch" ? message.messages : [],
  );
  expect(messages.filter(({ type }) => type === "spans")).toMatchObject([
    { worker: "a", spans: ["1", "2", "3"].map(span), passedOver: 0 },
    { worker: "a", spans: ["4"].map(span), passedOver: 7 },
  ]);
  // Another session's traces are kept for whoever asks.
  expect(link.spans.of("t").map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5"]);
  ipc.complete();
  add(["6"]);
  await eventually(() => expect(said(ipc.sent).slice(3)).toEqual(["spans"]));
});

test("a session that hangs loses the older half, of requests too", async () => {
  const ipc = createIpc();
  const link = new SessionLink(ipc);
  link.queue(log("first"));
  await turn();
  link.queue(log("lost"));
  for (let i = 0; i < 50_000; i++) link.queueRequest(request(`/${i}`));
  link.queue(log("last"));
  ipc.complete();
  await eventually(() => expect(ipc.sent.length).toBe(2));
  const kept = said(ipc.sent.slice(1)).flat();
  expect(kept.length).toBeLessThanOrEqual(25_001);
  expect(kept.length).toBeGreaterThan(20_000);
  expect(kept.slice(-2)).toEqual(["/49999", "last"]);
});
