import {
  behaviour,
  check,
  equal,
  eventually,
  inOwnInvocation,
  pause,
  rejects,
  scene,
} from "../harness.js";
import { newKey, textSink } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];
const text = (stream) => new Response(stream).text();
const encoder = new TextEncoder();
const prematurely = "ReadableStream received over RPC disconnected prematurely.";
const ended =
  "WritableStream received over RPC was disconnected because the remote execution context has ended.";

/** A stream of `count` chunks of `size` bytes that counts what was taken from it. */
function counted(size, count) {
  const stats = { pulled: 0, cancelled: undefined };
  const stream = new ReadableStream({
    pull(controller) {
      if (stats.pulled === count) return controller.close();
      stats.pulled += 1;
      controller.enqueue(new Uint8Array(size));
    },
    cancel(reason) {
      stats.cancelled = reason ?? "no reason";
    },
  });
  return { stream, stats };
}

/* 7: readable streams */

behaviour("7", "a received stream is a byte stream", async ({ peer }) => {
  const stream = await peer.bytes(["abcdef"]);
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(2));
  equal([...value], [97, 98]);
  await reader.cancel();
  equal(await peer.isByteStream(new Response("x").body), true);
});

behaviour("7", "the callee reads a sent stream with a byob reader", async ({ peer }) => {
  const result = await peer.readWithByob(new Response("abcdef").body);
  equal([[...result.bytes], result.done], [[97, 98, 99, 100], false]);
});

behaviour("7", "a stream goes there and back", async ({ peer }) => {
  equal(await text(await peer.echo(new Response("round trip").body)), "round trip");
});

behaviour("7", "an empty stream arrives empty", async ({ peer }) => {
  equal(await text(await peer.bytes([])), "");
  equal(await peer.readAll(new Response("").body), "");
});

behaviour("7", "views and buffers of every kind are bytes", async ({ peer }) => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint16Array([0x4241]));
      controller.enqueue(encoder.encode("C").buffer);
      controller.enqueue(new DataView(encoder.encode("xDx").buffer, 1, 1));
      controller.close();
    },
  });
  equal(await peer.readAll(stream), "ABCD");
});

behaviour(
  "7",
  "chunks that are no bytes cancel the source and break the reader",
  async ({ peer }) => {
    const key = newKey();
    const stream = await peer.objectStream(key);
    await rejects(() => text(stream), "Error", prematurely);
    await eventually(
      async () => /^TypeError: /.test((await read(peer, key))[0]),
      true,
      "cancelled",
    );
  },
);

behaviour("7", "what was read before a failure stays read", async ({ peer }) => {
  let hasRead;
  const read = new Promise((resolve) => {
    hasRead = resolve;
  });
  let first = true;
  const stream = new ReadableStream({
    async pull(controller) {
      if (first) controller.enqueue(new Uint8Array(10));
      else {
        await read;
        controller.error(new RangeError("gone"));
      }
      first = false;
    },
  });
  const result = await peer.readUntilFailure(stream, () => hasRead());
  equal(result, { bytes: 10, error: `Error: ${prematurely}` });
});

behaviour("7", "what arrived before a failure is still read, however late", async ({ peer }) => {
  let pulls = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      pulls += 1;
      if (pulls === 1) controller.enqueue(new TextEncoder().encode("first"));
      else {
        // The real runtime drops what it reads together with the failure.
        await pause(5);
        controller.error(new RangeError("midway"));
        pulls += 1;
      }
    },
  });
  const back = await peer.echo(stream);
  await eventually(() => pulls, 3, "pulls");
  await pause(10);
  const reader = back.getReader();
  equal(new TextDecoder().decode((await reader.read()).value), "first");
  await rejects(() => reader.read(), "Error", /disconnected prematurely/);
});

behaviour("7", "the callee's cancel reaches the caller's source", async ({ peer }) => {
  const { stream, stats } = counted(1024, 1e9);
  equal(await peer.readSome(stream), true);
  await eventually(() => stats.cancelled !== undefined, true, "cancelled");
});

