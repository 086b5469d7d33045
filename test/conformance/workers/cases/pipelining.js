import { RpcPromise, RpcStub } from "cloudflare:workers";
import { behaviour, check, equal, eventually, rejects } from "../harness.js";
import { Counter, newKey } from "../targets.js";

const missing = (name) => `The RPC receiver does not implement the method "${name}".`;
const noObject = "Can't pipeline on RPC that did not return an object.";

/* 3: what a pending promise reaches */

behaviour(
  "3",
  "targets, stubs and services in a promised object are reachable",
  async ({ env }) => {
    const make = () => ({
      target: new Counter(1),
      stub: new RpcStub(new Counter(2)),
      service: env.PEER,
      inner: { target: new Counter(3), fn: (n) => n + 1 },
    });
    using stub = new RpcStub(make);
    const promise = stub();
    equal(
      await Promise.all([
        promise.target.increment(1),
        promise.stub.increment(1),
        promise.service.add(2, 2),
        promise.inner.target.self.value,
        promise.inner.fn(5),
      ]),
      [2, 3, 4, 3, 6],
    );
    (await promise)[Symbol.dispose]();
  },
);

behaviour("3", "a promised function's own properties are readable", async ({ peer }) => {
  const promise = peer.functionWithProperties();
  equal([await promise.extra, await promise()], ["own property", "called"]);
  await rejects(() => promise.call(), "TypeError", missing("call"));
});

behaviour("3", "a promised object cannot be called", async ({ peer }) => {
  await rejects(() => peer.valueHolder()(), "TypeError", '"(this)" is not a function.');
});

behaviour("3", "nothing can be pipelined on what is no object of names", async ({ peer }) => {
  const values = [
    null,
    undefined,
    "text",
    new Set(),
    new Error("x"),
    new Headers(),
    new Blob(["x"]),
    new Uint8Array(1),
    /a/,
    new Number(1),
  ];
  for (const value of values) {
    await rejects(() => peer.echo(value).size, "TypeError", missing("size"));
    await rejects(() => peer.echo(value).size(), "TypeError", missing("size"));
  }
});

behaviour("3", "an inherited name of a promised object is missing", async ({ peer }) => {
  for (const name of ["push", "concat", "then2"]) {
    await rejects(() => peer.valueHolder()[name](), "TypeError", missing(name));
  }
});

/* 3: promises that have resolved */

behaviour("3", "a resolved promise of a stub is that stub", async ({ peer }) => {
  const promise = peer.newCounter(1);
  using counter = await promise;
  equal([await promise.increment(1), await counter.value, await promise.value], [2, 2, 2]);
});

behaviour("3", "a resolved promise of a function can be called and read", async ({ peer }) => {
  const promise = peer.functionWithProperties();
  using fn = await promise;
  equal([await promise(), await promise.extra, await fn()], ["called", "own property", "called"]);
});

behaviour("3", "a resolved promise of an object goes by its own properties", async ({ peer }) => {
  const promise = peer.valueHolder();
  using object = await promise;
  equal([await promise.inner.n, await promise.own, object.inner.n], [1, undefined, 1]);
  await rejects(() => promise.nothing, "TypeError", missing("nothing"));
  await rejects(() => promise(), "TypeError", '"(this)" is not a function.');
});

behaviour(
  "3",
  "a resolved promise of nothing or a primitive refuses reads too",
  async ({ peer }) => {
    for (const value of [undefined, null, 1, "text", true, 1n]) {
      const promise = peer.echo(value);
      await promise;
      await rejects(() => promise.length, "TypeError", noObject);
      await rejects(() => promise(), "TypeError", noObject);
    }
  },
);

behaviour("3", "a resolved promise of an array has its length", async ({ peer }) => {
  const promise = peer.echo([1, 2]);
  await promise;
  equal(await promise.length, 2);
});

behaviour("3", "use after rejection rejects with the promise's error", async ({ peer }) => {
  const promise = peer.fail("range");
  await rejects(() => promise, "RangeError", "out of range");
  await rejects(() => promise.value, "RangeError", "out of range");
  await rejects(() => promise.call(1), "RangeError", "out of range");
  await rejects(() => promise.a.b(), "RangeError", "out of range");
  await rejects(() => promise, "RangeError", "out of range");
});

behaviour("3", "a rejected argument's error reaches what is pipelined later", async ({ peer }) => {
  const promise = peer.echo(Symbol("x"));
  await rejects(() => promise, "DataCloneError", "Symbol(x) could not be cloned.");
  await rejects(() => promise.later(), "DataCloneError", "Symbol(x) could not be cloned.");
});

