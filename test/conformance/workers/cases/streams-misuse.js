import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 7: what streams say when they are used as they cannot be */

const bytes = (text) => new TextEncoder().encode(text);
const closed = "This WritableStream has been closed.";
const readableLocked = "This ReadableStream is currently locked to a reader.";
const writableLocked = "This WritableStream is currently locked to a writer.";
const readerReleased = "This ReadableStream reader has been released.";
const writerReleased = "This WritableStream writer has been released.";

const drained = (transform) => {
  transform.readable.pipeTo(new WritableStream()).catch(() => {});
  return transform.writable;
};
const readables = {
  "a stream made in JavaScript": () => new ReadableStream({}),
  "a native stream": () => new Response("text").body,
  "a stream that was received": ({ peer }) => peer.bytes(["text"]),
};
const writables = {
  "a WritableStream made in JavaScript": () => new WritableStream(),
  "a native WritableStream": () => drained(new IdentityTransformStream()),
  "a WritableStream that was received": ({ peer }) => peer.returnWritable("misused"),
};

for (const [what, make] of Object.entries(readables)) {
  behaviour("7", `${what} says that it is locked`, async (scene) => {
    const stream = await make(scene);
    const reader = stream.getReader();
    throws(() => stream.getReader(), "TypeError", readableLocked);
    throws(() => new ReadableStreamDefaultReader(stream), "TypeError", readableLocked);
    throws(() => stream.tee(), "TypeError", /^This ReadableStream is currently locked to a reader/);
    throws(() => stream.pipeThrough(new TransformStream()), "TypeError", readableLocked);
    await rejects(() => stream.cancel(), "TypeError", readableLocked);
    await rejects(() => stream.pipeTo(new WritableStream()), "TypeError", readableLocked);
    await reader.cancel();
  });

  behaviour("7", `the reader of ${what} says that it was released`, async (scene) => {
    const stream = await make(scene);
    const reader = stream.getReader();
    reader.releaseLock();
    await rejects(() => reader.read(), "TypeError", readerReleased);
    await rejects(() => reader.cancel(), "TypeError", readerReleased);
    await rejects(() => reader.closed, "TypeError", readerReleased);
    await stream.cancel();
  });
}

for (const [what, make] of Object.entries(writables)) {
  behaviour("7", `${what} says that it is locked or closed`, async (scene) => {
    const stream = await make(scene);
    const writer = stream.getWriter();
    throws(() => stream.getWriter(), "TypeError", writableLocked);
    throws(() => new WritableStreamDefaultWriter(stream), "TypeError", writableLocked);
    await rejects(() => stream.close(), "TypeError", writableLocked);
    await rejects(() => stream.abort(), "TypeError", writableLocked);
    await writer.close();
    await rejects(() => writer.write(bytes("late")), "TypeError", closed);
    await rejects(() => writer.close(), "TypeError", closed);
  });

  behaviour("7", `the writer of ${what} says that it was released`, async (scene) => {
    const stream = await make(scene);
    const writer = stream.getWriter();
    writer.releaseLock();
    await rejects(() => writer.write(bytes("late")), "TypeError", writerReleased);
    await rejects(() => writer.close(), "TypeError", writerReleased);
    await rejects(() => writer.abort(), "TypeError", writerReleased);
    await rejects(() => writer.closed, "TypeError", writerReleased);
    await stream.close();
  });

  behaviour("7", `a writer that aborted ${what} knows of it`, async (scene) => {
    const isNative = what !== "a WritableStream made in JavaScript";
    const writer = (await make(scene)).getWriter();
    writer.closed.catch(() => {});
    await writer.abort(new RangeError("enough"));
    const [name, text] = isNative ? ["TypeError", closed] : ["RangeError", "enough"];
    await rejects(() => writer.write(bytes("late")), name, text);
    await rejects(() => writer.close(), name, text);
    await rejects(() => writer.closed, "RangeError", "enough");
  });
}

behaviour("7", "close of a stream that has failed rejects with why", async () => {
  const failing = () =>
    new WritableStream({
      write() {
        throw new RangeError("no room");
      },
    });
  const stream = failing();
  const writer = stream.getWriter();
  writer.closed.catch(() => {});
  await rejects(() => writer.write("text"), "RangeError", "no room");
  await rejects(() => writer.close(), "RangeError", "no room");
  await rejects(() => writer.close(), "RangeError", "no room");
  writer.releaseLock();
  await rejects(() => stream.close(), "RangeError", "no room");
});

behaviour("7", "a received WritableStream tells why it failed, then that it has", async (scene) => {
  const writer = (await scene.peer.failingWritable()).getWriter();
  writer.closed.catch(() => {});
  const texts = [];
  while (texts.at(-1) !== closed) {
    try {
      await writer.write(bytes("text"));
    } catch (error) {
      texts.push(error.message);
      check(error.message === closed || error.remote === undefined, "not marked as remote");
    }
  }
  equal(texts[0], "no room");
  await rejects(() => writer.close(), "TypeError", closed);
  await rejects(() => writer.closed, "RangeError", "no room");
});

behaviour("7", "a stream that was read from says so before that it is locked", async (scene) => {
  const stream = await scene.peer.bytes(["text"]);
  const reader = stream.getReader();
  const body = (what) => `This ReadableStream is ${what}, and cannot be used as a body.`;
  throws(() => new Response(stream), "TypeError", body("locked to a reader"));
  await reader.read();
  const disturbed = body("disturbed (has already been read from)");
  throws(() => new Response(stream), "TypeError", disturbed);
  throws(() => new Request("http://x/", { method: "POST", body: stream }), "TypeError", disturbed);
});