behaviour("7", "a reader that is slow holds the source back", async ({ peer }) => {
  const key = newKey();
  const { stream, stats } = counted(64 * 1024, 1000);
  const held = peer.holdStream(key, stream);
  await eventually(() => read(peer, key), ["holding"], "journal");
  await pause(50);
  check(stats.pulled < 64, `pulled ${stats.pulled} chunks of 64 KB that nobody read`);
  await held;
});

behaviour(
  "7",
  "a source at the callee is held back as well",
  async ({ peer }) => {
    const stream = await peer.countingStream(64 * 1024, 1000);
    await pause(50);
    check((await peer.countPulled()) < 64, "pulled chunks of 64 KB that nobody read");
    await stream.cancel();
  },
  { not: ["self"] },
);

behaviour("7", "a stream in an object keeps the call's other parts usable", async ({ peer }) => {
  const result = await peer.streamInObject();
  equal(await result.fn(), "called");
  equal(await text(result.stream), "in an object");
  result[Symbol.dispose]();
});

behaviour("7", "disposing a result leaves its streams alone", async ({ peer }) => {
  const result = await peer.streamInObject();
  result[Symbol.dispose]();
  equal(await text(result.stream), "in an object");
});

behaviour("7", "a compressed stream arrives compressed", async ({ peer }) => {
  const stream = await peer.compressed();
  const plain = await text(stream.pipeThrough(new DecompressionStream("gzip")));
  equal(plain, "compress me ".repeat(100));
});

behaviour("7", "a Response over a stream of known length arrives whole", async ({ peer }) => {
  const response = await peer.fixedLength("exactly this");
  equal(await response.text(), "exactly this");
});

behaviour("7", "a readable side of a TransformStream can be sent", async ({ peer }) => {
  const { readable, writable } = new TransformStream();
  const result = peer.readAll(readable);
  const writer = writable.getWriter();
  await writer.write(encoder.encode("transformed"));
  await writer.close();
  equal(await result, "transformed");
});

behaviour("7", "both branches of a tee can be sent", async ({ peer }) => {
  const [one, two] = new Response("teed").body.tee();
  equal(await Promise.all([peer.readAll(one), peer.readAll(two)]), ["teed", "teed"]);
});

behaviour("7", "two streams in one message do not mix", async ({ peer }) => {
  const [a, b] = await peer.readBoth(
    new Response("a".repeat(200_000)).body,
    new Response("b".repeat(100_000)).body,
  );
  equal([a, b], ["a".repeat(200_000), "b".repeat(100_000)]);
});

/* 7: writable streams */

behaviour("7", "a locked WritableStream is refused", async ({ peer }) => {
  const stream = new WritableStream();
  stream.getWriter();
  await rejects(
    () => peer.writeInto(stream, []),
    "TypeError",
    "This WritableStream is currently locked to a writer.",
  );
});

behaviour("7", "a sink gets ArrayBuffers, in order", async ({ peer }) => {
  const kinds = new Set();
  let all = "";
  const stream = new WritableStream({
    write(chunk) {
      kinds.add(Object.prototype.toString.call(chunk));
      all += new TextDecoder().decode(chunk);
    },
  });
  await peer.writeInto(stream, ["1", "22", "333"]);
  await eventually(() => all, "122333", "what was written");
  equal([...kinds].length, 1);
});

behaviour("7", "values that are no bytes cannot be written", async ({ peer }) => {
  await rejects(
    () => peer.writeValues(new WritableStream(), [{ not: "bytes" }]),
    "TypeError",
    // The text depends on what the runtime makes such streams of.
    /byte/,
  );
});

behaviour("7", "empty writes vanish", async ({ peer }) => {
  const sizes = [];
  const stream = new WritableStream({
    write(chunk) {
      sizes.push(chunk.byteLength);
    },
  });
  await peer.writeInto(stream, ["", "x", ""]);
  await eventually(() => sizes, [1], "sizes");
});

behaviour("7", "pipeTo fills a received sink and closes it", async ({ peer }) => {
  const sink = textSink();
  await peer.pipeInto(sink.stream, ["piped ", "through"]);
  await eventually(() => [sink.text, sink.closed], ["piped through", true], "written");
});

behaviour("7", "a sink that is left open is aborted when the callee ends", async ({ peer }) => {
  let reason;
  const stream = new WritableStream({
    abort(error) {
      reason = error;
    },
  });
  await peer.leaveOpen(stream);
  await eventually(() => reason?.message, ended, "reason");
});

