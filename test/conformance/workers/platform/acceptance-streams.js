import { behaviour, equal, rejects } from "../harness.js";

/* 21: points 20 and 21 of acceptance */

behaviour("21", "20: an IdentityTransformStream carries strings, one read at a time", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const text = new Response(readable).text();
  await writer.write("written ");
  await writer.write("as text");
  await writer.close();
  equal(await text, "written as text");
  const other = new IdentityTransformStream();
  const reader = other.readable.getReader();
  const first = reader.read();
  await rejects(
    () => reader.read(),
    "TypeError",
    "This ReadableStream only supports a single pending read request at a time.",
  );
  let isWritten = false;
  const writing = other.writable.getWriter();
  const done = writing.write("x").then(() => {
    isWritten = true;
  });
  equal(new TextDecoder().decode((await first).value), "x");
  await done;
  equal(isWritten, true);
});

behaviour("21", "20: write() waits for the read", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const order = [];
  const written = writable
    .getWriter()
    .write("x")
    .then(() => order.push("written"));
  await scheduler.wait(1);
  order.push("reading");
  await readable.getReader().read();
  await written;
  equal(order, ["reading", "written"]);
});

behaviour("21", "21: a FixedLengthStream as a body has its Content-Length", async ({ env }) => {
  const { readable, writable } = new FixedLengthStream(3);
  const writer = writable.getWriter();
  const [response] = await Promise.all([
    env.SELF.fetch("http://self/requests/echo", { method: "POST", body: readable }),
    writer.write("abc").then(() => writer.close()),
  ]);
  equal((await response.json()).headers["content-length"], "3");
});

behaviour("21", "21: a FixedLengthStream says what is missing and what is too much", async () => {
  const short = new FixedLengthStream(3);
  const shortWriter = short.writable.getWriter();
  const text = "FixedLengthStream did not see all expected bytes before close().";
  const read = new Response(short.readable).text();
  const isRefused = rejects(() => read, "TypeError", text);
  await shortWriter.write("ab");
  await shortWriter.close().catch(() => {});
  await isRefused;
  const long = new FixedLengthStream(3);
  const longWriter = long.writable.getWriter();
  const failed = new Response(long.readable).text().catch((error) => error.message);
  await longWriter.write("abcd").catch(() => {});
  await longWriter.close().catch(() => {});
  equal(await failed, "Attempt to write too many bytes through a FixedLengthStream.");
});
