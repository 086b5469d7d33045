import { afterEach, describe, expect, test } from "vitest";
import { Invocation, runInvocation } from "../../../src/isolate/invocation.ts";
import { httpCompat, setHttpCompat } from "../../../src/web/compat.ts";
import type { Event } from "../../../src/web/events/event.ts";
import type { EventTarget } from "../../../src/web/events/event-target.ts";
import { Blob } from "../../../src/web/forms/blob.ts";
import { WebSocketPair } from "../../../src/web/websocket/pair.ts";
import {
  carryWebSocket,
  createCarriedWebSocket,
  WebSocket,
} from "../../../src/web/websocket/websocket.ts";

const compat = httpCompat();
afterEach(() => setHttpCompat(compat));

const NOT_ACCEPTED =
  "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";

function inInvocation<T>(fn: (invocation: Invocation) => T): T {
  const invocation = new Invocation({ requestId: "1", depth: 0 });
  return runInvocation(invocation, () => fn(invocation));
}

function once(target: EventTarget, type: string): Promise<Event> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

interface Message extends Event {
  readonly data: unknown;
}
interface Close extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

describe("a pair", () => {
  test("has two open ends", () => {
    const pair = new WebSocketPair();
    expect(Object.keys(pair)).toEqual(["0", "1"]);
    const [client, server] = Object.values(pair) as [WebSocket, WebSocket];
    expect([client.readyState, server.readyState, client.url, client.protocol]).toEqual([
      1,
      1,
      null,
      "",
    ]);
    expect([Reflect.get(WebSocket.prototype, "OPEN"), Reflect.get(WebSocket, "CLOSED")]).toEqual([
      1, 3,
    ]);
  });

  test("delivers text and bytes in order, also those sent before accept()", async () => {
    await inInvocation(async () => {
      const { 0: client, 1: server } = new WebSocketPair();
      client.accept();
      client.send("early");
      client.send(new Uint8Array([1, 2]));
      const seen: unknown[] = [];
      server.binaryType = "arraybuffer";
      server.addEventListener("message", (event) => seen.push((event as Message).data));
      server.accept();
      client.send("late");
      client.close(1000, "done");
      const close = (await once(server, "close")) as Close;
      expect(seen).toEqual(["early", new Uint8Array([1, 2]).buffer, "late"]);
      expect([close.code, close.reason, close.wasClean]).toEqual([1000, "done", true]);
    });
  });

  test("binary messages are Blobs with websocket_standard_binary_type", async () => {
    for (const webSocketBlobs of [true, false]) {
      setHttpCompat({ ...compat, webSocketBlobs });
      await inInvocation(async () => {
        const { 0: client, 1: server } = new WebSocketPair();
        client.accept();
        server.accept();
        client.send(new Uint8Array([1]));
        const { data } = (await once(server, "message")) as Message;
        expect(data).toBeInstanceOf(webSocketBlobs ? Blob : ArrayBuffer);
      });
    }
  });

  test("answers a close by itself with web_socket_auto_reply_to_close, else waits", async () => {
    for (const webSocketAutoClose of [true, false]) {
      setHttpCompat({ ...compat, webSocketAutoClose });
      await inInvocation(async () => {
        const { 0: client, 1: server } = new WebSocketPair();
        client.accept();
        server.accept();
        const clientClosed = once(client, "close");
        client.close(4000, "bye");
        expect(client.readyState).toBe(2);
        await once(server, "close");
        expect(server.readyState).toBe(webSocketAutoClose ? 3 : 2);
        if (!webSocketAutoClose) server.close(4000, "bye");
        await clientClosed;
        expect([client.readyState, server.readyState]).toEqual([3, 3]);
      });
    }
  });

  test("keeps its invocation busy until closed, and closes the other end when that ends", async () => {
    const { 0: client, 1: server } = new WebSocketPair();
    inInvocation(() => client.accept());
    const invocation = inInvocation((current) => {
      server.accept();
      return current;
    });
    expect(invocation.pending).toBe(1);
    invocation.end();
    const close = (await once(client, "close")) as Close;
    expect([close.code, invocation.pending]).toEqual([1006, 0]);
  });
});

describe("refusals", () => {
  test("before accept(), after close(), with bad codes", () => {
    inInvocation(() => {
      const { 0: socket } = new WebSocketPair();
      expect(() => socket.send("x")).toThrow(new TypeError(NOT_ACCEPTED));
      expect(() => socket.close()).toThrow(new TypeError(NOT_ACCEPTED));
      socket.accept();
      socket.accept();
      expect(() => socket.close(1)).toThrow("Invalid WebSocket close code: 1.");
      expect(() => socket.close(1005)).toThrow("Invalid WebSocket close code: 1005.");
      expect(() => socket.close(undefined, "x")).toThrow("you must also specify a code");
      expect(() => socket.close(1000, "x".repeat(124))).toThrow("123 bytes");
      socket.close();
      expect(() => socket.send("x")).toThrow("Can't call WebSocket send() after close().");
    });
  });

  test("only ws: and wss: can be dialled", () => {
    expect(() => new WebSocket("http://x")).toThrow(
      "WebSocket Constructor: The url scheme must be ws or wss.",
    );
  });
});

describe("carriers", () => {
  test("an end in a Response hands its traffic to the front door and back", async () => {
    await inInvocation(async () => {
      const { 0: client, 1: server } = new WebSocketPair();
      server.accept();
      server.send("before");
      const sent: unknown[] = [];
      const deliver = carryWebSocket(client, {
        message: (data) => sent.push(data),
        close: (code, reason) => sent.push([code, reason]),
      });
      server.send("after");
      deliver.message("from outside");
      const { data } = (await once(server, "message")) as Message;
      server.close(3001, "end");
      deliver.close(3001, "end");
      await once(server, "close");
      expect(data).toBe("from outside");
      expect(sent).toEqual(["before", "after", [3001, "end"]]);
      expect(server.readyState).toBe(3);
    });
  });

  test("an accepted end cannot be handed over", () => {
    inInvocation(() => {
      const { 0: client } = new WebSocketPair();
      client.accept();
      expect(() => carryWebSocket(client, { message: () => {}, close: () => {} })).toThrow(
        "Can't return WebSocket in a Response after calling accept().",
      );
    });
  });

  test("a lost connection is an error and an unclean close", async () => {
    await inInvocation(async () => {
      const { socket, fail } = createCarriedWebSocket({ message: () => {}, close: () => {} });
      socket.accept();
      const error = once(socket, "error");
      const close = once(socket, "close");
      fail(new Error("gone"));
      expect(await error).toMatchObject({ message: "Uncaught Error: gone" });
      expect(await close).toMatchObject({ code: 1006, wasClean: false });
    });
  });
});
