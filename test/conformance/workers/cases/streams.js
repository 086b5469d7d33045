import { behaviour, check, equal, eventually, rejects } from "../harness.js";
import { newKey } from "../targets.js";

const read = (stream) => new Response(stream).text();

behaviour("7", "a byte stream comes back from a call", async ({ peer }) => {
  const stream = await peer.bytes(["a", "bc", "def"]);
  check(stream instanceof ReadableStream, "a ReadableStream");
  equal(await read(stream), "abcdef");
});

behaviour("7", "a byte stream goes out as an argument", async ({ peer }) => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("sent "));
      controller.enqueue(new TextEncoder().encode("along"));
      controller.close();
    },
  });
  equal(await peer.readAll(stream), "sent along");
  equal(stream.locked, true, "locked");
});

behaviour("7", "string chunks arrive as bytes", async ({ peer }) => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue("text");
      controller.close();
    },
  });
  equal(await peer.readAll(stream), "text");
});

behaviour("7", "chunks without bytes are passed over", async ({ peer }) => {
  const stream = new ReadableStream({
    start(controller) {
      for (const chunk of ["", "one", new Uint8Array(0), new ArrayBuffer(0), "two", ""]) {
        controller.enqueue(chunk);
      }
      controller.close();
    },
  });
  equal(await peer.readAll(stream), "onetwo");
  equal(await read(await peer.bytes(["", "a", ""])), "a");
  equal(await peer.readAll(await peer.bytes([""])), "");
});

behaviour("7", "streams may be nested and several", async ({ peer }) => {
  using back = await peer.echo({
    one: await peer.bytes(["1"]),
    list: [await peer.bytes(["2"])],
  });
  equal([await read(back.one), await read(back.list[0])], ["1", "2"]);
});

behaviour("7", "a locked stream is refused before anything happens", async ({ peer }) => {
  const stream = new ReadableStream();
  stream.getReader();
  await rejects(
    () => peer.readAll(stream),
    "TypeError",
    "The ReadableStream has been locked to a reader.",
  );
});

behaviour("7", "a source that fails breaks the reader", async ({ peer }) => {
  const stream = await peer.failingStream();
  await rejects(
    () => read(stream),
    "Error",
    "ReadableStream received over RPC disconnected prematurely.",
  );
});

behaviour("7", "cancelling at the receiver cancels the source", async ({ peer }) => {
  const key = newKey();
  const stream = await peer.endlessStream(key);
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await eventually(async () => [...(await peer.journal(key))], ["cancelled"], "journal");
});

behaviour("7", "a large stream arrives whole", async ({ peer }) => {
  const size = 3_000_000;
  let left = size;
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = Math.min(left, 100_000);
      left -= chunk;
      controller.enqueue(new Uint8Array(chunk).fill(7));
      if (left === 0) controller.close();
    },
  });
  const back = await peer.echo(stream);
  const bytes = new Uint8Array(await new Response(back).arrayBuffer());
  equal(bytes.length, size);
  check(
    bytes.every((byte) => byte === 7),
    "every byte",
  );
});

behaviour("7", "a WritableStream gives the callee a byte sink", async ({ peer }) => {
  const chunks = [];
  let closed = false;
  const stream = new WritableStream({
    write(chunk) {
      chunks.push(new TextDecoder().decode(chunk));
    },
    close() {
      closed = true;
    },
  });
  await peer.writeInto(stream, ["x", "yz"]);
  await eventually(() => [chunks.join(""), closed], ["xyz", true], "what was written");
});

behaviour("7", "a failing sink rejects later writes with its error", async ({ peer }) => {
  const stream = new WritableStream({
    write() {
      throw new RangeError("sink failed");
    },
  });
  await rejects(() => peer.writeUntilFailure(stream), "RangeError", "sink failed");
});

behaviour("7", "aborting at the receiver aborts the sink", async ({ peer }) => {
  let reason;
  const stream = new WritableStream({
    abort(error) {
      reason = error;
    },
  });
  await peer.abortInto(stream);
  await eventually(
    () => reason?.message,
    "WritableStream received over RPC was disconnected because the remote execution context has ended.",
    "reason",
  );
});

behaviour("7", "patched stream methods are not observed", async ({ peer }) => {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([65]));
      controller.close();
    },
  });
  stream.getReader = () => {
    throw new Error("observed");
  };
  equal(await peer.readAll(stream), "A");
});

/* 2.6: signals */

behaviour(
  "2.6",
  "an aborted signal arrives aborted, with its reason",
  async ({ peer }) => {
    const result = await peer.aborted(AbortSignal.abort("why"));
    equal([result.aborted, result.reason], [true, "why"]);
  },
  { date: "modern" },
);

behaviour(
  "2.6",
  "aborting later aborts the clone",
  async ({ peer }) => {
    const controller = new AbortController();
    const promise = peer.waitForAbort(controller.signal);
    controller.abort("later");
    equal(await promise, "aborted: later");
  },
  { date: "modern", not: ["forwarded"] },
);

behaviour(
  "2.6",
  "a signal needs the flag",
  async ({ peer }) => {
    await rejects(
      () => peer.aborted(new AbortController().signal),
      "DataCloneError",
      "AbortSignal serialization is not enabled.",
    );
  },
  { date: "legacy" },
);
