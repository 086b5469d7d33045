import { expect, test } from "vitest";
import { Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import { AbortController } from "../../../src/web/events/abort-signal.ts";
import { EventSource } from "../../../src/web/events/event-source.ts";
import type { EventTarget } from "../../../src/web/events/event-target.ts";
import { Scheduler } from "../../../src/web/scope/timers.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { WebSocketPair } from "../../../src/web/websocket/pair.ts";

/* The invocation of a Durable Object goes on for as long as the object: what is over must not wait for its end. */

/** Knows what waits for its end. */
class Watched extends Invocation {
  waiting = 0;

  override onEnd(cleanup: (reason: unknown) => void): () => void {
    const forget = super.onEnd(cleanup);
    this.waiting += 1;
    let waits = true;
    return () => {
      if (waits) this.waiting -= 1;
      waits = false;
      forget();
    };
  }
}

async function inWatched(fn: (invocation: Watched) => Promise<unknown>): Promise<Watched> {
  const invocation = new Watched({ requestId: "1", depth: 0 });
  await runInvocation(invocation, () => fn(invocation));
  return invocation;
}

function once(target: EventTarget, type: string): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

test("a WebSocket that is closed waits for no end of its invocation", async () => {
  const { waiting, pending } = await inWatched(async (invocation) => {
    const { 0: client, 1: server } = new WebSocketPair();
    client.accept();
    server.accept();
    expect(invocation.waiting).toBe(2);
    const closed = [once(client, "close"), once(server, "close")];
    client.close(1000, "done");
    server.close(1000, "done");
    await Promise.all(closed);
  });
  expect([waiting, pending]).toEqual([0, 0]);
});

test("scheduler.wait waits for no end of its invocation when it is over, or aborted", async () => {
  const { waiting } = await inWatched(async (invocation) => {
    const controller = new AbortController();
    const scheduler = new Scheduler();
    const waits = [scheduler.wait(1), scheduler.wait(60_000, { signal: controller.signal })];
    expect(invocation.waiting).toBe(2);
    await waits[0];
    controller.abort(new Error("stop"));
    await expect(waits[1]).rejects.toThrow("stop");
  });
  expect(waiting).toBe(0);
});

test("an EventSource whose stream is over waits for no end of its invocation", async () => {
  const { waiting } = await inWatched(async (invocation) => {
    const source = EventSource.from(new ReadableStream({ start: (stream) => stream.close() }));
    expect(invocation.waiting).toBe(1);
    await once(source, "error");
    const closed = EventSource.from(new ReadableStream());
    expect(invocation.waiting).toBe(1);
    closed.close();
  });
  expect(waiting).toBe(0);
});
