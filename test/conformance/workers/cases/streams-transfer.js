import { behaviour, equal, eventually, rejects, throws } from "../harness.js";
import { textSink } from "../targets.js";

const bytes = (text) => new TextEncoder().encode(text);
const locked = "The ReadableStream has been locked to a reader.";
const source = (text) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes(text));
      controller.close();
    },
  });

/* 7: ownership */

behaviour("7", "a stream can be sent once", async ({ peer }) => {
  const stream = source("once");
  const first = peer.readAll(stream);
  await rejects(() => peer.readAll(stream), "TypeError", locked);
  equal(await first, "once");
  throws(() => stream.getReader(), "TypeError", /locked/);
});

behaviour("7", "a WritableStream that was sent is locked", async ({ peer }) => {
  const sink = textSink();
  const call = peer.writeInto(sink.stream, ["abc"]);
  equal(sink.stream.locked, true);
  await rejects(
    () => peer.writeInto(sink.stream, ["def"]),
    "TypeError",
    "This WritableStream is currently locked to a writer.",
  );
  await call;
  await eventually(() => sink.text, "abc", "what was written");
});

behaviour("7", "a locked native WritableStream is refused alike", async ({ peer }) => {
  const { writable } = new IdentityTransformStream();
  writable.getWriter();
  await rejects(
    () => peer.writeInto(writable, []),
    "TypeError",
    "This WritableStream is currently locked to a writer.",
  );
});

behaviour(
  "7",
  "a locked stream leaves those beside it alone",
  async ({ peer }) => {
    const stream = source("still here");
    const other = source("locked");
    other.getReader();
    await rejects(() => peer.readBoth(stream, other), "TypeError", locked);
    equal(stream.locked, false);
    equal(await new Response(stream).text(), "still here");
  },
  { not: ["workerd"] },
);

behaviour("7", "a WritableStream is for RPC only", () => {
  for (const stream of [new WritableStream(), new IdentityTransformStream().writable]) {
    throws(
      () => structuredClone(stream),
      "DataCloneError",
      "WritableStream can only be serialized for RPC.",
    );
  }
});

behaviour("7", "strings can be written into a received WritableStream", async ({ peer }) => {
  const sink = textSink();
  await peer.writeValues(sink.stream, ["te", "xt"]);
  await eventually(() => sink.text, "text", "what was written");
});

behaviour("7", "streams go both ways in one call", async ({ peer }) => {
  const input = new IdentityTransformStream();
  const output = new IdentityTransformStream();
  const call = peer.shout(input.readable, output.writable);
  const writer = input.writable.getWriter();
  const reader = output.readable.getReader();
  for (const [said, heard] of [
    ["one", "ONE"],
    ["two", "TWO"],
  ]) {
    await writer.write(bytes(said));
    equal(new TextDecoder().decode((await reader.read()).value), heard);
  }
  await writer.close();
  equal((await reader.read()).done, true);
  equal(await call, 6);
});

behaviour("7", "two calls can have the ends of one stream", async ({ peer }) => {
  const { readable, writable } = new IdentityTransformStream();
  const writing = peer.writeInto(writable, ["through ", "the caller"]);
  equal(await peer.readAll(readable), "through the caller");
  await writing;
});

behaviour("7", "a WritableStream goes there and back", async ({ peer }) => {
  const sink = textSink();
  const back = await peer.echo({ nested: [sink.stream] });
  const writer = back.nested[0].getWriter();
  await writer.write(bytes("round trip"));
  await writer.close();
  await eventually(() => [sink.text, sink.closed], ["round trip", true], "what was written");
});
