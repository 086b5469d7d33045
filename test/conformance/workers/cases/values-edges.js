import { RpcStub, RpcTarget, ServiceStub } from "cloudflare:workers";
import { behaviour, check, equal, eventually, rejects } from "../harness.js";
import { Counter } from "../targets.js";

const generic = (type) =>
  `Could not serialize object of type "${type}". This type does not support serialization.`;

/* 2.1: values */

behaviour("2.1", "the remaining primitives survive too", async ({ peer }) => {
  const sent = [
    false,
    Number.NEGATIVE_INFINITY,
    -(2n ** 80n),
    0n,
    "ÿ",
    "é世😀",
    Number.MAX_VALUE,
    2 ** 31,
  ];
  equal((await peer.echo(sent)).slice(), sent);
});

behaviour("2.1", "a boxed bigint stays boxed", async ({ peer }) => {
  equal((await peer.typeOfEach(Object(1n))).slice(), ["BigInt"]);
});

behaviour(
  "2.1",
  "extra properties of anything but arrays and objects are dropped",
  async ({ peer }) => {
    const made = [
      new Map([[1, 2]]),
      new Set([1]),
      new Date(5),
      /a/,
      new Uint8Array([1]),
      new ArrayBuffer(1),
      new Number(1),
      new Blob(["x"]),
      new Headers(),
    ];
    for (const value of made) {
      const back = await peer.echo(Object.assign(value, { extra: () => 1, symbol: Symbol("x") }));
      equal([back.extra, back.symbol], [undefined, undefined], String(value));
    }
  },
);

behaviour("2.1", "accessors of an array are invoked", async ({ peer }) => {
  const list = [1, 2];
  Object.defineProperty(list, 1, { get: () => "read", enumerable: true });
  equal((await peer.echo(list)).slice(), [1, "read"]);
});

behaviour("2.1", "a view that follows the length of its buffer still does", async ({ peer }) => {
  const buffer = new ArrayBuffer(2, { maxByteLength: 8 });
  const back = await peer.echo(new Uint8Array(buffer));
  equal(back.length, 2);
  back.buffer.resize(4);
  equal(back.length, 4);
});

behaviour(
  "2.1",
  "methods of a plain object become stubs, those of its prototype do not exist",
  async ({ peer }) => {
    const sent = {
      method() {
        return "method";
      },
      async later() {
        return "later";
      },
      get getter() {
        return () => "from a getter";
      },
    };
    using back = await peer.echo(sent);
    for (const name of ["method", "later", "getter"]) check(back[name] instanceof RpcStub, name);
    equal(
      [await back.method(), await back.later(), await back.getter()],
      ["method", "later", "from a getter"],
    );
  },
);

behaviour("2.1", "the same target twice is one stub, also in arguments", async ({ peer }) => {
  const target = new Counter(1);
  equal(await peer.sameObject([target, target]), true);
  const proxy = new Proxy({ a: 1 }, {});
  equal(await peer.sameObject([proxy, proxy]), true);
});

behaviour("2.1", "a Request's method HEAD and its cache mode come along", async ({ peer }) => {
  const head = await peer.echo(new Request("http://x/", { method: "HEAD" }));
  equal([head.method, head.body], ["HEAD", null]);
  const uncached = await peer.echo(new Request("http://x/", { cache: "no-store" }));
  equal(uncached.cache, "no-store");
});

behaviour(
  "2.1",
  "a Response keeps an explicit status text and a body of null",
  async ({ peer }) => {
    const back = await peer.echo(new Response(null, { status: 204, statusText: "Nothing" }));
    equal([back.status, back.statusText, back.body], [204, "Nothing", null]);
    const plain = await peer.echo(new Response("x", { statusText: "Fine" }));
    equal([plain.status, plain.statusText, plain.ok], [200, "Fine", true]);
  },
);

behaviour("2.1", "a result is what it was when its promise settled", async () => {
  const result = { value: 1 };
  using stub = new RpcStub(async () => {
    queueMicrotask(() => {
      result.value = 2;
    });
    return result;
  });
  equal((await stub()).value, 2);
});

/* 2.1, 2.3: by what name a refused object goes */

