/* Handles and streams of `node:fs` (spec/node.md 5.2). */
import { once } from "node:events";
import fs from "node:fs";
import promises, { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { thrown } from "../shown.js";

const called = (run) => new Promise((resolve) => run((...args) => resolve(args)));
const text = (path) => fs.readFileSync(path, "utf8");

export const cases = {
  handles: async () => {
    const handle = await promises.open("/tmp/h", "w+");
    const out = [
      handle instanceof FileHandle,
      typeof handle.fd,
      await handle.write("hello"),
      await handle.write(Buffer.from("xy"), 0, 1, 0),
      await handle.read(Buffer.alloc(3), 0, 3, 0),
      await handle.read({ buffer: Buffer.alloc(2), position: 3 }),
      await handle.readFile("utf8"),
      await handle.writeFile("new"),
      await handle.appendFile("!"),
      (await handle.stat()).size,
      await handle.truncate(2),
      text("/tmp/h"),
      await handle.utimes(1000, 2000),
      await handle.sync(),
      await handle.datasync(),
      await handle.chmod(0o600),
      await handle.chown(1, 1),
      await handle.writev([Buffer.from("v")], 0),
      await handle.readv([Buffer.alloc(2)], 0),
    ];
    handle.once("close", () => out.push("closed"));
    out.push(
      await handle.close(),
      handle.fd,
      await thrown(() => handle.readFile()),
      await thrown(() => handle.stat()),
      await thrown(() => handle.close()),
      await thrown(() => promises.open("/tmp/none")),
    );
    return out;
  },
  "handles stream": async () => {
    fs.writeFileSync("/tmp/hs", "one\ntwo\n");
    const out = [];
    let handle = await promises.open("/tmp/hs");
    out.push(await new Response(handle.readableWebStream()).text());
    await handle.close();
    handle = await promises.open("/tmp/hs");
    let read = "";
    for await (const chunk of handle.createReadStream({ encoding: "utf8" })) read += chunk;
    out.push(read);
    handle = await promises.open("/tmp/hw", "w");
    const stream = handle.createWriteStream();
    stream.end("written");
    await once(stream, "finish");
    out.push(text("/tmp/hw"));
    return out;
  },
  "lines of a handle": async () => {
    const handle = await promises.open("/tmp/hs");
    return thrown(async () => {
      const lines = [];
      for await (const line of handle.readLines()) lines.push(line);
      return lines;
    });
  },
  "read streams": async () => {
    fs.writeFileSync("/tmp/rs", "0123456789");
    const collect = async (options) => {
      const stream = fs.createReadStream("/tmp/rs", options);
      let out = "";
      for await (const chunk of stream)
        out += typeof chunk === "string" ? `'${chunk}'` : `<${chunk}>`;
      return [out, stream.bytesRead, stream.path, stream.pending, stream.closed];
    };
    return [
      await collect(),
      await collect("utf8"),
      await collect({ start: 2, end: 5 }),
      await collect({ highWaterMark: 4 }),
      await collect({ start: 8 }),
      await collect({ encoding: "hex", end: 1 }),
    ];
  },
  "read stream events": async () => {
    const events = [];
    const stream = fs.createReadStream("/tmp/rs");
    for (const name of ["open", "ready", "end", "close"])
      stream.on(name, (value) => events.push([name, typeof value]));
    stream.resume();
    await once(stream, "close");
    return [
      events,
      stream.constructor.name,
      stream instanceof fs.ReadStream,
      stream.flags,
      stream.mode,
      stream.fd,
      stream.autoClose,
    ];
  },
  "read stream errors": async () => {
    const stream = fs.createReadStream("/tmp/none");
    const [error] = await once(stream, "error");
    return [
      error,
      await thrown(() => fs.createReadStream({})),
      await thrown(() => fs.createReadStream("/tmp/rs", { start: 5, end: 2 })),
      await thrown(() => fs.createReadStream("/tmp/rs", { start: "a" })),
    ];
  },
  "write streams": async () => {
    const write = async (options, first = "one") => {
      const stream = fs.createWriteStream("/tmp/ws", options);
      const events = [];
      for (const name of ["open", "ready", "finish", "close"])
        stream.on(name, () => events.push(name));
      stream.write(first);
      stream.end(" two");
      await once(stream, "close");
      return [
        text("/tmp/ws"),
        stream.bytesWritten,
        stream.path,
        events,
        stream.constructor.name,
        stream.pending,
      ];
    };
    return [
      await write(),
      await write({ flags: "a" }),
      await write({ flags: "r+", start: 2 }),
      await write("utf8", "é"),
      await write({ encoding: "hex" }, "61"),
    ];
  },
  "write stream errors": async () => {
    const [error] = await once(fs.createWriteStream("/tmp/no/x"), "error");
    const [other] = await once(fs.createWriteStream("/bundle/x"), "error");
    return [error, other];
  },
  "copying with streams": async () => {
    fs.writeFileSync("/tmp/big", Buffer.alloc(300_000, "ab"));
    await pipeline(fs.createReadStream("/tmp/big"), fs.createWriteStream("/tmp/big2"));
    return [
      fs.statSync("/tmp/big2").size,
      fs.readFileSync("/tmp/big2").equals(fs.readFileSync("/tmp/big")),
    ];
  },
  "streams on a descriptor": async () => {
    const fd = fs.openSync("/tmp/rs");
    let out = "";
    for await (const chunk of fs.createReadStream(null, { fd, encoding: "utf8" })) out += chunk;
    return [out, await thrown(() => fs.closeSync(fd))];
  },
  "classes of streams": () => [
    fs.ReadStream.name,
    fs.WriteStream.name,
    fs.FileReadStream === fs.ReadStream,
    fs.FileWriteStream === fs.WriteStream,
    Object.getPrototypeOf(fs.ReadStream).name,
    Object.getPrototypeOf(fs.WriteStream).name,
    new fs.ReadStream("/tmp/rs") instanceof fs.ReadStream,
  ],
  "closing a stream": async () => {
    const stream = fs.createReadStream("/tmp/rs");
    await once(stream, "open");
    const [error] = await called((done) => stream.close(done));
    return [error?.message, stream.destroyed];
  },
  "the store follows": async () => {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    const store = new AsyncLocalStorage();
    return store.run(7, async () => [
      await called((done) => fs.readFile("/tmp/rs", () => done(store.getStore()))),
      (await promises.readFile("/tmp/rs"), store.getStore()),
    ]);
  },
  promisified: async () => {
    const { promisify } = await import("node:util");
    return [
      await promisify(fs.readFile)("/tmp/rs", "utf8"),
      await promisify(fs.exists)("/tmp/rs"),
      await promisify(fs.exists)("/tmp/none"),
      await thrown(() => promisify(fs.read)(99, Buffer.alloc(1))),
    ];
  },
};