behaviour("3", "copies of pipelined reads have stubs of their own", async ({ peer }) => {
  const promise = peer.objectOfFunctions();
  const reads = [promise.inner, promise.inner];
  const [one, two] = await Promise.all(reads);
  check(one.twice !== two.twice, "two stubs");
  one[Symbol.dispose]();
  equal(await two.twice(2), 4);
  two[Symbol.dispose]();
  (await promise)[Symbol.dispose]();
});

behaviour("3", "awaiting a promise twice gives the same value", async ({ peer }) => {
  const promise = peer.valueHolder();
  const first = await promise;
  check(first === (await promise), "the same object");
});

behaviour(
  "3",
  "a call on a property, a promise and a call's property is an RpcPromise",
  async ({ peer }) => {
    const promise = peer.newCounter(1);
    const calls = [promise.increment(1), promise.self.increment(1), promise.self.self.increment(1)];
    for (const call of calls) check(call instanceof RpcPromise, "an RpcPromise");
    equal(await Promise.all(calls), [2, 3, 4]);
  },
);

behaviour("3", "reading a property runs no getter until it is awaited", async () => {
  let reads = 0;
  using stub = new RpcStub({
    get counted() {
      reads += 1;
      return { inner: () => "called" };
    },
    nothing: () => {},
  });
  const property = stub.counted;
  const deeper = property.inner;
  await stub.nothing();
  equal(reads, 0, "before");
  equal([await deeper(), reads], ["called", 1]);
  (await property)[Symbol.dispose]();
  equal(reads, 2, "after");
});

behaviour("3", "a promise rejects one handler as it does all", async ({ peer }) => {
  const error = await peer.fail("range").then(
    () => "resolved",
    (caught) => caught.name,
  );
  equal(error, "RangeError");
  equal(await peer.getter.then((value) => value.length), 13);
  equal(await peer.throwingGetter.catch((caught) => caught.message), "getter failed");
  let ran = 0;
  await rejects(() => peer.fail("range").finally(() => (ran += 1)), "RangeError", "out of range");
  equal(ran, 1);
});

/* 3: order */

behaviour("3", "calls on a binding start in the order they were made", async ({ peer }) => {
  const key = newKey();
  const texts = Array.from({ length: 10 }, (_, index) => String(index));
  await Promise.all(texts.map((text) => peer.write(key, text)));
  equal([...(await peer.journal(key))], texts);
});

behaviour("3", "replies come as they are ready", async () => {
  const seen = [];
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  using stub = new RpcStub({ wait: () => gate, quick: () => open() });
  const slow = stub.wait().then(() => seen.push("slow"));
  const quick = stub.quick().then(() => seen.push("quick"));
  await Promise.all([slow, quick]);
  equal(seen.length, 2);
});

behaviour("3", "calls and reads on one stub keep their order", async ({ peer }) => {
  using counter = await peer.newCounter(0);
  equal(
    await Promise.all([
      counter.increment(1),
      counter.value.then((value) => value),
      counter.self.increment(10),
      counter.value.then((value) => value),
    ]),
    [1, 1, 11, 11],
  );
});

/* 3: failures that nobody awaits */

const unhandled = [];
addEventListener("unhandledrejection", (event) => {
  if (!/only pipelined on/.test(String(event.reason?.message))) return;
  event.preventDefault();
  unhandled.push(event.reason.message);
});

behaviour(
  "3",
  "a failure of which nothing is awaited is an unhandled rejection",
  async ({ peer }) => {
    const message = `only pipelined on ${Math.random()}`;
    peer.fail(message).anything();
    await eventually(() => unhandled.includes(message), true, "unhandledrejection");
  },
);

behaviour(
  "3",
  "a failed promise that is only pipelined on is an unhandled rejection of its own",
  async ({ peer }) => {
    const message = `only pipelined on ${Math.random()}`;
    await rejects(() => peer.fail(message).anything(), "Error", message);
    await eventually(() => unhandled.includes(message), true, "unhandledrejection");
  },
  { not: ["drover"] },
);

behaviour(
  "3",
  "what is pipelined on a call that cannot be sent fails like it",
  async ({ peer }) => {
    const refused =
      'Could not serialize object of type "RpcPromise". This type does not support serialization.';
    const stub = peer.newFunction();
    // A call of its own session, one pipelined on another, and one on a stub that is there.
    for (const call of [peer.echo(stub), stub.anything(stub), (await peer.newFunction())(stub)]) {
      const later = call.method();
      const property = call.name;
      await rejects(() => later, "DataCloneError", refused);
      await rejects(() => property, "DataCloneError", refused);
      await rejects(() => call, "DataCloneError", refused);
    }
  },
);