class Named {
  static name = "Renamed";
}
class Tagged {
  get [Symbol.toStringTag]() {
    return "Tag";
  }
}
class Base {}
class Derived extends Base {}
const refused = {
  "an instance of a class without name": [() => new (class {})(), "Object"],
  "an instance of a class with a static name": [() => new Named(), "Renamed"],
  "an instance with a toStringTag": [() => new Tagged(), "Tagged"],
  "an instance of a derived class": [() => new Derived(), "Derived"],
  "an object that inherits from an instance": [() => Object.create(new Base()), "Base"],
  "an object that inherits from a plain one": [() => Object.create({ a: 1 }), "Object"],
  "an iterator of an application": [
    () =>
      new (class Items {
        *[Symbol.iterator]() {}
      })(),
    "Items",
  ],
  "a reader": [() => new ReadableStream().getReader(), "ReadableStreamDefaultReader"],
  "a CompressionStream": [() => new CompressionStream("gzip"), "CompressionStream"],
  "a TextDecoderStream": [() => new TextDecoderStream(), "TextDecoderStream"],
  "an EventTarget": [() => new EventTarget(), "EventTarget"],
  "a CustomEvent": [() => new CustomEvent("x"), "CustomEvent"],
  "a queuing strategy": [
    () => new CountQueuingStrategy({ highWaterMark: 1 }),
    "CountQueuingStrategy",
  ],
  "a WritableStream's controller": [
    () => {
      let controller;
      new WritableStream({
        start(given) {
          controller = given;
        },
      });
      return controller;
    },
    "WritableStreamDefaultController",
  ],
  crypto: [() => crypto, "Crypto"],
  "crypto.subtle": [() => crypto.subtle, "SubtleCrypto"],
  "the global caches": [() => caches, "CacheStorage"],
};
for (const [what, [make, type]] of Object.entries(refused)) {
  behaviour("2.3", `${what} goes by the name ${type}`, async ({ peer }) => {
    await rejects(() => peer.echo(make()), "DataCloneError", generic(type));
  });
}

behaviour("2.3", "a Proxy without prototype and a revoked one are refused", async ({ peer }) => {
  const bare = new Proxy(Object.create(null), {});
  await rejects(() => peer.echo(bare), "DataCloneError", /^Proxy could not be serialized/);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  await rejects(() => peer.echo(proxy), "TypeError", /revoked/);
  equal(await peer.add(1, 2), 3);
});

behaviour(
  "2.3",
  "a call on a stub that could not be sent leaves the stub usable",
  async ({ peer }) => {
    using counter = await peer.newCounter(1);
    await rejects(
      () => counter.increment(Symbol("x")),
      "DataCloneError",
      "Symbol(x) could not be cloned.",
    );
    equal(await counter.increment(1), 2);
  },
);

behaviour("2.3", "a result that cannot be sent leaves the stub usable", async ({ peer }) => {
  using stub = await peer.echo({ bad: () => new URL("http://x/"), good: () => 1 });
  const error = await rejects(() => stub.bad(), "DataCloneError", generic("URL"));
  check(error instanceof DOMException, "a DOMException");
  equal([error.code, error.remote], [25, true]);
  equal(await stub.good(), 1);
});

behaviour("2.3", "a property that cannot be sent rejects like a result", async () => {
  using stub = new RpcStub({ url: new URL("http://x/"), symbol: Symbol("s") });
  await rejects(() => stub.url, "DataCloneError", generic("URL"));
  await rejects(() => stub.symbol, "DataCloneError", "Symbol(s) could not be cloned.");
});

/* 2.2: references */

behaviour(
  "2.2",
  "a callable Proxy with the prototype of objects goes by own properties",
  async ({ peer }) => {
    const proxy = new Proxy(
      Object.assign(() => "called", { own: () => "own" }),
      {
        getPrototypeOf: () => Object.prototype,
      },
    );
    equal(await peer.isStub(proxy), true);
    equal(await peer.callMethodOf(proxy, "own"), "own");
  },
);

behaviour("2.2", "Proxies deep inside of data are stubs", async ({ peer }) => {
  using back = await peer.echo({ list: [new Proxy({ own: () => "own" }, {})] });
  check(back.list[0] instanceof RpcStub, "a stub");
  equal(await back.list[0].own(), "own");
});

behaviour("2.2", "a Proxy's prototype is asked for along its chain", async ({ peer }) => {
  const middle = new Proxy({}, { getPrototypeOf: () => RpcTarget.prototype });
  const proxy = new Proxy(
    {},
    {
      getPrototypeOf: () => middle,
      get: (_target, key) => (key === "hello" ? () => "through two" : undefined),
    },
  );
  equal(await peer.callMethodOf(proxy, "hello"), "through two");
});

behaviour(
  "2.2",
  "disposing a result leaves the service stubs in it alone",
  async ({ env, peer }) => {
    const back = await peer.echo({ service: env.PEER });
    back[Symbol.dispose]();
    check(back.service instanceof ServiceStub, "a ServiceStub");
    equal(await back.service.add(1, 2), 3);
  },
);

