/**
 * What every carrier of RPC frames must do (src/rpc/contract.ts, Transport). Run by
 * transport.test.ts over all implementations.
 */
import { expect, test } from "vitest";
import type { Frame, Transport } from "../../src/rpc/contract.ts";
import { eventually } from "../helpers/eventually.ts";

interface End {
  readonly transport: Transport;
  readonly frames: Frame[];
  readonly closes: (Error | undefined)[];
}

function listen(transport: Transport): End {
  const end: End = { transport, frames: [], closes: [] };
  transport.receive(
    (frames) => end.frames.push(...frames),
    (error) => end.closes.push(error),
  );
  return end;
}

export function transportContract(createPair: () => Promise<[Transport, Transport]>): void {
  async function open(): Promise<{ a: End; b: End } & AsyncDisposable> {
    const [left, right] = await createPair();
    const a = listen(left);
    const b = listen(right);
    return {
      a,
      b,
      async [Symbol.asyncDispose]() {
        left.close();
        right.close();
        await eventually(() => expect([a.closes.length, b.closes.length]).toEqual([1, 1]));
      },
    };
  }

  test("frames arrive whole and in the order sent, in both directions", async () => {
    await using pair = await open();
    const sent = Array.from({ length: 300 }, (_, i): Frame => [1, i, `text ${i}`, { a: [i] }]);
    for (let i = 0; i < sent.length; i += 3) pair.a.transport.send(sent.slice(i, i + 3));
    pair.b.transport.send([[2, "back"]]);
    await eventually(() => expect(pair.b.frames).toHaveLength(300));
    expect(pair.b.frames).toEqual(sent);
    await eventually(() => expect(pair.a.frames).toEqual([[2, "back"]]));
  });

  test("frames sent before the other end listens are not lost", async () => {
    const [left, right] = await createPair();
    const a = listen(left);
    left.send([[1, "early"]]);
    await new Promise((resolve) => setImmediate(resolve));
    const b = listen(right);
    await eventually(() => expect(b.frames).toEqual([[1, "early"]]));
    left.close();
    await eventually(() => expect([a.closes.length, b.closes.length]).toEqual([1, 1]));
  });

  test("identity within a batch survives", async () => {
    await using pair = await open();
    const shared = { s: 1 };
    pair.a.transport.send([[1, shared, [shared]]]);
    await eventually(() => expect(pair.b.frames).toHaveLength(1));
    const [, first, list] = pair.b.frames[0] as [number, object, object[]];
    expect(list[0]).toBe(first);
  });

  test("ten megabytes arrive", async () => {
    await using pair = await open();
    const bytes = new Uint8Array(10_000_000).fill(7);
    pair.a.transport.send([[1, bytes]]);
    await eventually(() => expect(pair.b.frames).toHaveLength(1));
    const got = pair.b.frames[0]?.[1] as Uint8Array;
    expect(got.length).toBe(bytes.length);
    expect(got[9_999_999]).toBe(7);
  });

  test("closing is told once at both ends, after what was sent", async () => {
    await using pair = await open();
    pair.a.transport.send([[1, "last"]]);
    pair.a.transport.close();
    pair.a.transport.close();
    await eventually(() => expect([pair.a.closes.length, pair.b.closes.length]).toEqual([1, 1]));
    expect(pair.b.frames).toEqual([[1, "last"]]);
    expect([...pair.a.closes, ...pair.b.closes]).toEqual([undefined, undefined]);
  });

  test("sending after the close is harmless", async () => {
    await using pair = await open();
    pair.a.transport.close();
    pair.a.transport.send([[1]]);
    await eventually(() => expect(pair.b.closes).toHaveLength(1));
    pair.b.transport.send([[1]]);
    expect(pair.b.frames).toEqual([]);
  });

  test("nothing stays buffered once the peer has read", async () => {
    await using pair = await open();
    pair.a.transport.send([[1, "x".repeat(1_000_000)]]);
    await eventually(() => expect(pair.b.frames).toHaveLength(1));
    await eventually(() => expect(pair.a.transport.bufferedBytes).toBe(0));
  });
}
