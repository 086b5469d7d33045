import { expect, test } from "vitest";
import { createPipePair } from "./pipes.ts";

/* A connection between two processes, at the level of its bytes (src/rpc/transports/pipe.ts). */

const SIZE = 8_000_000;

test("what the other end does not read waits, and whoever asks hears when it is sent", async () => {
  const [near, far] = await createPipePair();
  near.start({ data: () => {}, end: () => near.destroy(), close: () => {} });
  near.write([Buffer.alloc(SIZE)]);
  expect(near.bufferedBytes).toBe(SIZE);
  let isSent = false;
  const sent = new Promise<void>((resolve) => near.whenSent(resolve)).then(() => {
    isSent = true;
  });
  const read = await new Promise<number>((resolve) => {
    let size = 0;
    far.start({
      data: (bytes) => {
        // Not before the other end has begun to read.
        if (size === 0) expect(isSent).toBe(false);
        size += bytes.length;
        if (size === SIZE) resolve(size);
      },
      end: () => {},
      close: () => {},
    });
  });
  expect(read).toBe(SIZE);
  await sent;
  expect(near.bufferedBytes).toBe(0);
  await new Promise<void>((resolve) => near.whenSent(resolve));
  far.destroy();
});

test("whoever waits for bytes to be sent hears of the connection's end, too", async () => {
  const [near, far] = await createPipePair();
  near.start({ data: () => {}, end: () => near.destroy(), close: () => {} });
  near.write([Buffer.alloc(SIZE)]);
  const sent = new Promise<void>((resolve) => near.whenSent(resolve));
  far.destroy();
  await sent;
});