/* 2.4: errors */

behaviour(
  "2.4",
  "an accessor of an error arrives as data, its class goes by name",
  async ({ peer }) => {
    const sent = Object.defineProperty(new Error("text"), "read", { get: () => 5 });
    const back = await peer.echo(sent);
    const { value, enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(
      back,
      "read",
    );
    equal([value, enumerable, writable, configurable], [5, true, true, true]);
    const named = await peer.echo(Object.assign(new Error("several"), { name: "AggregateError" }));
    check(named instanceof AggregateError, "an AggregateError");
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "a SuppressedError as a value keeps both errors",
  async ({ peer }) => {
    const sent = new SuppressedError(new Error("one"), new TypeError("two"), "both");
    const back = await peer.echo(sent);
    check(back instanceof SuppressedError, "a SuppressedError");
    equal([back.message, back.error.message, back.suppressed.name], ["both", "one", "TypeError"]);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an error value keeps its cause and no own properties",
  async ({ peer }) => {
    const sent = Object.assign(new TypeError("text", { cause: new RangeError("cause") }), {
      own: 1,
    });
    const back = await peer.echo(sent);
    equal(
      [back.name, back.message, back.cause?.name, back.own],
      ["TypeError", "text", "RangeError", undefined],
    );
    const named = await peer.echo(Object.assign(new TypeError("text"), { name: "Odd" }));
    equal([named.name, Object.getPrototypeOf(named) === Error.prototype], ["Error", true]);
  },
  { date: "legacy" },
);

/* 2.7: disposers of results */

behaviour(
  "2.7",
  "service stubs, errors, bytes, streams and reads get a disposer too",
  async ({ peer }) => {
    const results = {
      service: await peer.getService(),
      error: await peer.echo(new Error("x")),
      bytes: await peer.echo(new Uint8Array(1)),
      headers: await peer.echo(new Headers()),
      blob: await peer.echo(new Blob(["x"])),
      stream: await peer.bytes(["x"]),
      boxed: await peer.echo(new Number(1)),
      property: await peer.valueHolder().inner,
    };
    for (const [name, result] of Object.entries(results)) {
      const found = Object.getOwnPropertyDescriptor(result, Symbol.dispose);
      equal([typeof found?.value, found?.enumerable], ["function", false], name);
    }
    await results.stream.cancel();
  },
);

behaviour("2.7", "only the result itself gets a disposer", async ({ peer }) => {
  using back = await peer.echo({ inner: { list: [] } });
  equal([back.inner[Symbol.dispose], back.inner.list[Symbol.dispose]], [undefined, undefined]);
});

behaviour("2.7", "the disposer of a returned object is taken from it", async ({ peer }) => {
  const made = {
    method: { value: 1, [Symbol.dispose]() {} },
    accessor: {
      get [Symbol.dispose]() {
        return () => {};
      },
    },
    "no function": { [Symbol.dispose]: 5 },
    "not to be sent": { url: new URL("http://x/"), [Symbol.dispose]() {} },
    "a result": await peer.objectOfFunctions(),
  };
  for (const [what, object] of Object.entries(made)) {
    using stub = new RpcStub({ call: () => object, object });
    const call = stub.call();
    if (what === "not to be sent") await rejects(() => call, "DataCloneError", generic("URL"));
    else (await call)[Symbol.dispose]();
    equal(Symbol.dispose in object, false, what);
  }
  const read = { value: 1, [Symbol.dispose]() {} };
  using stub = new RpcStub({ read });
  (await stub.read)[Symbol.dispose]();
  equal(Symbol.dispose in read, false, "read as a property");
});

behaviour("2.7", "an object that is returned twice is disposed once", async () => {
  const seen = [];
  const object = {
    [Symbol.dispose]() {
      seen.push(this === object);
    },
  };
  using stub = new RpcStub(() => object);
  const results = [await stub(), await stub()];
  for (const result of results) result[Symbol.dispose]();
  await eventually(() => seen, [true], "disposals");
});

behaviour("2.7", "a frozen object keeps its disposer and can be returned", async () => {
  const seen = [];
  const object = Object.freeze({ value: 1, [Symbol.dispose]: () => seen.push("disposed") });
  using stub = new RpcStub(() => object);
  const result = await stub();
  equal([Symbol.dispose in object, result.value], [true, 1]);
  result[Symbol.dispose]();
  await eventually(() => seen, ["disposed"], "disposals");
});
