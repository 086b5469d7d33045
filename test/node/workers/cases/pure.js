/* Modules that touch nothing outside (spec/node.md 6, 4.3, 4.4). */
import assert from "node:assert";
import buffer from "node:buffer";
import events from "node:events";
import os from "node:os";
import path from "node:path";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import url from "node:url";
import util from "node:util";
import zlib from "node:zlib";
import { thrown } from "../shown.js";

const called = (run) => new Promise((resolve) => run((...args) => resolve(args)));
const first = async (run) => {
  const error = await thrown(run);
  return error === "nothing" ? error : { ...error, message: error.message.split("\n")[0] };
};

export const cases = {
  "assert is strict": async () => [
    await first(() => assert.equal(1, "1")),
    await first(() => assert.equal(null, undefined)),
    await first(() => assert.equal(0, -0)),
    await first(() => assert.deepEqual({ a: 1 }, { a: "1" })),
    await first(() => assert.notEqual(1, "1")),
    await first(() => assert.notDeepEqual({ a: 1 }, { a: "1" })),
    await first(() => assert.notStrictEqual(1, 1)),
  ],
  "assert.ok": async () => [
    await thrown(() => assert.ok(0)),
    await thrown(() => assert(0)),
    await thrown(() => assert.ok()),
    await thrown(() => assert.ok(0, "why")),
    await thrown(() => assert.ok(0, new TypeError("mine"))),
  ],
  "assert.fail": async () => [
    await thrown(() => assert.fail()),
    await thrown(() => assert.fail("why")),
    await thrown(() => assert.fail(new TypeError("mine"))),
    await thrown(() => assert.fail(1, 2, "three", "op")),
  ],
  "assert.match": async () => [
    await thrown(() => assert.match("abc", /x/)),
    await thrown(() => assert.doesNotMatch("abc", /a/)),
    await thrown(() => assert.match("abc", /b/)),
    await first(() => assert.match(5, /b/)),
  ],
  "assert.throws": async () => [
    await thrown(() => assert.throws(() => {})),
    await thrown(() =>
      assert.throws(() => {
        throw new Error("x");
      }),
    ),
    await first(() =>
      assert.throws(() => {
        throw new Error("x");
      }, /y/),
    ),
    await thrown(() =>
      assert.throws(() => {
        throw new Error("x");
      }, /x/),
    ),
    await first(() =>
      assert.doesNotThrow(() => {
        throw new Error("x");
      }),
    ),
    await thrown(() => assert.ifError(null)),
    await first(() => assert.ifError(new Error("x"))),
  ],
  "assert.rejects": async () => {
    // biome-ignore lint/suspicious/noThenProperty: as an RPC promise, which is a function
    const then = Object.assign(() => {}, { then: (_ok, fail) => fail(new Error("no")) });
    return [
      await thrown(() => assert.rejects(Promise.resolve())),
      await thrown(() => assert.rejects(Promise.reject(new Error("x")))),
      await thrown(() =>
        assert.rejects(async () => {
          throw new Error("x");
        }, /x/),
      ),
      await thrown(() => assert.rejects(() => then)),
      await first(() => assert.rejects(() => 5)),
      await first(() => assert.doesNotReject(Promise.reject(new Error("x")))),
      await thrown(() => assert.doesNotReject(Promise.resolve())),
    ];
  },
  "assert's members": () => [
    assert.strict === assert,
    typeof assert.Assert,
    typeof assert.CallTracker,
    assert.equal === assert.strictEqual,
    assert.deepEqual === assert.deepStrictEqual,
  ],
  "a given message": async () => [
    await thrown(() => assert.equal(1, 2, "mine")),
    await thrown(() => assert.deepEqual({}, { a: 1 }, new TypeError("mine"))),
  ],
  buffers: async () => [
    Buffer.poolSize,
    Buffer.from("abc").buffer.byteLength,
    Buffer.from("abc").byteOffset,
    Buffer.allocUnsafe(100).every((byte) => byte === 0),
    Buffer.concat([Buffer.from("a"), Buffer.from("b")]).buffer.byteLength,
    buffer.kMaxLength,
    buffer.constants,
    await thrown(() => Buffer.alloc(2 ** 40)),
    await thrown(() => Buffer.from(5)),
    await thrown(() => Buffer.from(null)),
    typeof Buffer.copyBytesFrom,
    Buffer.from("a").parent,
    await thrown(() => buffer.resolveObjectURL("blob:x")),
    await thrown(() => buffer.transcode(Buffer.from("€"), "utf8", "nope")),
    buffer.transcode(Buffer.from("é"), "utf8", "latin1"),
    typeof buffer.SlowBuffer,
    buffer.isUtf8(Buffer.from([255])),
    buffer.isAscii(Buffer.from("a")),
    buffer.INSPECT_MAX_BYTES,
  ],
  base64: async () => [
    await thrown(() => buffer.atob("*")),
    await thrown(() => buffer.btoa("€")),
    buffer.Blob === Blob,
    buffer.File === File,
    buffer.atob === atob,
  ],
  paths: () => [
    path.resolve("x"),
    path.win32.resolve("x"),
    path.posix === path,
    url.pathToFileURL("x").href,
    path.matchesGlob?.("a/b", "a/*"),
    typeof path._makeLong,
    path.relative("", "a"),
  ],
  urls: async () => [
    await thrown(() => url.fileURLToPath("file://host/x")),
    await thrown(() => url.fileURLToPath("http://a/")),
    url.fileURLToPath("file:///a%20b"),
    await thrown(() => url.parse("http://a:b:c/")),
    typeof url.URLPattern,
    url.URL === URL,
    url.domainToASCII("español.com"),
    typeof url.toPathIfFileURL,
  ],
  "the machine": () => [
    os.EOL,
    os.arch(),
    os.platform(),
    os.type(),
    os.release(),
    os.version(),
    os.machine(),
    os.endianness(),
    os.hostname(),
    os.homedir(),
    os.tmpdir(),
    os.cpus(),
    os.availableParallelism(),
    os.totalmem(),
    os.freemem(),
    os.uptime(),
    os.loadavg(),
    os.networkInterfaces(),
    os.userInfo(),
    os.getPriority(),
    os.devNull,
    Object.isFrozen(os.constants),
    os.constants.signals.SIGINT,
    os.constants.errno.ECONNREFUSED,
  ],
  "os refusals": async () => [
    await thrown(() => os.setPriority("x")),
    await thrown(() => os.userInfo({ encoding: 5 })),
    await thrown(() => os.userInfo({ encoding: "buffer" })),
  ],
  timers: async () => [
    setTimeout(() => {}, 0).constructor.name,
    Object.getOwnPropertyNames(Object.getPrototypeOf(timers.setTimeout(() => {}, 0))).sort(),
    timers.setImmediate(() => {}).constructor.name,
    timers.setTimeout === setTimeout,
    await thrown(() => timers.setTimeout(5)),
    await thrown(() => timers.enroll({}, 1)),
    typeof timers.active,
    typeof timers.unenroll,
    await thrown(() => util.promisify(timers.setTimeout)(1)),
    timers.clearTimeout("5"),
    typeof +timers.setTimeout(() => {}, 0),
  ],
  "timers as promises": async () => [
    await timersPromises.setTimeout(1, "a"),
    await timersPromises.setImmediate("b"),
    await thrown(() => timersPromises.setTimeout(1, 1, { signal: AbortSignal.abort() })),
    await timersPromises.scheduler.wait(1),
    await timersPromises.scheduler.yield(),
    timers.promises === timersPromises,
  ],
  order: async () => {
    const order = [];
    await new Promise((resolve) => {
      setTimeout(() => {
        order.push("timeout");
        resolve();
      }, 0);
      setImmediate(() => order.push("immediate"));
      queueMicrotask(() => order.push("microtask"));
      process.nextTick(() => order.push("tick"));
    });
    return order;
  },
  emitters: async () => {
    const emitter = new events.EventEmitter();
    return [
      emitter.domain,
      Object.hasOwn(emitter, "domain"),
      events.usingDomains,
      events.getEventListeners(new EventTarget(), "x"),
      await thrown(() => emitter.emit("error", new Error("x"))),
      await thrown(() => emitter.emit("error", 5)),
      await thrown(() => emitter.on("x", 5)),
      new events.EventEmitterAsyncResource({ name: "x" }).asyncId,
      events.defaultMaxListeners,
    ];
  },
  "util refusals": async () => [
    await thrown(() => util.parseArgs({})),
    await thrown(() => util._errnoException(1)),
    await thrown(() => util._exceptionWithHostPort(1)),
    typeof util.debounce,
    await first(() => util.inherits(null)),
    util.isArray([]),
    util.isRegExp(/x/),
    typeof util.getCallSite,
    typeof util.getCallSites,
  ],
  "util of Node 22": () => [
    util.stripVTControlCharacters("\u001b[31mx\u001b[0m"),
    util.styleText("red", "x"),
    util.parseEnv("A=1\nB='x y'"),
    new util.MIMEType("text/html; charset=utf-8").essence,
    util.format("%s %d %j", "a", 1, { a: 1 }),
    util.inspect({ a: [1, { b: new Map([[1, 2]]) }] }),
    util.types.isDate(new Date()),
    util.toUSVString("a\ud800"),
  ],
  zlib: async () => [
    zlib.gunzipSync(zlib.gzipSync("text")).toString(),
    zlib.brotliDecompressSync(zlib.brotliCompressSync("text")).toString(),
    zlib.inflateRawSync(zlib.deflateRawSync("text")).toString(),
    zlib.crc32("text"),
    await thrown(() => zlib.gunzipSync(Buffer.from("garbage"))),
    await thrown(() => zlib.inflateSync(Buffer.from("garbage"))),
    await thrown(() => zlib.brotliDecompressSync(Buffer.from("garbage"))),
    await thrown(() => zlib.gzipSync(5)),
    await thrown(() => zlib.gunzipSync(zlib.gzipSync("a".repeat(1000)), { maxOutputLength: 10 })),
    zlib.Z_BEST_SPEED,
    zlib.constants.Z_BEST_SPEED,
    zlib.codes.Z_OK,
  ],
  "zlib later": async () => [
    (await called((done) => zlib.gzip("text", done))).length,
    (await called((done) => zlib.gunzip(Buffer.from("garbage"), done)))[0],
    (await util.promisify(zlib.gunzip)(zlib.gzipSync("x"))).toString(),
  ],
  "order of zlib": async () => {
    const order = [];
    const done = called((ready) =>
      zlib.gzip("x", () => {
        order.push("gzip");
        ready();
      }),
    );
    order.push("sync");
    queueMicrotask(() => order.push("microtask"));
    await done;
    return order;
  },
  "zlib streams": async () => {
    const { Readable } = await import("node:stream");
    const out = [];
    for await (const chunk of Readable.from([Buffer.from("te"), Buffer.from("xt")])
      .pipe(zlib.createGzip())
      .pipe(zlib.createGunzip()))
      out.push(chunk);
    const bad = zlib.createGunzip();
    const error = await new Promise((resolve) => {
      bad.on("error", resolve);
      bad.end(Buffer.from("garbage"));
    });
    return [Buffer.concat(out).toString(), error];
  },
  zstd: async () => [
    zlib.zstdDecompressSync(zlib.zstdCompressSync("text")).toString(),
    typeof zlib.createZstdCompress,
  ],
};
