import { behaviour, check, equal, rejects } from "../harness.js";

/* Values that change, throw or do not end while they are sent. */

/* 2: a value is what it was when the call was made */

behaviour("2.1", "binary data is copied when the call is made", async ({ peer }) => {
  await peer.add(1, 1); // The link is there: what is sent from now on leaves at once.
  const bytes = new Uint8Array([1, 2, 3]);
  const { buffer } = new Uint8Array([4, 5, 6]);
  const promises = [peer.echo(bytes), peer.echo({ buffer })];
  bytes.fill(9);
  new Uint8Array(buffer).fill(9);
  equal([...(await promises[0])], [1, 2, 3]);
  equal([...new Uint8Array((await promises[1]).buffer)], [4, 5, 6]);
});

behaviour("2.1", "a buffer may be transferred away right after the call", async ({ peer }) => {
  await peer.add(1, 1);
  const bytes = new Uint8Array([1, 2, 3]);
  const promise = peer.echo(bytes);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  equal(bytes.length, 0, "length here");
  equal([...(await promise)], [1, 2, 3]);
});

behaviour("2.1", "a long array is copied when the call is made", async ({ peer }) => {
  await peer.add(1, 1);
  const list = Array.from({ length: 1000 }, (_, index) => index);
  const promise = peer.echo(list);
  list[0] = "changed";
  equal((await promise)[0], 0);
});

behaviour("2.1", "a Map is what it was when its walk began", async ({ peer }) => {
  const map = new Map();
  const grows = {
    get value() {
      map.set("late", 1);
      return 1;
    },
  };
  map.set("a", grows);
  equal([...(await peer.echo(map)).keys()], ["a"]);
});

behaviour("2.1", "a property that a getter deletes stays behind", async ({ peer }) => {
  const object = {
    get first() {
      delete object.second;
      return 1;
    },
    second: 2,
  };
  equal(Object.keys(await peer.echo(object)), ["first"]);
});

/* 2.1: arrays of every shape */

behaviour("2.1", "a long array keeps its extra properties, functions too", async ({ peer }) => {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  using back = await peer.echo(Object.assign(list, { extra: "kept", fn: () => 7 }));
  equal([back.length, back[999], back.extra, await back.fn()], [1000, 999, "kept", 7]);
});

behaviour("2.1", "an array with a few elements far apart stays sparse", async ({ peer }) => {
  const list = [];
  list[5] = "near";
  list[4_000_000_000] = { far: true };
  const back = await peer.echo(list);
  equal(back.length, 4_000_000_001);
  equal(Object.keys(back), ["5", "4000000000"]);
  equal(back[4_000_000_000], { far: true });
});

/* 2.1, 2.3: what cannot be sent is refused, and nothing else suffers */

const nest = (levels, wrap) => {
  let value = wrap(1);
  for (let i = 1; i < levels; i++) value = wrap(value);
  return value;
};

const wrappers = {
  objects: (inner) => ({ inner }),
  arrays: (inner) => [inner],
  Maps: (inner) => new Map([[1, inner]]),
};

for (const [what, wrap] of Object.entries(wrappers)) {
  behaviour("2.3", `${what} nested 100,000 deep are refused`, async ({ peer }) => {
    const others = [peer.add(1, 2), peer.add(3, 4)];
    await rejects(
      () => peer.argumentCount(nest(100_000, wrap)),
      "RangeError",
      "Maximum call stack size exceeded",
    );
    equal(await Promise.all(others), [3, 7]);
    equal(await peer.argumentCount(nest(900, wrap)), 1);
  });
}

behaviour("2.3", "a detached buffer is refused, other calls go on", async ({ peer }) => {
  await peer.add(1, 1);
  const bytes = new Uint8Array([1, 2, 3]);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  const text = "An ArrayBuffer is detached and could not be cloned.";
  const other = peer.add(1, 2);
  await rejects(() => peer.echo(bytes), "DataCloneError", text);
  await rejects(() => peer.echo({ buffer: bytes.buffer }), "DataCloneError", text);
  equal(await other, 3);
});

class AppPromise extends Promise {}

const refused = {
  "a boxed symbol": [() => Object(Symbol("x")), "[object Symbol] could not be cloned."],
  "an asynchronous generator": [
    () => (async function* generate() {})(),
    "[object AsyncGenerator] could not be cloned.",
  ],
  "a subclass of Promise": [() => AppPromise.resolve(1), "#<AppPromise> could not be cloned."],
  "a WebAssembly.Memory": [
    () => new WebAssembly.Memory({ initial: 1 }),
    "#<Memory> could not be cloned.",
  ],
};

for (const [what, [make, message]] of Object.entries(refused)) {
  behaviour("2.3", `${what} cannot be sent`, async ({ peer }) => {
    await rejects(() => peer.echo(make()), "DataCloneError", message);
  });
}

behaviour("2.5", "a view counts with the whole of its buffer", async ({ peer }) => {
  const view = new Uint8Array(new ArrayBuffer(40 * 1024 * 1024), 0, 10);
  await rejects(
    () => peer.argumentCount(view),
    "Error",
    /^Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: 419430\d\d bytes\.$/,
  );
});

/* 1.3, 2.7, 6: results and errors that throw when they are looked at */

const hostileErrors = {
  name: { name: { get: () => fail("name") } },
  message: { message: { get: () => fail("message") } },
  stack: { stack: { get: () => fail("stack") } },
  "own property": { extra: { get: () => fail("extra"), enumerable: true } },
  retryable: { retryable: { get: () => fail("retryable"), enumerable: true } },
};

function fail(what) {
  throw new RangeError(`${what} cannot be read`);
}

for (const [what, properties] of Object.entries(hostileErrors)) {
  behaviour("6", `an error whose ${what} cannot be read arrives as an error`, async ({ peer }) => {
    const error = await peer
      .callIt(() => {
        throw Object.defineProperties(new Error("hostile"), properties);
      })
      .then(
        () => "resolved",
        (caught) => caught,
      );
    check(error instanceof Error, `an Error, got ${error}`);
    equal(error.remote, true);
    equal(await peer.add(1, 2), 3);
  });
}

behaviour("6", "a Proxy that throws in every trap arrives as an error", async ({ peer }) => {
  const handler = new Proxy({}, { get: (_target, trap) => () => fail(trap) });
  const error = await peer
    .callIt(() => {
      throw new Proxy(new Error("hostile"), handler);
    })
    .then(
      () => "resolved",
      (caught) => caught,
    );
  check(error instanceof Error, `an Error, got ${error}`);
  equal(await peer.add(1, 2), 3);
});

behaviour("2.7", "a result whose disposer cannot be read fails the call", async ({ peer }) => {
  await rejects(
    () =>
      peer.callIt(() => ({
        get [Symbol.dispose]() {
          return fail("disposer");
        },
      })),
    "RangeError",
    "disposer cannot be read",
  );
});

behaviour("1.3", "a result whose then cannot be read fails the call", async ({ peer }) => {
  const name = "then";
  await rejects(
    () => peer.callIt(() => Object.defineProperty({}, name, { get: () => fail("then") })),
    "RangeError",
    "then cannot be read",
  );
});

for (const trap of ["get", "getPrototypeOf", "getOwnPropertyDescriptor"]) {
  behaviour("2.2", `a Proxy that throws in ${trap} fails the call`, async ({ peer }) => {
    const proxy = new Proxy({ fn: () => 1 }, { [trap]: () => fail(trap) });
    await rejects(() => peer.callMethodOf(proxy, "fn"), "RangeError", `${trap} cannot be read`);
    equal(await peer.add(1, 2), 3);
  });
}
