/* `node:stream` and its parts (spec/node.md 6.5). */
import stream, { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import consumers from "node:stream/consumers";
import promises from "node:stream/promises";
import { thrown } from "../shown.js";

const collect = async (readable) => {
  const parts = [];
  for await (const part of readable) parts.push(part);
  return parts;
};

export const cases = {
  "high-water marks": () => [
    stream.getDefaultHighWaterMark(false),
    stream.getDefaultHighWaterMark(true),
    new Readable().readableHighWaterMark,
    new Writable({ objectMode: true }).writableHighWaterMark,
  ],
  pipelines: async () => {
    const upper = new Transform({
      transform(chunk, _encoding, done) {
        done(null, String(chunk).toUpperCase());
      },
    });
    const out = [];
    await promises.pipeline(Readable.from(["a", "b"]), upper, async (source) => {
      for await (const chunk of source) out.push(String(chunk));
    });
    return [
      out,
      await thrown(() =>
        promises.pipeline(
          new Readable({
            read() {
              this.destroy(new Error("source"));
            },
          }),
          new PassThrough(),
        ),
      ),
      await thrown(() => promises.pipeline(Readable.from([]))),
    ];
  },
  helpers: async () => [
    await Readable.from([1, 2, 3])
      .map((x) => x * 2)
      .filter((x) => x > 2)
      .toArray(),
    await Readable.from([1, 2, 3]).reduce((a, b) => a + b, 0),
    await Readable.from([1, 2, 3]).some((x) => x > 2),
    await Readable.from([1, 2, 3]).take(2).toArray(),
    await Readable.from([1, 2, 3]).drop(2).toArray(),
    await Readable.from([[1], [2]])
      .flatMap((x) => [...x])
      .toArray(),
    await Readable.from(["a", "b"]).asIndexedPairs().toArray(),
  ],
  consumers: async () => [
    await consumers.text(Readable.from(["a", "b"])),
    await consumers.json(Readable.from(['{"a":1}'])),
    await consumers.buffer(Readable.from([Buffer.from("x")])),
    (await consumers.arrayBuffer(Readable.from([Buffer.from("xy")]))).byteLength,
    (await consumers.blob(Readable.from([Buffer.from("xyz")]))).size,
    typeof consumers.bytes,
    await consumers.text(new Blob(["web"]).stream()),
  ],
  "web streams": async () => [
    await consumers.text(Readable.fromWeb(new Blob(["from"]).stream())),
    await new Response(Readable.toWeb(Readable.from([Buffer.from("to")]))).text(),
    stream.isReadable(new ReadableStream()),
    stream.isErrored(new ReadableStream()),
    await thrown(() => stream.addAbortSignal(new AbortController().signal, new ReadableStream())),
    await collect(Duplex.from(new Blob(["duplex"]).stream())).then((parts) =>
      Buffer.concat(parts.map((x) => Buffer.from(x))).toString(),
    ),
  ],
  endings: async () => {
    const cut = new Readable({ read() {} });
    const early = promises.finished(cut);
    cut.destroy();
    const writable = new Writable({
      write(_chunk, _encoding, done) {
        done();
      },
    });
    writable.end();
    const late = new Promise((resolve) => writable.on("error", resolve));
    writable.write("x");
    const signal = AbortSignal.abort();
    return [
      await thrown(() => early),
      await late,
      await thrown(() => promises.finished(new Readable({ read() {}, signal }))),
      await thrown(() => promises.pipeline(Readable.from(["a"]), new PassThrough(), { signal })),
      stream.isDisturbed(Readable.from([])),
      stream.isDestroyed?.(cut),
    ];
  },
  "wrong arguments": async () => [
    await thrown(() => new Writable().write(null)),
    await thrown(() => new Writable({ write() {} }).write(5)),
    await thrown(() => Readable.from(5)),
    await thrown(() => new Readable().setEncoding("nope")),
    await thrown(() => stream.finished(5, () => {})),
    await thrown(() => stream.pipeline(5)),
    await thrown(() => new Readable({ highWaterMark: -1 })),
  ],
  pairs: async () => {
    const [a, b] = stream.duplexPair();
    a.end("hello");
    return [
      await consumers.text(b),
      await collect(stream.compose(Readable.from(["x"]), new PassThrough())).then((x) =>
        x.map(String),
      ),
    ];
  },
  "the first data": async () => {
    const order = [];
    const readable = new Readable({
      read() {
        this.push("x");
        this.push(null);
      },
    });
    readable.on("data", () => order.push("data"));
    readable.on("end", () => order.push("end"));
    const closed = new Promise((resolve) => readable.on("close", resolve));
    order.push("sync");
    await closed;
    return order;
  },
  "the parts of streams": () => [
    stream === stream.Stream,
    stream.Stream.Readable === Readable,
    typeof stream._isUint8Array,
    stream.promises === promises,
    new Readable().domain,
  ],
};
