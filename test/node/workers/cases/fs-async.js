/* Descriptors, callbacks and promises of `node:fs` (spec/node.md 5.2). */

import fs from "node:fs";
import promises from "node:fs/promises";
import { thrown } from "../shown.js";

const called = (run) => new Promise((resolve) => run((...args) => resolve(args)));
const text = (path) => fs.readFileSync(path, "utf8");
const shape = (values) =>
  values.map((value) => (value instanceof fs.Stats ? `Stats ${value.size}` : value));

export const cases = {
  descriptors: async () => {
    const fd = fs.openSync("/tmp/f", "w+");
    const next = fs.openSync("/tmp/f", "r");
    const buffer = Buffer.alloc(5);
    return [
      next - fd,
      fs.writeSync(fd, "hello"),
      fs.writeSync(fd, Buffer.from("XYZ"), 1, 1, 0),
      fs.readSync(fd, buffer, 0, 5, 0),
      buffer.toString(),
      fs.readSync(fd, buffer),
      fs.readSync(next, buffer, { offset: 1, length: 2, position: 3 }),
      buffer.toString(),
      fs.readSync(next, buffer, 0, 2, null),
      fs.readSync(next, buffer, 0, 2, null),
      fs.readSync(next, buffer, 0, 5, null),
      fs.readSync(next, buffer, 0, 5, null),
      fs.fstatSync(fd).size,
      fs.closeSync(fd),
      await thrown(() => fs.closeSync(fd)),
      await thrown(() => fs.readSync(fd, buffer)),
      await thrown(() => fs.fstatSync(fd)),
      fs.closeSync(next),
    ];
  },
  "numbers are not used again": () => {
    const a = fs.openSync("/tmp/f");
    fs.closeSync(a);
    const b = fs.openSync("/tmp/f");
    fs.closeSync(b);
    return b - a;
  },
  "bad descriptors": async () => [
    await thrown(() => fs.readSync(99, Buffer.alloc(1))),
    await thrown(() => fs.writeSync(99, "x")),
    await thrown(() => fs.closeSync(99)),
    await thrown(() => fs.fstatSync(99)),
    await thrown(() => fs.ftruncateSync(99)),
    await thrown(() => fs.fsyncSync(99)),
    await thrown(() => fs.futimesSync(99, 1, 1)),
    await thrown(() => fs.fchmodSync(99, 0o600)),
    await thrown(() => fs.fchownSync(99, 1, 1)),
    await thrown(() => fs.closeSync("x")),
    await thrown(() => fs.closeSync(-1)),
    await thrown(() => fs.closeSync(1.5)),
    await thrown(() => fs.readFileSync(99)),
    await thrown(() => fs.writeFileSync(99, "x")),
  ],
  "open errors": async () => [
    await thrown(() => fs.openSync("/tmp/none")),
    await thrown(() => fs.openSync("/tmp/f", "wx")),
    await thrown(() => fs.openSync("/bundle/note.txt", "w")),
    await thrown(() => fs.openSync("/bundle/new", "w")),
    await thrown(() => fs.openSync("/tmp/no/x", "w")),
    await thrown(() => fs.openSync("/tmp", "w")),
    await thrown(() => fs.openSync("/tmp", "r")),
    await thrown(() => fs.openSync("/tmp/f", "zz")),
    await thrown(() => fs.openSync("/tmp/f", "r", "zz")),
    await thrown(() => fs.openSync("/x", "w")),
  ],
  "open flags": () => {
    const out = [];
    fs.writeFileSync("/tmp/of", "abcdef");
    const put = (flag, value) => {
      const fd = fs.openSync("/tmp/of", flag);
      fs.writeSync(fd, value);
      fs.closeSync(fd);
      out.push(text("/tmp/of"));
    };
    put("r+", "X");
    put("a", "Y");
    put("a+", "Z");
    put("w", "12");
    put(fs.constants.O_RDWR, "9");
    put(fs.constants.O_WRONLY | fs.constants.O_APPEND, "8");
    put(fs.constants.O_WRONLY | fs.constants.O_TRUNC, "7");
    put("as", "6");
    put("rs+", "5");
    return out;
  },
  "reading what is open for writing": async () => {
    const fd = fs.openSync("/tmp/ro", "w");
    const out = [await thrown(() => fs.readSync(fd, Buffer.alloc(1)))];
    fs.closeSync(fd);
    return out;
  },
  "writing beyond the end": () => {
    const fd = fs.openSync("/tmp/wb", "w");
    fs.writeSync(fd, "x", 4);
    fs.closeSync(fd);
    return fs.readFileSync("/tmp/wb");
  },
  "write forms": () => {
    const fd = fs.openSync("/tmp/wf", "w+");
    const out = [
      fs.writeSync(fd, "616263", null, "hex"),
      fs.writeSync(fd, "zz", 1),
      fs.writeSync(fd, Buffer.from("0123"), 2),
      fs.writeSync(fd, Buffer.from("0123"), { offset: 1, length: 2, position: 0 }),
      fs.writevSync(fd, [Buffer.from("v"), Buffer.from("w")]),
      fs.writevSync(fd, [Buffer.from("V")], 0),
    ];
    const a = Buffer.alloc(2),
      b = Buffer.alloc(3);
    out.push(fs.readvSync(fd, [a, b], 0), a.toString(), b.toString(), text("/tmp/wf"));
    fs.closeSync(fd);
    return out;
  },
  "read bounds": async () => {
    const fd = fs.openSync("/tmp/wf");
    const b = Buffer.alloc(4);
    const out = [
      await thrown(() => fs.readSync(fd, b, 5, 1, 0)),
      await thrown(() => fs.readSync(fd, b, 0, 9, 0)),
      await thrown(() => fs.readSync(fd, "x")),
      await thrown(() => fs.readSync(fd, b, -1, 1, 0)),
      await thrown(() => fs.writeSync(fd, b, 5)),
      await thrown(() => fs.writeSync(fd, 5)),
      fs.readSync(fd, new Uint8Array(2), 0, 2, 0n),
      fs.readSync(fd, b, 0, 0, 0),
    ];
    fs.closeSync(fd);
    return out;
  },
  "files by descriptor": () => {
    const fd = fs.openSync("/tmp/bd", "w+");
    const out = [
      fs.writeFileSync(fd, "abc"),
      fs.appendFileSync(fd, "d"),
      fs.readFileSync(fd, "utf8"),
      fs.ftruncateSync(fd, 2),
      text("/tmp/bd"),
      fs.futimesSync(fd, 1000, 2000),
      fs.fstatSync(fd).mtimeMs,
      fs.fsyncSync(fd),
      fs.fdatasyncSync(fd),
      fs.fchmodSync(fd, 0o600),
      fs.fchownSync(fd, 1, 1),
    ];
    fs.closeSync(fd);
    return out;
  },
  "a file that is open outlives its name": () => {
    const fd = fs.openSync("/tmp/gone", "w+");
    fs.writeSync(fd, "still");
    fs.unlinkSync("/tmp/gone");
    const b = Buffer.alloc(5);
    const out = [fs.readSync(fd, b, 0, 5, 0), b.toString(), fs.existsSync("/tmp/gone")];
    fs.closeSync(fd);
    return out;
  },
  "standard streams": async () => [
    await thrown(() => fs.closeSync(1)),
    await thrown(() => fs.readSync(0, Buffer.alloc(1))),
    await thrown(() => fs.fstatSync(1).mode),
  ],
  callbacks: async () => [
    await called((done) => fs.writeFile("/tmp/cb", "abc", done)),
    await called((done) => fs.readFile("/tmp/cb", "utf8", done)),
    await called((done) => fs.readFile("/tmp/none", done)),
    shape(await called((done) => fs.stat("/tmp/cb", done))),
    shape(await called((done) => fs.lstat("/tmp/cb", { bigint: false }, done))),
    await called((done) => fs.stat("/tmp/none", done)),
    await called((done) => fs.exists("/tmp/cb", done)),
    await called((done) => fs.access("/tmp/cb", done)),
    await called((done) => fs.access("/tmp/none", fs.constants.R_OK, done)),
    await called((done) => fs.mkdir("/tmp/cbd/a", { recursive: true }, done)),
    await called((done) => fs.readdir("/tmp/cbd", done)),
    await called((done) => fs.appendFile("/tmp/cb", "d", done)),
    await called((done) => fs.copyFile("/tmp/cb", "/tmp/cb2", done)),
    await called((done) => fs.rename("/tmp/cb2", "/tmp/cb3", done)),
    await called((done) => fs.truncate("/tmp/cb3", 1, done)),
    await called((done) => fs.unlink("/tmp/cb3", done)),
    await called((done) => fs.rm("/tmp/cbd", { recursive: true }, done)),
    await called((done) => fs.mkdtemp("/tmp/cbt-", (_, path) => done(typeof path))),
    await called((done) => fs.symlink("/tmp/cb", "/tmp/cbl", done)),
    await called((done) => fs.readlink("/tmp/cbl", done)),
    await called((done) => fs.realpath("/tmp/cbl", done)),
    await called((done) => fs.link("/tmp/cb", "/tmp/cbh", done)),
    await called((done) => fs.utimes("/tmp/cb", 1000, 2000, done)),
    await called((done) => fs.chmod("/tmp/cb", 0o600, done)),
    await called((done) => fs.statfs("/tmp", done)),
    await called((done) => fs.cp("/tmp/cb", "/tmp/cbc", done)),
    await called((done) => fs.rmdir("/tmp/none", done)),
  ],
  "callbacks with descriptors": async () => {
    const [, fd] = await called((done) => fs.open("/tmp/cfd", "w+", done));
    const buffer = Buffer.alloc(3);
    const out = [
      await called((done) => fs.write(fd, "abc", done)),
      await called((done) => fs.write(fd, Buffer.from("xyz"), 0, 1, 0, done)),
      await called((done) => fs.read(fd, buffer, 0, 3, 0, done)),
      await called((done) => fs.read(fd, { buffer: Buffer.alloc(2), position: 1 }, done)),
      await called((done) => fs.read(fd, buffer, done)),
      (await called((done) => fs.read(fd, done))).map((value) =>
        ArrayBuffer.isView(value) ? value.byteLength : value,
      ),
      await called((done) => fs.writev(fd, [Buffer.from("v")], done)),
      await called((done) => fs.readv(fd, [Buffer.alloc(2)], 0, done)),
      shape(await called((done) => fs.fstat(fd, done))),
      await called((done) => fs.ftruncate(fd, 1, done)),
      await called((done) => fs.fsync(fd, done)),
      await called((done) => fs.close(fd, done)),
      await called((done) => fs.close(fd, done)),
      await called((done) => fs.open("/tmp/none", done)),
    ];
    return out;
  },
  "order of callbacks": async () => {
    const order = [];
    const done = called((ready) =>
      fs.readFile("/tmp/cb", () => {
        order.push("file");
        ready();
      }),
    );
    order.push("sync");
    queueMicrotask(() => order.push("microtask"));
    const then = Promise.resolve().then(() => order.push("then"));
    await done;
    await then;
    await null;
    return order;
  },
  "callbacks that are none": async () => [
    await thrown(() => fs.readFile("/tmp/cb")),
    await thrown(() => fs.readFile("/tmp/cb", "utf8", 5)),
    await thrown(() => fs.stat("/tmp/cb")),
    await thrown(() => fs.close(99)),
    await thrown(() => fs.exists("/tmp/cb")),
    await thrown(() => fs.mkdir("/tmp/cbx", {})),
  ],
  "bad arguments with a callback": async () => [
    await thrown(() => fs.readFile("/tmp/cb", "nope", () => {})),
    await thrown(() => fs.stat(undefined, () => {})),
  ],
  promises: async () => {
    const p = promises;
    const out = [
      await p.writeFile("/tmp/p", "abc"),
      await p.readFile("/tmp/p", "utf8"),
      await p.readFile("/tmp/p"),
      await thrown(() => p.readFile("/tmp/none")),
      (await p.stat("/tmp/p")).size,
      await thrown(() => p.stat("/tmp/none")),
      await p.access("/tmp/p"),
      await thrown(() => p.access("/tmp/none")),
      await p.mkdir("/tmp/pd/x", { recursive: true }),
      await p.mkdir("/tmp/pe"),
      await p.readdir("/tmp/pd"),
      await p.appendFile("/tmp/p", "d"),
      await p.copyFile("/tmp/p", "/tmp/p2"),
      await p.rename("/tmp/p2", "/tmp/p3"),
      await p.truncate("/tmp/p3", 1),
      await p.unlink("/tmp/p3"),
      await thrown(() => p.unlink("/tmp/p3")),
      await p.rm("/tmp/pd", { recursive: true }),
      await thrown(() => p.rmdir("/tmp/none")),
      (await p.mkdtemp("/tmp/pt-")).slice(0, 8),
      await p.symlink("/tmp/p", "/tmp/pl"),
      await p.readlink("/tmp/pl"),
      await p.realpath("/tmp/pl"),
      await p.link("/tmp/p", "/tmp/ph"),
      await p.utimes("/tmp/p", 1000, 2000),
      await p.lutimes("/tmp/p", 1000, 2000),
      await p.chmod("/tmp/p", 0o600),
      await p.chown("/tmp/p", 1, 1),
      await p.statfs("/tmp"),
      await p.cp("/tmp/p", "/tmp/pc"),
      (await p.opendir("/tmp")).path,
      await p.lstat("/tmp/pl").then((stats) => stats.isSymbolicLink()),
    ];
    const names = [];
    for await (const name of p.glob("**/*.none", { cwd: "/tmp" })) names.push(name);
    return [
      ...out,
      names,
      await thrown(async () => {
        for await (const event of p.watch("/tmp")) void event;
      }),
      await thrown(() => p.readFile({})),
      p === fs.promises,
      Object.keys(fs.promises).sort(),
    ];
  },
  "promises take signals": async () => [
    await thrown(() => promises.readFile("/tmp/p", { signal: AbortSignal.abort() })),
    await thrown(() => promises.writeFile("/tmp/p", "x", { signal: AbortSignal.abort() })),
  ],
  "promises write iterables": async () => [
    (
      await thrown(() =>
        promises.writeFile(
          "/tmp/it",
          (function* () {
            yield "a";
            yield "b";
          })(),
        ),
      )
    ).code,
    await thrown(() => text("/tmp/it")),
  ],
};
