import * as workers from "cloudflare:workers";
import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 2: the global scope; 18: ctx and cloudflare:workers */

const atModuleScope = [Date.now(), performance.now(), navigator.sendBeacon?.("http://x/")];

behaviour("2.2", "no time passes at module scope", () => {
  equal(atModuleScope, [0, 0, false]);
  check(Date.now() > 1.7e12, "time passes in handlers");
});

behaviour(
  "2.1",
  "importScripts is there, and throws",
  () => {
    equal([typeof importScripts, Object.hasOwn(globalThis, "importScripts")], ["function", false]);
    const text =
      "Failed to execute 'importScripts' on 'WorkerGlobalScope': the method is not implemented.";
    for (const names of [[], ["a.js"]]) throws(() => importScripts(...names), "Error", text);
  },
  { dates: ["2024"] },
);

behaviour("2.1", "importScripts is gone", () => equal("importScripts" in globalThis, false), {
  dates: ["newest", "2025"],
});

behaviour("2.5", "an event before, during and after its dispatch", () => {
  const event = new Event("x");
  equal([event.target, event.currentTarget, event.srcElement], [undefined, undefined, undefined]);
  equal([event.timeStamp, event.composedPath(), typeof event.initEvent], [0, [], "undefined"]);
  const target = new EventTarget();
  let during;
  target.addEventListener("x", () => {
    during = [event.eventPhase, event.composedPath().length, event.currentTarget === target];
  });
  target.dispatchEvent(event);
  equal(during, [2, 1, true]);
  equal([event.target === target, event.currentTarget === target], [true, true]);
  equal([event.eventPhase, event.composedPath().length], [0, 0]);
});

behaviour("2.5", "classes of events", () => {
  equal(
    [new CustomEvent("x").detail, new CustomEvent("x", { detail: null }).detail],
    [undefined, null],
  );
  const wrong = (name) =>
    `Failed to construct '${name}': constructor parameter 1 is not of type 'string'.`;
  for (const cls of [Event, CustomEvent, CloseEvent, MessageEvent, ErrorEvent]) {
    throws(() => new cls(), "TypeError", wrong(cls.name));
  }
  throws(
    () => new Event("x", 5),
    "TypeError",
    "Failed to construct 'Event': constructor parameter 2 is not of type 'Init'.",
  );
  const keys = (event) => Object.keys(event).filter((key) => key !== "isTrusted");
  equal(keys(new MessageEvent("x")), ["ports", "source", "lastEventId", "origin", "data"]);
  equal(keys(new CloseEvent("x")), ["wasClean", "reason", "code"]);
});

const listenOnce = (type, run) =>
  new Promise((resolve) => {
    const listener = (event) => {
      removeEventListener(type, listener);
      event.preventDefault();
      resolve(event);
    };
    addEventListener(type, listener);
    run();
  });

behaviour("2.1", "reported errors and errors of microtasks are events", async () => {
  const reported = await listenOnce("error", () => reportError(new RangeError("boo")));
  equal([reported.message, reported.error.message], ["Uncaught RangeError: boo", "boo"]);
  equal([reported.cancelable, reported.lineno > 0, reported.filename !== ""], [false, true, true]);
  const thrown = await listenOnce("error", () =>
    queueMicrotask(() => {
      throw new RangeError("later");
    }),
  );
  equal(thrown.message, "Uncaught RangeError: later");
});

behaviour("2.3", "timers run in the order in which they are due", async () => {
  const order = [];
  await new Promise((resolve) => {
    setTimeout(() => order.push(1), 1);
    setTimeout(() => order.push(0), 0);
    setTimeout(resolve, 10);
  });
  equal(order, [0, 1]);
});

behaviour("2.3", "an invocation may have 10,000 pending timers", () => {
  const timers = Array.from({ length: 10_000 }, () => setTimeout(() => {}, 60_000));
  const message = (finished) =>
    `You have exceeded the number of active timeouts you may set. max active timeouts: 10000, current active timeouts: 10000, finished timeouts: ${finished}`;
  throws(() => setTimeout(() => {}, 60_000), "QuotaExceededError", message(0));
  for (const timer of timers) clearTimeout(timer);
  clearTimeout(setTimeout(() => {}, 60_000));
});