behaviour("7", "a sink that fails to close fails the writer's close", async ({ peer }) => {
  const stream = new WritableStream({
    close() {
      throw new RangeError("cannot close");
    },
  });
  await rejects(() => peer.closeFailing(stream), "RangeError", "cannot close");
});

behaviour("7", "a WritableStream comes back from a call", async ({ peer }) => {
  const key = newKey();
  const stream = await peer.returnWritable(key);
  const writer = stream.getWriter();
  await writer.write(encoder.encode("to the callee"));
  await writer.close();
  await eventually(() => read(peer, key), ["to the callee", "closed"], "journal");
});

behaviour("7", "a slow sink holds the writer back", async ({ peer }) => {
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  let received = 0;
  const stream = new WritableStream({
    async write(chunk) {
      await gate;
      received += chunk.byteLength;
    },
  });
  const key = newKey();
  const call = peer.writeCounting(key, stream, 64 * 1024, 100);
  await pause(50);
  const before = Number((await read(peer, key)).at(-1) ?? 0);
  check(before < 64, `wrote ${before} chunks of 64 KB into a closed gate`);
  open();
  await call;
  await eventually(() => received, 100 * 64 * 1024, "received");
});

behaviour("7", "a stream breaks when the invocation that sent it ends", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "sends an endless stream", key);
  await eventually(() => read(peer, key), ["reading", `Error: ${prematurely}`], "journal");
});

scene("sends an endless stream", async ({ peer, param }) => {
  const stream = new ReadableStream({
    async pull(controller) {
      await pause(5);
      controller.enqueue(new Uint8Array(1));
    },
  });
  await peer.readLater(param, stream);
});

behaviour("7", "streams that ended or failed before they were sent", async ({ peer }) => {
  const ended = new ReadableStream({ start: (controller) => controller.close() });
  equal(await peer.readAll(ended), "");
  const failed = new ReadableStream({ start: (controller) => controller.error(new Error("x")) });
  equal(await peer.readUntilFailure(failed), { bytes: 0, error: `Error: ${prematurely}` });
});

behaviour(
  "7",
  "chunks of Node's Buffer are copied out of their pool",
  async ({ peer }) => {
    const { Buffer } = await import("node:buffer");
    const stream = new ReadableStream({
      start(controller) {
        for (const text of ["ab", "cd"]) controller.enqueue(Buffer.from(text));
        controller.close();
      },
    });
    equal(await peer.readAll(stream), "abcd");
  },
  { date: "modern" },
);

behaviour("7", "patched prototypes are not observed", async ({ peer }) => {
  const members = [
    [ReadableStream.prototype, "getReader"],
    [ReadableStream.prototype, "cancel"],
    [ReadableStream.prototype, "pipeTo"],
    [ReadableStreamDefaultReader.prototype, "read"],
    [WritableStream.prototype, "getWriter"],
    [WritableStream.prototype, "abort"],
    [WritableStream.prototype, "close"],
    [WritableStreamDefaultWriter.prototype, "write"],
    [WritableStreamDefaultWriter.prototype, "abort"],
    [WritableStreamDefaultWriter.prototype, "close"],
  ];
  const originals = members.map(([object, name]) => Object.getOwnPropertyDescriptor(object, name));
  const { stream } = counted(10, 3);
  const sizes = [];
  const sink = new WritableStream({
    write(chunk) {
      sizes.push(chunk.byteLength);
    },
  });
  const observed = [];
  const patch = (name) =>
    function patched() {
      observed.push(name);
      throw new Error(`${name} was observed`);
    };
  // Only while the streams are handed over: a Worker bound to itself reads with them, too.
  for (const [object, name] of members) {
    Object.defineProperty(object, name, { value: patch(name), configurable: true, writable: true });
  }
  let calls;
  try {
    calls = [peer.countBytes(stream), peer.writeInto(sink, ["abc"])];
  } finally {
    for (const [index, [object, name]] of members.entries()) {
      Object.defineProperty(object, name, originals[index]);
    }
  }
  equal(await calls[0], 30);
  await calls[1];
  await eventually(() => sizes, [3], "what was written");
  equal(observed, []);
});
