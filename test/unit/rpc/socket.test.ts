import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { serialize } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Frame, Transport } from "../../../src/rpc/contract.ts";
import { listenPipe } from "../../../src/rpc/transports/pipe.ts";
import { connectTransport, createSocketTransport } from "../../../src/rpc/transports/socket.ts";
import { acceptOne, inFolder } from "./pipes.ts";

interface Fixture extends AsyncDisposable {
  readonly raw: Socket;
  readonly frames: Frame[];
  readonly closed: Promise<Error | undefined>;
}

/** A transport whose other end is a bare socket. */
async function open(maxRecordBytes?: number): Promise<Fixture> {
  let raw = undefined as unknown as Socket;
  const accepted = await acceptOne((path) => {
    raw = connect(path);
    raw.on("error", () => {});
    raw.resume();
  });
  const transport = createSocketTransport(accepted, maxRecordBytes ? { maxRecordBytes } : {});
  const frames: Frame[] = [];
  const closed = new Promise<Error | undefined>((resolve) => {
    transport.receive((batch) => frames.push(...batch), resolve);
  });
  return {
    raw,
    frames,
    closed,
    async [Symbol.asyncDispose]() {
      raw.destroy();
      await closed;
    },
  };
}

const hello = Buffer.from("6452504300000004", "hex");

function record(frames: unknown): Buffer {
  const body = serialize(frames);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

test("a record is read wherever it is cut", async () => {
  const bytes = Buffer.concat([hello, record([[1, "a"]]), record([[2, { b: 1 }]])]);
  await using fixture = await open();
  for (const byte of bytes) {
    fixture.raw.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  fixture.raw.end();
  expect(await fixture.closed).toBeUndefined();
  expect(fixture.frames).toEqual([
    [1, "a"],
    [2, { b: 1 }],
  ]);
});

function connectTo(path: string): Promise<Transport | Error> {
  return new Promise((resolve) => connectTransport(path, resolve));
}

test("whoever listens answers the hello of the other end, and says nothing before", async () => {
  await using silent = await open();
  // Half of it is none.
  silent.raw.end(hello.subarray(0, 4));
  await once(silent.raw, "close");
  expect(silent.raw.bytesRead).toBe(0);
  await using fixture = await open();
  const answer: Promise<Buffer[]> = once(fixture.raw, "data");
  fixture.raw.write(hello);
  expect(await answer).toEqual([hello]);
});

test("a connection is there once it is answered; frames go both ways", async () => {
  await inFolder(async (path) => {
    const server = listenPipe(path, (socket) => {
      const accepted = createSocketTransport(socket);
      accepted.receive(
        (frames) => accepted.send(frames),
        () => {},
      );
    });
    const transport = await connectTo(path);
    server.close();
    if (transport instanceof Error) throw transport;
    const heard = new Promise((resolve) => transport.receive(resolve, () => {}));
    transport.send([[1, "a"]]);
    expect(await heard).toEqual([[1, "a"]]);
    transport.close();
  });
});

test("who says hello to an end that is about to go is sent away unanswered", async () => {
  await inFolder(async (path) => {
    let isLeaving = false;
    const heard: unknown[] = [];
    const server = listenPipe(path, (socket) => {
      const accepted = createSocketTransport(socket, { answers: () => !isLeaving });
      accepted.receive(
        (frames) => heard.push(frames),
        () => {},
      );
      // It has connected, and its first word has not been read.
      isLeaving = true;
    });
    expect(await connectTo(path)).toEqual(new Error("the connection was closed unanswered"));
    expect(heard).toEqual([]);
    server.close();
  });
});

test("where nobody takes the connection any more that is an error, and nothing was sent", async () => {
  await inFolder(async (path) => {
    const server = listenPipe(path, () => {
      throw new Error("taken");
    });
    const outcome = connectTo(path);
    // The operating system has connected by now.
    server.close();
    expect(await outcome).toBeInstanceOf(Error);
    expect(await connectTo(path)).toBeInstanceOf(Error);
  });
});

test("whoever connects hears why it is refused", async () => {
  await inFolder(async (path) => {
    const server = listenPipe(path, (socket) => {
      socket.start({ data: () => {}, end: () => {}, close: () => {} });
      socket.write([Buffer.from("6452504300000063", "hex")]);
    });
    expect(String(await connectTo(path))).toContain("the peer speaks version 99");
    server.close();
  });
});

test("a length beyond the limit is refused before anything is allocated", async () => {
  await using fixture = await open(1000);
  fixture.raw.write(Buffer.concat([hello, Buffer.from([0x7f, 0xff, 0xff, 0xff])]));
  expect((await fixture.closed)?.message).toMatch(/^Malformed RPC record: length 2147483647/);
});

test("another protocol and another version are refused", async () => {
  await using http = await open();
  http.raw.write("GET / HTTP/1.1\r\n\r\n");
  expect((await http.closed)?.message).toContain("does not speak this protocol");
  await using newer = await open();
  newer.raw.write(Buffer.from("6452504300000063", "hex"));
  expect((await newer.closed)?.message).toContain("the peer speaks version 99");
});

test("a record that is cut off by the end of the stream is an error", async () => {
  await using fixture = await open();
  const whole = record([[1, "text"]]);
  fixture.raw.end(Buffer.concat([hello, whole.subarray(0, whole.length - 2)]));
  expect((await fixture.closed)?.message).toContain("cut off");
  expect(fixture.frames).toEqual([]);
});

test("any corruption is refused with an error or read as frames, never thrown", async () => {
  const good = record([[1, "a", { b: [1, 2, new Uint8Array(4)] }, new Map([[1, 2]])]]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 5), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[4 + at] = byte;
        await using fixture = await open();
        fixture.raw.end(Buffer.concat([hello, bad]));
        const error = await fixture.closed;
        if (error === undefined) expect(fixture.frames).toHaveLength(1);
        else expect(error.message).toMatch(/^Malformed RPC record: /);
      },
    ),
    { numRuns: 60 },
  );
});

test("random bytes close the link with an error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 200 }), async (bytes) => {
      await using fixture = await open();
      fixture.raw.end(Buffer.concat([hello, bytes]));
      expect(await fixture.closed).toBeInstanceOf(Error);
      expect(fixture.frames).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
