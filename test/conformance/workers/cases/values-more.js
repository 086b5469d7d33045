import { behaviour, check, equal, rejects } from "../harness.js";
import { Counter } from "../targets.js";

const generic = (type) =>
  `Could not serialize object of type "${type}". This type does not support serialization.`;

/* 2.1: more values */

for (const Type of [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  BigInt64Array,
  BigUint64Array,
]) {
  behaviour("2.1", `a ${Type.name} keeps type and elements`, async ({ peer }) => {
    const sent = Type.name.startsWith("Big") ? Type.of(1n, 2n) : Type.of(1, 2, 127);
    const back = await peer.echo(sent);
    check(back instanceof Type, Type.name);
    equal(String(back), String(sent));
  });
}

behaviour("2.1", "a view of a part of a buffer keeps its part", async ({ peer }) => {
  const whole = new Uint8Array([0, 1, 2, 3, 4, 5]);
  const back = await peer.echo(whole.subarray(2, 4));
  equal([...back], [2, 3]);
});

behaviour("2.1", "two views of one buffer share it at the other end", async ({ peer }) => {
  const buffer = new ArrayBuffer(4);
  const back = await peer.echo({ a: new Uint8Array(buffer), b: new Uint8Array(buffer, 2) });
  back.a[3] = 9;
  equal(back.b[1], 9);
});

behaviour("2.1", "a resizable ArrayBuffer arrives with its bytes", async ({ peer }) => {
  const buffer = new ArrayBuffer(2, { maxByteLength: 8 });
  new Uint8Array(buffer).set([7, 8]);
  const back = await peer.echo(buffer);
  equal([...new Uint8Array(back)], [7, 8]);
  equal([back.resizable, back.maxByteLength], [true, 8]);
});

behaviour("2.1", "an empty string, array, Map and buffer arrive empty", async ({ peer }) => {
  const back = await peer.echo(["", [], new Map(), new Uint8Array(0), {}]);
  equal(back.slice(), ["", [], new Map(), new Uint8Array(0), {}]);
});

behaviour("2.1", "a deep structure arrives whole", async ({ peer }) => {
  let deep = { end: true };
  for (let i = 0; i < 200; i++) deep = { deep };
  let back = await peer.echo(deep);
  for (let i = 0; i < 200; i++) back = back.deep;
  equal(back, { end: true });
});

behaviour("2.1", "non-enumerable and inherited properties stay behind", async ({ peer }) => {
  const object = Object.defineProperty({ a: 1 }, "hidden", { value: 2 });
  equal(Object.keys(await peer.echo(object)), ["a"]);
});

behaviour("2.1", "an accessor that throws fails the call with its error", async ({ peer }) => {
  const object = {
    get bad() {
      throw new RangeError("cannot be read");
    },
  };
  await rejects(() => peer.echo(object), "RangeError", "cannot be read");
});

behaviour("2.1", "a key called __proto__ is data", async ({ peer }) => {
  const object = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
  const back = await peer.echo(object);
  equal(Object.getPrototypeOf(back) === Object.prototype, true, "prototype");
  equal({}.polluted, undefined);
  equal(back.a, 1);
});

behaviour("2.1", "functions travel in a Set and as a Map key", async ({ peer }) => {
  using set = await peer.echo(new Set([() => 5]));
  equal(await [...set][0](), 5);
  using map = await peer.echo(new Map([[() => 6, "value"]]));
  const [[key, value]] = [...map];
  equal([await key(), value], [6, "value"]);
});

behaviour("2.1", "a target and a function may be deep inside", async ({ peer }) => {
  using back = await peer.echo({ a: [{ b: new Map([["c", new Counter(4)]]) }] });
  equal(await back.a[0].b.get("c").increment(1), 5);
});

behaviour("2.1", "a shared reference that holds a stub stays shared", async ({ peer }) => {
  const shared = { fn: () => "shared" };
  using back = await peer.echo([shared, shared]);
  check(back[0] === back[1] && back[0].fn === back[1].fn, "one object");
  equal(await back[1].fn(), "shared");
});

behaviour("2.1", "own properties of a DOMException are dropped", async ({ peer }) => {
  const sent = Object.assign(new DOMException("text", "SyntaxError"), { extra: 1 });
  const back = await peer.echo(sent);
  equal([back.name, back.message, back.code, back.extra], ["SyntaxError", "text", 12, undefined]);
});

behaviour(
  "2.1",
  "a Buffer arrives as a plain Uint8Array",
  async ({ peer }) => {
    const { Buffer } = await import("node:buffer");
    const back = await peer.echo(Buffer.from("ab"));
    check(Object.getPrototypeOf(back) === Uint8Array.prototype, "a Uint8Array");
    equal([...back], [97, 98]);
  },
  { date: "modern" },
);

