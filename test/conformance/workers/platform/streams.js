import { behaviour, equal, rejects, throws } from "../harness.js";

/* spec/platform.md 9: streams where production differs from the standard, or the standard leaves it open */

const closed = "This WritableStream has been closed.";
const lost = "Network connection lost.";
const bytes = (count) => new Uint8Array(count).fill(65);
const quiet = (promise) => {
  promise.catch(() => {});
  return promise;
};
const identity = () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  quiet(writer.closed);
  return { readable, writer };
};

behaviour("9.5", "a native stream has one pending read, and its lock stays with it", async () => {
  const { readable, writer } = identity();
  const reader = readable.getReader();
  const first = reader.read();
  const one = "This ReadableStream only supports a single pending read request at a time.";
  await rejects(() => reader.read(), "TypeError", one);
  const held = "Cannot call releaseLock() on a reader with outstanding read promises.";
  throws(() => reader.releaseLock(), "TypeError", held);
  equal(readable.locked, true);
  await writer.write(bytes(1));
  equal((await first).value.byteLength, 1);
});

behaviour(
  "9.5",
  "a write into an IdentityTransformStream is done when all of it was read",
  async () => {
    const { readable, writer } = identity();
    let isWritten = false;
    const write = writer.write(bytes(10)).then(() => {
      isWritten = true;
    });
    const reader = readable.getReader({ mode: "byob" });
    equal((await reader.read(new Uint8Array(4))).value.byteLength, 4);
    equal(isWritten, false);
    equal((await reader.read(new Uint16Array(8))).value.constructor, Uint8Array);
    await write;
  },
);

behaviour(
  "9.5",
  "an IdentityTransformStream takes bytes and strings alone, and goes on",
  async () => {
    const { readable, writer } = identity();
    await rejects(
      () => writer.write({}),
      "TypeError",
      "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.",
    );
    await writer.write("");
    await writer.write(new Uint8Array(0));
    const write = writer.write("é");
    equal([...(await readable.getReader().read()).value], [195, 169]);
    await write;
    equal(writer.desiredSize, 1);
  },
);

behaviour("9.5", "with a highWaterMark an IdentityTransformStream counts bytes", async () => {
  const { readable, writable } = new IdentityTransformStream({ highWaterMark: 10 });
  const writer = writable.getWriter();
  const sizes = [writer.desiredSize];
  const writes = [writer.write(bytes(4))];
  sizes.push(writer.desiredSize);
  writes.push(writer.write(bytes(8)));
  sizes.push(writer.desiredSize);
  const reader = readable.getReader();
  await reader.read();
  await writer.ready;
  sizes.push(writer.desiredSize);
  await reader.read();
  await Promise.all(writes);
  sizes.push(writer.desiredSize);
  equal(sizes, [10, 6, -2, 2, 10]);
});

behaviour(
  "9.5",
  "an aborted native stream tells who waits why, and others that it is lost",
  async () => {
    const waiting = identity();
    const read = quiet(waiting.readable.getReader().read());
    await waiting.writer.abort(new RangeError("why"));
    await rejects(() => read, "RangeError", "why");
    const { readable, writer } = identity();
    const write = quiet(writer.write(bytes(3)));
    await writer.abort(new RangeError("why"));
    await rejects(() => write, "RangeError", "why");
    await rejects(() => writer.closed, "RangeError", "why");
    await writer.ready;
    equal(writer.desiredSize, 0);
    await rejects(() => readable.getReader().read(), "Error", lost);
    await rejects(() => writer.write(bytes(1)), "TypeError", closed);
  },
  { dates: ["newest", "2025"] },
);

behaviour("9.5", "a cancelled native stream tells its writer why, as an Error", async () => {
  for (const [reason, name, text] of [
    [new RangeError("why"), "RangeError", "why"],
    [undefined, "Error", "Stream was cancelled."],
    ["text", "Error", "text"],
  ]) {
    const { readable, writer } = identity();
    const write = quiet(writer.write(bytes(3)));
    await readable.cancel(reason);
    await rejects(() => write, name, text);
    await rejects(() => writer.closed, name, text);
    await rejects(() => writer.write(bytes(1)), "TypeError", closed);
  }
});

behaviour("9.5", "readAtLeast and min wait for so many bytes, or the end", async () => {
  const { readable, writer } = identity();
  const reader = readable.getReader({ mode: "byob" });
  const read = reader.readAtLeast(5, new Uint8Array(8));
  await writer.write(bytes(3));
  await writer.write(bytes(3));
  equal((await read).value.byteLength, 6);
  const last = reader.read(new Uint8Array(8), { min: 5 });
  await writer.write(bytes(2));
  await writer.close();
  const { value, done } = await last;
  equal([value.byteLength, done], [2, false]);
  const end = await reader.readAtLeast(5, new Uint8Array(8));
  equal(end.done, true);
});

const tooMany = "Attempt to write too many bytes through a FixedLengthStream.";
const tooFew = "FixedLengthStream did not see all expected bytes before close().";

