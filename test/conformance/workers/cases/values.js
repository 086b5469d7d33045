import { behaviour, check, equal, rejects, throws } from "../harness.js";

const generic = (type) =>
  `Could not serialize object of type "${type}". This type does not support serialization.`;

/** What goes there and comes back the same. */
const values = {
  undefined: undefined,
  null: null,
  "a boolean": true,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "negative zero": -0,
  "a bigint": 2n ** 80n,
  "a string with a lone surrogate": "a\ud800b",
  "a nested plain object": { a: { b: [1, "2", null, undefined] } },
  "a Date": new Date(12345),
  "an invalid Date": new Date(Number.NaN),
  "a Map": new Map([["a", { b: 1 }]]),
  "a Set": new Set([1, "2"]),
  "an empty array": [],
  "a Uint8Array": new Uint8Array([1, 2, 255]),
  "a Float64Array": new Float64Array([0.1, -0]),
};

for (const [what, value] of Object.entries(values)) {
  behaviour("2.1", `${what} survives the way there and back`, async ({ peer }) => {
    equal(await peer.echo(value), value);
  });
}

behaviour("2.1", "an ArrayBuffer and a DataView arrive as copies", async ({ peer }) => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const back = await peer.echo(buffer);
  check(back instanceof ArrayBuffer && back !== buffer, "a new ArrayBuffer");
  equal(new Uint8Array(back), new Uint8Array([1, 2, 3]));
  equal(buffer.byteLength, 3, "length of the original");
  const view = await peer.echo(new DataView(buffer, 1, 2));
  equal(view.getUint8(0), 2);
});

behaviour("2.1", "a RegExp keeps source and flags, not lastIndex", async ({ peer }) => {
  const sent = /ab+/gi;
  sent.lastIndex = 3;
  const back = await peer.echo(sent);
  equal(`${back} ${back.lastIndex}`, "/ab+/gi 0");
});

behaviour("2.1", "boxed primitives stay boxed", async ({ peer }) => {
  equal(await peer.typeOfEach(new Number(1), new String("x"), new Boolean(false)), [
    "Number",
    "String",
    "Boolean",
  ]);
});

behaviour("2.1", "holes and extra properties of arrays are kept", async ({ peer }) => {
  // biome-ignore lint/suspicious/noSparseArray: the hole is the point
  const array = Object.assign([1, , 3], { extra: "kept" });
  equal(await peer.hasHole(array), true);
});

behaviour("2.1", "cycles and shared references are kept", async ({ peer }) => {
  const cycle = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle);
  equal(await peer.checkCycle(cycle), true);
  const shared = { a: 1 };
  equal(await peer.sameObject([shared, shared]), true);
});

behaviour("2.1", "the same function twice is one stub", async ({ peer }) => {
  const fn = () => 1;
  equal(await peer.sameObject([fn, fn]), true);
  using result = await peer.sameFunctionTwice();
  check(result.a === result.b, "one stub object at the caller");
});

behaviour("2.1", "a cycle may contain a function", async ({ peer }) => {
  const cycle = { list: [], fn: () => "called" };
  cycle.self = cycle;
  cycle.list.push(cycle);
  equal(await peer.callMethodOf(cycle, "fn"), "called");
});

behaviour("2.1", "functions travel in Map values and Sets", async ({ peer }) => {
  using back = await peer.echo(new Map([["f", () => 5]]));
  equal(await back.get("f")(), 5);
});

behaviour("2.1", "accessors are invoked once, by the sender", async ({ peer }) => {
  let reads = 0;
  const object = {
    get value() {
      reads += 1;
      return "read";
    },
  };
  equal(await peer.echo(object), { value: "read" });
  equal(reads, 1, "reads");
});

behaviour("2.1", "symbol keys are skipped silently", async ({ peer }) => {
  equal(await peer.echo({ a: 1, [Symbol("s")]: 2 }), { a: 1 });
});

behaviour("2.1", "subclasses of built-ins arrive as the base type", async ({ peer }) => {
  class MyArray extends Array {}
  class MyMap extends Map {}
  const list = await peer.echo(MyArray.from([1, 2]));
  equal(Object.getPrototypeOf(list) === Array.prototype, true, "plain Array");
  const map = await peer.echo(new MyMap([[1, 2]]));
  equal(Object.getPrototypeOf(map) === Map.prototype, true, "plain Map");
});

class AppClass {}