behaviour("2.6", "signals check their arguments", () => {
  for (const [action, text] of [
    [
      () => AbortSignal.timeout(),
      "Failed to execute 'timeout' on 'AbortSignal': parameter 1 is not of type 'number'.",
    ],
    [
      () => AbortSignal.any(5),
      "Failed to execute 'any' on 'AbortSignal': parameter 1 is not of type 'Array'.",
    ],
    [
      () => AbortSignal.any([5]),
      "Incorrect type for array element 0: the provided value is not of type 'AbortSignal'.",
    ],
    [() => new AbortSignal(), "Illegal constructor"],
  ]) {
    throws(action, "TypeError", text);
  }
  for (const delay of [-1, "x", 1e12]) AbortSignal.timeout(delay);
  const { signal } = new AbortController();
  signal.onabort = 5;
  equal(signal.onabort, null);
});

behaviour("2.6", "a wait that is aborted rejects with an Error", async () => {
  await rejects(() => scheduler.wait(1000, { signal: AbortSignal.abort("why") }), "Error", "why");
});

behaviour("2.8", "URLs say what they are not", () => {
  const invalid = "Invalid URL string.";
  throws(() => new URL("nope"), "TypeError", invalid);
  throws(() => new URL("/a", "nope"), "TypeError", invalid);
  const href = () => {
    new URL("http://a").href = "bad";
  };
  throws(
    href,
    "TypeError",
    "Failed to set the 'href' property on 'URL': the provided value is not of type 'valid URL string'.",
  );
  throws(
    () => URL("http://a"),
    "TypeError",
    "Failed to construct 'URL': Please use the 'new' operator, this object constructor cannot be called as a function.",
  );
  const wrong = (method, at) =>
    `Failed to execute '${method}' on 'URLSearchParams': parameter ${at} is not of type 'USVString'.`;
  const params = new URLSearchParams("a=1");
  throws(() => params.get(), "TypeError", wrong("get", 1));
  throws(() => params.append("a"), "TypeError", wrong("append", 2));
  throws(() => new URLSearchParams([["a"]]), "TypeError", "Invalid URL search params sequence.");
  equal(String(new URLSearchParams(null)), "null=");
  equal(Object.keys(params.entries().next()), ["done", "value"]);
  class Sub extends URL {}
  equal([new Sub("http://a/b").pathname, new Sub("http://a") instanceof URL], ["/b", true]);
});

behaviour("2.9", "decoders say what they cannot decode", () => {
  for (const label of ["nope", "replacement", ""]) {
    throws(() => new TextDecoder(label), "RangeError", `"${label}" is not a valid encoding.`);
  }
  const fatal = new TextDecoder("utf-8", { fatal: true });
  throws(() => fatal.decode(new Uint8Array([255])), "TypeError", "Failed to decode input.");
  throws(
    () => fatal.decode(5),
    "TypeError",
    "Failed to execute 'decode' on 'TextDecoder': parameter 1 is not of type 'Array'.",
  );
  throws(
    () => new TextEncoder().encodeInto("a", new Uint16Array(1)),
    "TypeError",
    "Failed to execute 'encodeInto' on 'TextEncoder': parameter 2 is not of type 'Uint8Array'.",
  );
});

behaviour("2.2", "what would block or make code is refused", () => {
  const text = "Code generation from strings disallowed for this context";
  // biome-ignore lint/security/noGlobalEval: that it is refused
  for (const code of ["1", 5]) throws(() => globalThis.eval(code), "EvalError", text);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const blocked = "Atomics.wait cannot be called in this context";
  throws(() => Atomics.wait(cell, 0, 0, 1), "TypeError", blocked);
});

behaviour("18", "ctx and cloudflare:workers check their arguments", ({ ctx }) => {
  throws(
    () => ctx.waitUntil(),
    "TypeError",
    "Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'.",
  );
  throws(
    () => workers.waitUntil(),
    "TypeError",
    "Failed to execute 'waitUntil' on 'EntrypointsModule': parameter 1 is not of type 'Promise'.",
  );
  throws(
    () => workers.withEnv({}),
    "TypeError",
    "Failed to execute 'withEnv' on 'EnvModule': parameter 2 is not of type 'function'.",
  );
  equal(
    workers.withEnv(null, () => Object.keys(workers.env)),
    ["SELF"],
  );
});

behaviour("18", "spans that nobody records", ({ ctx }) => {
  const { tracing } = workers;
  equal(Object.prototype.toString.call(tracing) !== "", true);
  equal(typeof ctx.tracing.enterSpan, "function");
  const seen = tracing.enterSpan(
    "name",
    (span, ...args) => {
      equal(span === tracing.getActiveSpan(), true);
      equal(span.setAttribute("a", 1) === span, true);
      return [span.isTraced, args];
    },
    1,
    2,
  );
  equal(seen, [false, [1, 2]]);
  const span = tracing.startSpan("name");
  equal(
    tracing.withActiveSpan(span, () => tracing.getActiveSpan() === span),
    true,
  );
  span.end();
});
