/**
 * Frames that are frames to the transport and nonsense to the engine: they close their link, if
 * anything; every other link goes on, nothing is thrown where nobody catches it, and nothing is left.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Frame } from "../../../src/rpc/contract.ts";
import { Op } from "../../../src/rpc/frames.ts";
import { createMemoryTransportPair } from "../../../src/rpc/transports/memory.ts";
import { streamOfBytes } from "../../../src/web/streams/byte-streams.ts";
import { ReadableStream } from "../../../src/web/streams/readable-stream.ts";
import { WritableStream } from "../../../src/web/streams/writable-stream.ts";
import { createHarness, type Harness } from "./harness.ts";

const entrypoints = () => ({
  default: class {
    echo(value: unknown) {
      return value;
    }
    fn() {
      return () => 1;
    }
    async read(stream: ReadableStream) {
      let text = "";
      for await (const chunk of stream) text += new TextDecoder().decode(chunk as Uint8Array);
      return text;
    }
    failing() {
      return new ReadableStream({
        type: "bytes",
        pull: (controller) => controller.error("broken"),
      });
    }
    write() {
      return new WritableStream();
    }
    async call(fn: () => unknown) {
      return await fn();
    }
  },
});

const pipe = () => streamOfBytes(new TextEncoder().encode("some bytes"));

/** One of everything that a caller can do. */
// biome-ignore lint/suspicious/noExplicitAny: stubs answer to every name
async function useAll(s: any): Promise<void> {
  using fn = await s.fn();
  await Promise.all([fn(), s.fn()(), s.read(pipe()), s.call(() => 2)]);
  await s.echo({ error: new Error("x"), map: new Map([[1, () => 1]]) });
  const sink = await s.write();
  const writer = sink.getWriter();
  await writer.write(new Uint8Array(3));
  await writer.close();
  await s.echo(AbortSignal.abort("why"));
  await Promise.allSettled([s.missing(), s.echo(1).then()]);
}

/** What an honest caller sends, in order. */
async function recordFrames(): Promise<Frame[]> {
  await using h = await createHarness(entrypoints);
  const frames: Frame[] = [];
  const [transport] = h.transports;
  const send = transport.send.bind(transport);
  transport.send = (batch: readonly Frame[]) => {
    frames.push(...structuredClone(batch as Frame[]));
    send(batch);
  };
  await h.run(useAll);
  return frames;
}

const rubbish = fc.oneof(
  fc.integer({ min: -5, max: 30 }),
  fc.constantFrom<unknown>(undefined, null, "", "echo", "constructor", "__proto__", true, 1e9, -0),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [0, 1],
    ["echo", "x"],
    [[3, [1], 0, 0]],
    new Uint8Array(2),
  ),
  fc.anything({ maxDepth: 2 }),
);

/** Replace, cut, repeat or swap something in what was recorded. */
const change = fc.record({
  frame: fc.nat(),
  field: fc.nat(9),
  value: rubbish,
  how: fc.constantFrom("replace", "replace", "replace", "cut", "repeat", "drop"),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(frames: readonly Frame[], changes: readonly Change[]): Frame[] {
  const out = structuredClone(frames as Frame[]) as unknown[][];
  for (const { frame, field, value, how } of changes) {
    const at = frame % out.length;
    const target = out[at] as unknown[];
    // The first field is a number to every transport.
    if (how === "replace") target[field] = field === 0 ? frame % 20 : value;
    else if (how === "cut") target.length = Math.max(1, Math.min(field, target.length));
    else if (how === "repeat") out.splice(at, 0, structuredClone(target));
    else if (out.length > 1) out.splice(at, 1);
  }
  return out;
}

async function attack(h: Harness, frames: readonly Frame[]): Promise<void> {
  const [near, far] = createMemoryTransportPair();
  near.receive(
    () => {},
    () => {},
  );
  const link = h.server.engine.openLink(far, "attacker");
  for (const frame of frames) {
    near.send([frame]);
    await Promise.resolve();
  }
  await h.settle(2);
  near.close();
  await link.closed;
}

test("frames that make no sense never reach beyond their link", async () => {
  const frames = await recordFrames();
  expect(new Set(frames.map(([op]) => op)).size).toBeGreaterThan(4);
  expect(frames.some(([op]) => op === Op.open)).toBe(true);
  await using h = await createHarness(entrypoints);
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      await attack(h, apply(frames, changes));
      expect(await h.run((s) => s.echo("still here"))).toBe("still here");
    }),
    { numRuns: 300 },
  );
});

/** What the callee sends arrives changed; those of `changes` that fall on it, by its number. */
function tamper(h: Harness, changes: readonly Change[]): void {
  const [, transport] = h.transports;
  const send = transport.send.bind(transport);
  let sent = 0;
  transport.send = (batch: readonly Frame[]) => {
    for (const frame of batch) {
      const here = changes.filter(({ frame: number }) => number % 16 === sent);
      sent += 1;
      if (!here.some(({ how }) => how === "drop")) send(apply([frame], here));
    }
  };
}

test("replies that make no sense never reach beyond their link, and nothing waits for ever", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const h = await createHarness(entrypoints);
      const { client } = h;
      client.links.set("self", client.engine.createSelfLink("self"));
      client.entrypoints = entrypoints();
      tamper(h, changes);
      const used = h.run(useAll).catch(() => "failed");
      await h.settle();
      const self = client.binding("self");
      expect(await client.run(() => self.echo("still here"))).toBe("still here");
      h.near.close();
      await h.near.closed;
      await used;
    }),
    { numRuns: 150 },
  );
});

test("a stream that breaks off with rubbish fails at its reader", async () => {
  const h = await createHarness(entrypoints);
  const [, transport] = h.transports;
  const send = transport.send.bind(transport);
  transport.send = (batch: readonly Frame[]) =>
    send(batch.map((frame) => (frame[0] === Op.abortPipe ? [...frame.slice(0, 3), []] : frame)));
  await h.run(async (s) => {
    const stream = await s.failing();
    await expect(new Response(stream).text()).rejects.toThrow();
  });
  await h.near.closed;
});