const refused = {
  "an instance of an application's class": [() => new AppClass(), generic("AppClass")],
  "an object without prototype": [() => Object.create(null), generic("Object")],
  "a URL": [() => new URL("http://x/"), generic("URL")],
  URLSearchParams: [() => new URLSearchParams("a=b"), generic("URLSearchParams")],
  FormData: [() => new FormData(), generic("FormData")],
  "a TextEncoder": [() => new TextEncoder(), generic("TextEncoder")],
  "a TransformStream": [() => new TransformStream(), generic("TransformStream")],
  "an Event": [() => new Event("x"), generic("Event")],
  "an AbortController": [() => new AbortController(), generic("AbortController")],
  "a File": [() => new File(["x"], "x.txt"), generic("File")],
  "a symbol": [() => Symbol("desc"), "Symbol(desc) could not be cloned."],
  "a Promise": [() => Promise.resolve(1), "#<Promise> could not be cloned."],
  "a WeakMap": [() => new WeakMap(), "#<WeakMap> could not be cloned."],
  "a generator": [() => (function* generate() {})(), "[object Generator] could not be cloned."],
};

for (const [what, [make, message]] of Object.entries(refused)) {
  behaviour("2.3", `${what} cannot be sent, alone or nested`, async ({ peer }) => {
    const error = await rejects(() => peer.echo(make()), "DataCloneError", message);
    check(error instanceof DOMException, "a DOMException");
    equal(error.code, 25, "code");
    await rejects(() => peer.echo({ deep: [make()] }), "DataCloneError", message);
  });
}

behaviour("2.3", "a result that cannot be sent rejects at the caller", async ({ peer }) => {
  await rejects(() => peer.callIt(() => new AppClass()), "DataCloneError", generic("AppClass"));
});

behaviour("2.2", "an RpcPromise or RpcProperty cannot be an argument", async ({ peer }) => {
  await import("cloudflare:workers"); // The real runtime knows the short names only after this.
  const promise = peer.add(1, 2);
  await rejects(() => peer.echo(promise), "DataCloneError", generic("RpcPromise"));
  await promise;
  await rejects(() => peer.echo(peer.getter), "DataCloneError", generic("RpcProperty"));
});

behaviour("2.1", "Headers keep every value", async ({ peer }) => {
  const headers = new Headers({ A: "1" });
  headers.append("Set-Cookie", "x=1");
  headers.append("Set-Cookie", "y=2");
  const back = await peer.echo(headers);
  check(back instanceof Headers, "Headers");
  equal(back.get("a"), "1");
  equal(back.getSetCookie(), ["x=1", "y=2"]);
});

behaviour("2.1", "a Request arrives with method, URL, headers and body", async ({ peer }) => {
  const request = new Request("http://example.com/path", {
    method: "POST",
    headers: { "x-test": "yes" },
    body: "the body",
    redirect: "manual",
  });
  equal(await peer.describeRequest(request), {
    isRequest: true,
    method: "POST",
    url: "http://example.com/path",
    header: "yes",
    redirect: "manual",
    body: "the body",
  });
});

behaviour("2.1", "a Response arrives with status, text, headers and body", async ({ peer }) => {
  const response = await peer.makeResponse();
  check(response instanceof Response, "a Response");
  equal(`${response.status} ${response.statusText}`, "203 Odd");
  equal(response.headers.get("x-a"), "b");
  equal(await response.text(), "a body");
});

behaviour("2.1", "a Response without status text has an empty one", async ({ peer }) => {
  const response = await peer.echo(new Response(null, { status: 204 }));
  equal(response.statusText, "");
  equal(response.body, null);
});

behaviour("2.1", "a Blob keeps type and bytes", async ({ peer }) => {
  const blob = await peer.echo(new Blob(["some ", "bytes"], { type: "text/x-test" }));
  check(blob instanceof Blob, "a Blob");
  equal(blob.type, "text/x-test");
  equal(await blob.text(), "some bytes");
});

behaviour("2.1", "a DOMException keeps name, message and code", async ({ peer }) => {
  const back = await peer.echo(new DOMException("too big", "QuotaExceededError"));
  check(back instanceof DOMException, "a DOMException");
  equal(`${back.name} ${back.message} ${back.code}`, "QuotaExceededError too big 22");
});

behaviour("2.7", "a result object of any kind gets a hidden disposer", async ({ peer }) => {
  for (const value of [{}, [], new Map(), new Date(0), new Response("x")]) {
    const result = await peer.echo(value);
    equal(typeof result[Symbol.dispose], "function", Object.prototype.toString.call(value));
    equal(Object.getOwnPropertyDescriptor(result, Symbol.dispose)?.enumerable, false, "enumerable");
  }
});

behaviour("2.5", "a message of more than 32 MiB is refused with its size", async ({ peer }) => {
  const limit = 32 * 1024 * 1024;
  await rejects(
    () => peer.argumentCount(new Uint8Array(limit)),
    "Error",
    /^Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: 335544\d\d bytes\.$/,
  );
  equal(await peer.argumentCount(new Uint8Array(limit - 100)), 1);
});

behaviour("1.1", "RpcStub wraps only what can be reached over RPC", async () => {
  const { RpcStub } = await import("cloudflare:workers");
  const text = "RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.";
  throws(() => new RpcStub(new AppClass()), "TypeError", text);
  throws(() => new RpcStub(new Map()), "TypeError", text);
});