behaviour(
  "9.5",
  "a FixedLengthStream fails its reader for too many bytes and too few",
  async () => {
    const few = new FixedLengthStream(3);
    const fewWriter = few.writable.getWriter();
    const reader = few.readable.getReader();
    await Promise.all([fewWriter.write(bytes(2)), reader.read()]);
    const read = quiet(reader.read());
    await fewWriter.close();
    await rejects(() => read, "TypeError", tooFew);
    const many = new FixedLengthStream(3n);
    const writer = many.writable.getWriter();
    quiet(writer.closed);
    const first = quiet(many.readable.getReader().read());
    await writer.write(bytes(4));
    await rejects(() => first, "TypeError", tooMany);
    await rejects(() => writer.write(bytes(1)), "TypeError", tooMany);
    await rejects(() => writer.close(), "TypeError", closed);
  },
);

async function decompressed(chunks) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  quiet(writer.closed);
  const text = quiet(new Response(readable).text());
  const results = [];
  for (const chunk of chunks) results.push(await outcome(writer.write(chunk)));
  results.push(await outcome(writer.close()));
  return [...results, await outcome(text)];
}

const outcome = (promise) =>
  promise.then(
    (value) => value ?? "ok",
    (error) => `${error.name}: ${error.message}`,
  );

behaviour("9.6", "a DecompressionStream says what is wrong with its data", async () => {
  const body = new Response("hello").body.pipeThrough(new CompressionStream("gzip"));
  const zipped = new Uint8Array(await new Response(body).arrayBuffer());
  const failed = "TypeError: Decompression failed.";
  const incomplete = "TypeError: Called close() on a decompression stream with incomplete data";
  const trailing = "TypeError: Trailing bytes after end of compressed data";
  const isClosed = `TypeError: ${closed}`;
  equal(await decompressed([zipped]), ["ok", "ok", "hello"]);
  equal(await decompressed([zipped.slice(0, 4), zipped.slice(4)]), ["ok", "ok", "ok", "hello"]);
  equal(await decompressed([bytes(30)]), [failed, isClosed, failed]);
  equal(await decompressed([zipped.slice(0, 10)]), ["ok", incomplete, incomplete]);
  equal(await decompressed([]), [incomplete, incomplete]);
  equal(await decompressed([zipped, bytes(3)]), ["ok", trailing, isClosed, trailing]);
  const twice = new Uint8Array([...zipped, ...zipped]);
  equal(await decompressed([twice]), [trailing, isClosed, trailing]);
});

behaviour("9.6", "a CompressionStream does not wait for its reader", async () => {
  const { readable, writable } = new CompressionStream("deflate");
  const writer = writable.getWriter();
  await writer.write(bytes(100_000));
  await writer.close();
  const plain = readable.pipeThrough(new DecompressionStream("deflate"));
  equal((await new Response(plain).arrayBuffer()).byteLength, 100_000);
  throws(
    () => new CompressionStream("br"),
    "TypeError",
    "The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.",
  );
});

behaviour("9.6", "text streams join characters over chunks and say what is no text", async () => {
  const encoder = new TextEncoderStream();
  const writer = encoder.writable.getWriter();
  for (const chunk of ["a\ud83d", "\ude00", 5, "\ud83d"]) quiet(writer.write(chunk));
  quiet(writer.close());
  const chunks = [];
  for await (const chunk of encoder.readable) chunks.push([...chunk]);
  equal(chunks, [[97], [240, 159, 152, 128], [53], [239, 191, 189]]);
  const decoder = new TextDecoderStream("utf-8", { fatal: true });
  const into = decoder.writable.getWriter();
  quiet(into.closed);
  const read = quiet(decoder.readable.getReader().read());
  quiet(into.write(new Uint8Array([0xff])));
  await rejects(() => read, "TypeError", "Failed to decode input.");
  throws(() => new TextDecoderStream("nope"), "RangeError", '"nope" is not a valid encoding.');
  equal(encoder instanceof TransformStream, true);
});

behaviour("9.2", "a start() that throws makes a failed stream, not an exception", async () => {
  const failing = {
    start() {
      throw new RangeError("start");
    },
  };
  await rejects(() => new ReadableStream(failing).getReader().read(), "RangeError", "start");
  await rejects(() => new WritableStream(failing).getWriter().write(1), "RangeError", "start");
  const { readable } = new TransformStream(failing);
  await rejects(() => readable.getReader().read(), "RangeError", "start");
});

behaviour("9.2", "constructors of streams say what is wrong with their arguments", () => {
  const field = (name, type) =>
    `Incorrect type for the '${name}' field on '${type}': the provided value is not of type 'function'.`;
  const integer = "The value cannot be converted because it is not an integer.";
  throws(() => new ReadableStream({ pull: 5 }), "TypeError", field("pull", "UnderlyingSource"));
  throws(
    () => new WritableStream({}, { size: 5 }),
    "TypeError",
    field("size", "StreamQueuingStrategy"),
  );
  throws(() => new ReadableStream({}, { highWaterMark: Infinity }), "TypeError", integer);
  throws(() => new TransformStream({}, { highWaterMark: "x" }), "TypeError", integer);
  throws(
    () => new ReadableStream(5),
    "TypeError",
    "Failed to construct 'ReadableStream': constructor parameter 1 is not of type 'UnderlyingSource'.",
  );
  equal(new ReadableStream(null).locked, false);
});

behaviour(
  "9.4",
  "cancelling both branches of a tee gives the source the second reason",
  async () => {
    let reason;
    const stream = new ReadableStream({
      cancel(given) {
        reason = given;
      },
    });
    const [one, other] = stream.tee();
    await Promise.all([one.cancel("first"), other.cancel("second")]);
    equal(reason, "second");
  },
);