behaviour("2.1", "arguments are copied when the call is made", async ({ peer }) => {
  const object = { value: 1 };
  const promise = peer.echo(object);
  object.value = 2;
  equal((await promise).value, 1);
});

/* 2.3: more of what cannot be sent */

const refused = {
  "a TextDecoder": [() => new TextDecoder(), generic("TextDecoder")],
  "a WebSocket": [() => new WebSocketPair()[0], generic("WebSocket")],
  "a writer": [() => new WritableStream().getWriter(), generic("WritableStreamDefaultWriter")],
  "a WeakSet": [() => new WeakSet(), "#<WeakSet> could not be cloned."],
  "a WeakRef": [() => new WeakRef({}), "#<WeakRef> could not be cloned."],
  "an arguments object": [
    () =>
      (function list() {
        // biome-ignore lint/complexity/noArguments: the arguments object is the point
        return arguments;
      })(1),
    "#<Object> could not be cloned.",
  ],
  "an object with an altered prototype": [
    () => Object.setPrototypeOf({}, { x: 1 }),
    generic("Object"),
  ],
  ctx: [({ ctx }) => ctx, generic("ExecutionContext")],
};

for (const [what, [make, message]] of Object.entries(refused)) {
  behaviour(
    "2.3",
    `${what} cannot be sent`,
    async (scene) => {
      await rejects(() => scene.peer.echo(make(scene)), "DataCloneError", message);
    },
    // WeakRef came with a later compatibility date.
    what === "a WeakRef" ? { date: "modern" } : {},
  );
}

behaviour("2.3", "a CryptoKey cannot be sent", async ({ peer }) => {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
  await rejects(() => peer.echo(key), "DataCloneError", generic("CryptoKey"));
});

behaviour(
  "2.3",
  "what is pipelined on a call that could not be sent fails alike",
  async ({ peer }) => {
    const promise = peer.echo(Symbol("x"));
    const pipelined = promise.anything();
    await rejects(() => promise, "DataCloneError", "Symbol(x) could not be cloned.");
    await rejects(() => pipelined, "DataCloneError", "Symbol(x) could not be cloned.");
  },
);

behaviour("2.3", "a call that could not be sent leaves the binding usable", async ({ peer }) => {
  const fn = () => 1;
  await rejects(() => peer.echo([fn, Symbol("x")]), "DataCloneError", /could not be cloned/);
  equal(await peer.add(1, 2), 3);
});

/* 2.4: errors as values */

behaviour("2.4", "natives keep their class as values", async ({ peer }) => {
  using back = await peer.returnError("natives");
  for (const [name, error] of Object.entries(back)) {
    equal([error.name, error.message], [name, `a ${name}`]);
    check(error instanceof globalThis[name], name);
  }
});

