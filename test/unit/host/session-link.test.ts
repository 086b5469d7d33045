import { expect, test } from "vitest";
import { SessionLink } from "../../../src/host/session-link.ts";
import type { HostToSession } from "../../../src/protocol/host.ts";
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
