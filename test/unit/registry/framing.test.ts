import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameReader, FramingError } from "../../../src/registry/framing.ts";

test("a frame is a little-endian length and JSON", () => {
  expect(encodeFrame({ a: "é" }).toString("hex")).toBe(
    `0a000000${Buffer.from('{"a":"é"}').toString("hex")}`,
  );
});

test("messages arrive whole and in order, wherever the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (messages, sizes) => {
        const expected = messages.map((message) => JSON.parse(JSON.stringify(message)) as unknown);
        let rest = Buffer.concat(messages.map((message) => encodeFrame(message)));
        const reader = new FrameReader(1024 * 1024);
        const received: unknown[] = [];
        for (const size of sizes) {
          if (rest.length === 0) break;
          received.push(...reader.push(rest.subarray(0, size)));
          rest = rest.subarray(size);
        }
        expect(received).toEqual(expected);
      },
    ),
  );
});

test("a length beyond the limit is refused before its body arrives", () => {
  const reader = new FrameReader(16);
  expect([...reader.push(encodeFrame("fourteen chars"))]).toEqual(["fourteen chars"]);
  expect(() => [...reader.push(Buffer.from([17, 0, 0, 0]))]).toThrow(FramingError);
});

test.for([
  ["an empty frame", "00000000"],
  ["broken JSON", "020000007b7b"],
])("%s is refused", ([, hex]) => {
  expect(() => [...new FrameReader(16).push(Buffer.from(hex as string, "hex"))]).toThrow(
    FramingError,
  );
});