behaviour(
  "2.4",
  "an unknown name becomes an own property of a plain Error",
  async ({ peer }) => {
    const error = await peer.returnError("custom");
    check(Object.getPrototypeOf(error) === Error.prototype, "a plain Error");
    equal([error.name, error.message], ["CustomError", "custom text"]);
    equal(Object.getOwnPropertyDescriptor(error, "name")?.enumerable, true);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "hidden own properties and cause come along as plain ones",
  async ({ peer }) => {
    const hidden = await peer.returnError("hidden");
    equal(hidden.hidden, 5);
    const nested = await peer.returnError("nested");
    equal(
      [nested.cause.name, nested.cause.message, nested.cause.cause],
      ["TypeError", "inner", "root"],
    );
    equal(Object.getOwnPropertyDescriptor(nested, "cause")?.enumerable, true);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an AggregateError as a value keeps its errors",
  async ({ peer }) => {
    const error = await peer.returnError("aggregate");
    check(error instanceof AggregateError, "an AggregateError");
    equal(error.errors[0].message, "one");
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an AggregateError as a value degrades to Error",
  async ({ peer }) => {
    const error = await peer.returnError("aggregate");
    equal([error.name, error.message, error.errors], ["Error", "several", undefined]);
  },
  { date: "legacy" },
);

behaviour(
  "2.4",
  "the stack of an error value is a local one",
  async ({ peer }) => {
    const error = await peer.returnError("range");
    check(!/makeError/.test(error.stack), `no frame of the callee: ${error.stack}`);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "the stack of an error value travels",
  async ({ peer }) => {
    const error = await peer.returnError("range");
    check(/makeError/.test(error.stack), `frames of the callee: ${error.stack}`);
  },
  { date: "legacy" },
);

behaviour(
  "2.4",
  "an error value may hold a function",
  async ({ peer }) => {
    const error = await peer.returnError("function");
    equal(await error.fn(), 1);
    error[Symbol.dispose]?.();
  },
  { date: "modern" },
);

/* 2.5: size */

const LIMIT = 32 * 1024 * 1024;
const tooLarge =
  /^Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: \d+ bytes\.$/;

behaviour("2.5", "a result of more than 32 MiB is refused", async ({ peer }) => {
  const error = await rejects(() => peer.makeBytes(LIMIT), "Error", tooLarge);
  check(!(error instanceof RangeError), "not a RangeError");
  equal((await peer.makeBytes(LIMIT - 64)).length, LIMIT - 64);
});

behaviour("2.5", "a Blob counts, a stream does not", async ({ peer }) => {
  const bytes = new Uint8Array(LIMIT + 1);
  await rejects(() => peer.argumentCount(new Blob([bytes])), "Error", tooLarge);
  equal(await peer.countBytes(new Response(bytes).body), LIMIT + 1);
});

behaviour("2.5", "many small things are counted together", async ({ peer }) => {
  const half = "x".repeat(LIMIT / 2 + 1);
  await rejects(() => peer.argumentCount(half, half), "Error", tooLarge);
  equal(await peer.argumentCount(half), 1);
});

behaviour(
  "2.5",
  "exactly 32 MiB pass, one byte more does not, and the text says how many",
  async ({ peer }) => {
    // 12 bytes are beside the characters: version, and the headers of the arguments and the string.
    await rejects(
      () => peer.argumentCount("x".repeat(LIMIT - 11)),
      "Error",
      `Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: ${LIMIT + 1} bytes.`,
    );
    equal(await peer.argumentCount("x".repeat(LIMIT - 12)), 1);
  },
);

behaviour("2.1", "more subclasses of built-ins arrive as the base type", async ({ peer }) => {
  const made = [
    new (class extends Set {})([1]),
    new (class extends Date {})(5),
    new (class extends RegExp {})("a"),
    class extends Uint8Array {}.of(1),
    new (class extends ArrayBuffer {})(3),
  ];
  const bases = [Set, Date, RegExp, Uint8Array, ArrayBuffer];
  for (const [index, value] of made.entries()) {
    const back = await peer.echo(value);
    check(Object.getPrototypeOf(back) === bases[index].prototype, bases[index].name);
  }
});

behaviour("2.1", "a DOMException keeps its stack", async ({ peer }) => {
  const sent = new DOMException("text", "DataError");
  Object.defineProperty(sent, "stack", { value: "the stack that it had" });
  equal((await peer.echo(sent)).stack, "the stack that it had");
});

// In one Worker the bundler's own helpers trip over it.
behaviour(
  "2.1",
  "what is on Object.prototype is not part of a message",
  async ({ peer }) => {
    const added = ["get", "set", "value", "enumerable", "dup", "extra"];
    const add = (name) => Object.defineProperty(Object.prototype, name, descriptor);
    const descriptor = Object.assign(Object.create(null), {
      value: function polluted() {},
      configurable: true,
      writable: true,
    });
    let data;
    let count;
    let error;
    for (const name of added) add(name);
    try {
      data = await peer.echo({ a: [1], ["__proto__"]: { b: 1 } });
      count = await peer.newCounter(1).increment(1);
      error = await peer.fail("range").catch((caught) => caught);
    } finally {
      for (const name of added) delete Object.prototype[name];
    }
    equal([Object.keys(data), data.a.length, count], [["a", "__proto__"], 1, 2]);
    equal([error.name, error.remote], ["RangeError", true]);
  },
  { not: ["self"] },
);

behaviour(
  "2.4",
  "the name that an error has decides its class",
  async ({ peer }) => {
    const back = await peer.echo(Object.assign(new Error("text"), { name: "TypeError" }));
    check(back instanceof TypeError, "a TypeError");
    const sent = Object.assign(new Error("text"), { [Symbol("s")]: 1, nothing: undefined });
    const other = await peer.echo(sent);
    equal(Object.getOwnPropertySymbols(other).length, Symbol.dispose in other ? 1 : 0);
    equal("nothing" in other, true);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an error of WebAssembly is a plain one as a value",
  async ({ peer }) => {
    const back = await peer.echo(new WebAssembly.RuntimeError("trap"));
    equal([Object.getPrototypeOf(back) === Error.prototype, back.name], [true, "RuntimeError"]);
  },
  { date: "modern" },
);
