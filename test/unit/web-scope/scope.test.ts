import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openScope, type Scope } from "./scope.ts";

const GLOBAL_SCOPE = "Disallowed operation called within global scope.";
const CATCH =
  "const caught = (fn) => { try { return String(fn()); } catch (e) { return e.name + ': ' + e.message; } };";
const EVAL_BAN = "EvalError: Code generation from strings disallowed for this context";

let scope: Scope;
let server: Server;
let origin = "";
beforeAll(async () => {
  scope = await openScope();
  server = createServer((_request, response) => response.end("from outside"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 30_000);
afterAll(async () => {
  server.close();
  await scope[Symbol.asyncDispose]();
});

test("the runtime works after the scrub, and after user code overwrote every global", async () => {
  const overwrite = `for (const name of ["setTimeout", "clearTimeout", "Promise", "URL", "ReadableStream", "AbortController",
    "TextEncoder", "TextDecoder", "Headers", "Event", "queueMicrotask", "structuredClone", "WebAssembly", "DOMException"]) {
    globalThis[name] = () => { throw new Error(name + " was overwritten"); };
  }`;
  const body = `
    const response = await fetch(env.origin);
    const copy = response.clone();
    const form = new FormData();
    form.append("a", "b");
    const parsed = await new Response(form).formData();
    await scheduler.wait(1);
    return [await response.text(), await copy.text(), parsed.get("a"), typeof crypto.randomUUID()];`;
  const expected = ["from outside", "from outside", "b", "string"];
  expect(await scope.evaluate(body, { origin })).toEqual(expected);
  expect(await scope.evaluate(body, { origin, top: overwrite })).toEqual(expected);
});

test("nothing of Node is left without nodejs_compat, not even through eval'd code at start-up", async () => {
  const result = await scope.evaluate("return [found, typeof require, typeof process];", {
    top: `const found = Function("return [typeof process, typeof Buffer, typeof setImmediate, typeof global]")();`,
  });
  expect(result).toEqual([
    ["undefined", "undefined", "undefined", "undefined"],
    "undefined",
    "undefined",
  ]);
});

describe("at module scope", () => {
  test.each([
    ["setTimeout(() => {}, 1)"],
    ["setInterval(() => {}, 1)"],
    ["crypto.randomUUID()"],
    ["crypto.getRandomValues(new Uint8Array(1))"],
    ["new WebSocketPair()[0].accept()"],
  ])("%s is refused", async (code) => {
    const result = await scope.evaluate("return atTop;", {
      top: `${CATCH} const atTop = caught(() => ${code});`,
    });
    expect(result).toContain(GLOBAL_SCOPE);
  });

  test("fetch and scheduler.wait reject", async () => {
    const result = await scope.evaluate("return Promise.all(results);", {
      top: `const results = [fetch("http://x"), scheduler.wait(1)].map((p) => p.catch((e) => e.message));`,
    });
    expect(result).toEqual([
      expect.stringContaining(GLOBAL_SCOPE),
      expect.stringContaining(GLOBAL_SCOPE),
    ]);
  });
});

describe("eval", () => {
  const PROBES = `${CATCH}
    const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const probe = () => [
      caught(() => { const local = 41; return eval("local + 1"); }),
      caught(() => (0, eval)("1")),
      caught(() => new Function("return 2")()),
      caught(() => Function("return 2")()),
      caught(() => (() => {}).constructor("return 3")()),
      caught(() => (async () => {}).constructor("return 4") && 4),
      caught(() => (function* () {}).constructor("yield 5") && 5),
      caught(() => new WebAssembly.Module(wasm) instanceof WebAssembly.Module),
    ];`;
  const allowed = ["42", "1", "2", "2", "3", "4", "5", "true"];
  const banned = [
    ...Array.from({ length: 7 }, () => EVAL_BAN),
    "CompileError: WebAssembly.Module(): Wasm code generation disallowed by embedder",
  ];

  test("works while modules are evaluated and is refused after", async () => {
    const result = await scope.evaluate("return [atStart, probe()];", {
      top: `${PROBES} const atStart = probe();`,
    });
    expect(result).toEqual([allowed, banned]);
  });

  test("is always refused before 2025-06-01", async () => {
    const result = await scope.evaluate("return atStart;", {
      top: `${PROBES} const atStart = probe();`,
      date: "2025-01-01",
    });
    expect(result).toEqual(banned);
  });

  test("a Function kept from start-up is refused too; compiled modules can be instantiated", async () => {
    const result = await scope.evaluate(
      `const instance = await WebAssembly.instantiate(module);
       return [
         caught(() => Kept("return 1")()),
         instance instanceof WebAssembly.Instance,
         await WebAssembly.compile(wasm).catch((e) => e.message),
         await WebAssembly.instantiate(wasm).catch((e) => e.message),
         (() => {}) instanceof Function,
         class extends Function {}.name,
       ];`,
      { top: `${PROBES} const Kept = Function; const module = new WebAssembly.Module(wasm);` },
    );
    expect(result).toEqual([
      EVAL_BAN,
      true,
      "WebAssembly.compile(): Wasm code generation disallowed by embedder",
      "WebAssembly.instantiate(): Wasm code generation disallowed by embedder",
      true,
      "",
    ]);
  });
});

describe("timers", () => {
  test("are numbers, or Node's objects from 2026-02-10 on with nodejs_compat", async () => {
    const body = `const timer = setTimeout(() => {}, 1); clearTimeout(timer);
      return [typeof timer, typeof setImmediate];`;
    expect(await scope.evaluate(body)).toEqual(["number", "undefined"]);
    const flags = ["nodejs_compat"];
    expect(await scope.evaluate(body, { flags })).toEqual(["number", "function"]);
    expect(await scope.evaluate(body, { flags, date: "2026-02-10" })).toEqual([
      "object",
      "function",
    ]);
  });

  test("pass arguments, run on the global scope, and can be cleared", async () => {
    const result = await scope.evaluate(`
      let cleared = 0;
      clearTimeout(setTimeout(() => cleared++, 1));
      clearTimeout({}); clearTimeout(undefined); clearTimeout("x");
      const args = await new Promise((resolve) => setTimeout(function (...a) { resolve([...a, this === globalThis]); }, "1", 2, 3));
      let ticks = 0;
      await new Promise((resolve) => { const i = setInterval(() => { if (++ticks === 3) { clearInterval(i); resolve(); } }, 1); });
      await scheduler.wait(5);
      return [cleared, args, ticks];`);
    expect(result).toEqual([0, [2, 3, true], 3]);
  });

  test("refuse strings with the texts of the date", async () => {
    const body = `try { setTimeout("x"); } catch (e) { return e.message; }`;
    expect(await scope.evaluate(body)).toBe(
      "Failed to execute 'setTimeout' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.",
    );
    expect(await scope.evaluate(body, { date: "2026-11-17" })).toBe(
      `The "callback" argument must be of type function. Received type string ('x')`,
    );
  });
});

describe("events", () => {
  test("the global scope dispatches, also without a receiver", async () => {
    const result = await scope.evaluate(`
      const seen = [];
      const listener = (event) => seen.push([event.type, event.target === globalThis, event.currentTarget === self]);
      addEventListener("custom", listener);
      self.addEventListener("custom", listener);
      addEventListener("custom", { handleEvent: () => seen.push("object") }, { once: true });
      dispatchEvent(new Event("custom"));
      dispatchEvent(new Event("custom"));
      removeEventListener("custom", listener);
      dispatchEvent(new Event("custom"));
      return seen;`);
    expect(result).toEqual([["custom", true, true], "object", ["custom", true, true]]);
  });

  test("unhandledrejection tells reason and promise", async () => {
    const result = await scope.evaluate(`
      return new Promise((resolve) => {
        addEventListener("unhandledrejection", (event) => resolve([event.constructor.name, event.reason.message, event.promise instanceof Promise]));
        Promise.reject(new Error("lost"));
      });`);
    expect(result).toEqual(["PromiseRejectionEvent", "lost", true]);
  });

  test("reportError goes to listeners, and to the log unless they prevent it", async () => {
    const result = await scope.evaluate(`
      const seen = [];
      addEventListener("error", (event) => { seen.push([event.message, event.error.message]); if (event.error.message === "b") event.preventDefault(); });
      reportError(new Error("a"));
      reportError(new Error("b"));
      return [seen, env.reported];`);
    expect(result).toEqual([
      [
        ["Uncaught Error: a", "a"],
        ["Uncaught Error: b", "b"],
      ],
      ["Error: a"],
    ]);
  });

  test("classes of events that only the runtime makes cannot be constructed", async () => {
    const result = await scope.evaluate(`${CATCH}
      return ["ExtendableEvent", "FetchEvent", "PromiseRejectionEvent", "ScheduledEvent", "Crypto", "Cache",
        "ServiceWorkerGlobalScope", "Navigator", "Body"].map((name) => caught(() => new globalThis[name]("x")));`);
    expect(new Set(result as string[])).toEqual(new Set(["TypeError: Illegal constructor"]));
  });
});

test("small objects look like production's", async () => {
  const result = await scope.evaluate(`return {
    navigator: navigator.userAgent + navigator.hardwareConcurrency + navigator.language,
    origin, self: self === globalThis,
    clock: [performance.timeOrigin, Math.abs(performance.now() - Date.now()) < 1000],
    abort: AbortSignal.abort().reason.message,
    flags: [Object.isFrozen(Cloudflare.compatibilityFlags), Cloudflare.compatibilityFlags.nodejs_compat],
    caches: [await caches.default.match("http://x/"), await (await caches.open("n")).delete("http://x/")],
  };`);
  expect(result).toEqual({
    navigator: "Cloudflare-Workers1en",
    origin: "null",
    self: true,
    clock: [0, true],
    abort: "The operation was aborted",
    flags: [true, false],
    caches: [null, false],
  });
});

test("the Cache API checks its arguments, and warns of a 304", async () => {
  const result = await scope.evaluate(`
    const put = (...args) => caches.default.put(...args).catch((e) => e.message);
    await put("http://x/", new Response(null, { status: 304 }));
    return [
      await put(new Request("http://x/", { method: "POST" }), new Response("x")),
      await put("http://x/", new Response("x", { status: 206 })),
      env.warnings.map((text) => text.slice(0, 54)),
    ];`);
  expect(result).toEqual([
    "Cannot cache response to non-GET request.",
    "Cannot cache response to a range request (206 Partial Content).",
    ["Ignoring attempt to Cache.put() a 304 status response."],
  ]);
});

test("crypto hashes, compares, and limits random values", async () => {
  const result = await scope.evaluate(`${CATCH}
    const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
    const stream = new crypto.DigestStream("SHA-256");
    const writer = stream.getWriter();
    await writer.write("abc");
    await writer.close();
    const data = new TextEncoder().encode("abc");
    const key = await crypto.subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    return [
      hex(await stream.digest).slice(0, 8), String(stream.bytesWritten),
      hex(await crypto.subtle.digest("SHA-256", data)).slice(0, 8),
      hex(await crypto.subtle.digest("MD5", data)).slice(0, 8),
      (await crypto.subtle.sign("HMAC", key, data)).byteLength,
      [key instanceof CryptoKey, {} instanceof CryptoKey, Object.prototype.toString.call(key)],
      crypto.subtle.timingSafeEqual(data, data),
      caught(() => crypto.subtle.timingSafeEqual(data, new Uint8Array(1))),
      caught(() => crypto.getRandomValues(new Uint8Array(70000))),
      caught(() => crypto.getRandomValues(new Float32Array(1))),
      caught(() => new crypto.DigestStream("x")),
    ];`);
  expect(result).toEqual([
    "ba7816bf",
    "3",
    "ba7816bf",
    "90015098",
    32,
    [true, false, "[object CryptoKey]"],
    true,
    "TypeError: Input buffers must have the same byte length.",
    "QuotaExceededError: getRandomValues() only accepts buffers of size <= 64K but provided 70000 bytes.",
    "TypeMismatchError: ArrayBufferView argument to getRandomValues() must be an integer-typed view.",
    "NotSupportedError: Unrecognized or unimplemented digest algorithm requested.",
  ]);
});

test("message channels deliver clones in order, also what came before start()", async () => {
  const result = await scope.evaluate(`
    const { port1, port2 } = new MessageChannel();
    const sent = { a: new Map([[1, 2]]) };
    port1.postMessage(sent);
    port1.postMessage("second");
    const seen = [];
    await new Promise((resolve) => {
      port2.onmessage = (event) => {
        seen.push([event instanceof MessageEvent, event.data === sent, event.data.a?.get(1) ?? event.data]);
        if (seen.length === 2) port2.postMessage("back");
      };
      port1.addEventListener("message", (event) => resolve(seen.push(event.data)));
      port1.start();
    });
    port1.close();
    port2.postMessage("lost");
    return seen;`);
  expect(result).toEqual([[true, false, 2], [true, false, "second"], "back"]);
});

test("ECMAScript that production has is there on every supported Node", async () => {
  const result = await scope.evaluate(`
    const order = [];
    const stack = new DisposableStack();
    stack.defer(() => order.push("deferred"));
    stack.use({ [Symbol.dispose]: () => order.push("used") });
    stack.adopt("adopted", (value) => order.push(value));
    stack.dispose();
    const failing = new AsyncDisposableStack();
    failing.defer(() => { throw new Error("first"); });
    failing.defer(async () => { throw new Error("second"); });
    const suppressed = await failing.disposeAsync().catch((e) => [e.constructor.name, e.error.message, e.suppressed.message]);
    const { promise, resolve } = Promise.withResolvers();
    resolve("resolved");
    const buffer = new ArrayBuffer(4);
    const moved = buffer.transfer(8);
    return {
      order, suppressed,
      resolved: await promise,
      tried: await Promise.try((x) => x + 1, 1),
      async: await Array.fromAsync([Promise.resolve(1), 2], (x) => x * 2),
      grouped: [Object.groupBy([1, 2, 3], (x) => x % 2 ? "odd" : "even"), [...Map.groupBy([1, 2], (x) => x > 1)]],
      sets: [[...new Set([1, 2]).union(new Set([3]))], [...new Set([1, 2]).intersection(new Set([2]))],
        [...new Set([1, 2]).difference(new Set([2]))], new Set([1]).isSubsetOf(new Set([1, 2]))],
      iterator: [1, 2, 3, 4].values().filter((x) => x % 2).map((x) => x * 10).toArray(),
      from: Iterator.from({ next: () => ({ done: true }) }).toArray(),
      isIterator: [].values() instanceof Iterator,
      buffers: [buffer.detached, buffer.byteLength, moved.byteLength],
      base64: [Uint8Array.fromBase64("aGk=").join(), new Uint8Array([104, 105]).toBase64(), new Uint8Array([255]).toHex()],
      regexp: new RegExp("^" + RegExp.escape("a.b*[c]") + "$").test("a.b*[c]"),
      map: new Map([["a", 1]]).getOrInsert("b", 2),
      isError: [Error.isError(new TypeError()), Error.isError({})],
    };`);
  expect(result).toEqual({
    order: ["adopted", "used", "deferred"],
    suppressed: ["SuppressedError", "first", "second"],
    resolved: "resolved",
    tried: 2,
    async: [2, 4],
    grouped: [
      { odd: [1, 3], even: [2] },
      [
        [false, [1]],
        [true, [2]],
      ],
    ],
    sets: [[1, 2, 3], [2], [1], true],
    iterator: [10, 30],
    from: [],
    isIterator: true,
    buffers: [true, 0, 8],
    base64: ["104,105", "aGk=", "ff"],
    regexp: true,
    map: 2,
    isError: [true, false],
  });
});

test("WebCrypto refuses what production refuses, before it computes", async () => {
  const body = `
    const said = (promise) => promise.then(() => "done", (error) => error.name + ": " + error.message);
    const rsa = (modulusLength, exponent = [1, 0, 1], usages = ["sign", "verify"]) => said(crypto.subtle.generateKey(
      { name: "rsa-pss", modulusLength, publicExponent: new Uint8Array(exponent), hash: "SHA-256" }, true, usages));
    const pbkdf2 = async (iterations, bits = 256) => {
      const key = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
      return said(crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(8), iterations }, key, bits));
    };
    return [
      await rsa(65537), await rsa(65536), await rsa(16392), await rsa(0), await rsa(-1), await rsa(384), await rsa(1000),
      await rsa(2048, [4]), await rsa(1000, [4]), await rsa(1024, [1, 0, 0, 0, 0, 0, 0, 0, 1]), await rsa(65537, [4], []),
      await rsa(1024, [0, 0, 1, 0, 1]), await rsa("1024", [3]),
      await pbkdf2(100001), await pbkdf2(0), await pbkdf2(1000),
      await pbkdf2(1, 255 * 256), await pbkdf2(1, 255 * 256 + 8),
    ];`;
  const size = (bits: number) =>
    `OperationError: The modulus length must be a multiple of 8 and between 256 and 16k, but ${bits} was requested.`;
  const exponent = (got: string) =>
    `OperationError: The "publicExponent" must be either 3 or 65537, but got ${got}.`;
  expect(await scope.evaluate(body)).toEqual([
    size(65537),
    size(65536),
    size(16392),
    "OperationError: modulusLength must be greater than zero (requested 0).",
    "OperationError: modulusLength must be greater than zero (requested -1).",
    "OperationError: RSA key size is too small.",
    "OperationError: Can't generate key: RSA key size is required to be a multiple of 128",
    exponent("4"),
    exponent("4"),
    exponent("a number larger than 2^32"),
    size(65537),
    "done",
    "done",
    "NotSupportedError: Pbkdf2 failed: iteration counts above 100000 are not supported (requested 100001).",
    "OperationError: PBKDF2 requires a positive iteration count (requested 0).",
    "done",
    "done",
    "OperationError: Pbkdf2 failed: derived key length exceeds maximum for this hash",
  ]);
});

/** As workerd 2026-11-17 answers. */
describe("globals that came with a flag", () => {
  const names =
    "['MessageChannel','MessagePort','WeakRef','FinalizationRegistry','navigator','Navigator']";
  const keys = "typeof navigator === 'undefined' ? [] : Object.keys(navigator)";
  const body = `return [${names}.filter((name) => name in globalThis), ${keys}];`;
  const basics = ["platform", "hardwareConcurrency", "userAgent"];
  const weak = ["WeakRef", "FinalizationRegistry"];
  const channel = ["MessageChannel", "MessagePort"];
  const navigator = ["navigator", "Navigator"];
  test.each<[string, string[], string[], string[]]>([
    ["2021-12-01", [], [], []],
    ["2022-04-01", [], navigator, basics],
    ["2025-05-10", [], [...weak, ...navigator], basics],
    ["2025-05-19", [], [...weak, ...navigator], ["languages", "language", ...basics]],
    ["2025-05-01", ["expose_global_message_channel"], [...channel, ...navigator], basics],
    ["2026-11-17", ["disable_navigator_language"], [...channel, ...weak, ...navigator], basics],
    [
      "2026-11-17",
      ["no_expose_global_message_channel", "disable_weak_ref", "no_global_navigator"],
      [],
      [],
    ],
  ])("at %s with %j", async (date, flags, present, own) => {
    expect(await scope.evaluate(body, { date, flags })).toEqual([present, own]);
  });
});
