import { behaviour, check, equal, eventually, rejects } from "../harness.js";
import { Counter, Disposable, journal, newKey, WithDup } from "../targets.js";

const missing = (name) => `The RPC receiver does not implement the method "${name}".`;
const disposed = "RPC stub used after being disposed.";

/* 2.2: by reference */

behaviour("2.2", "a returned function keeps its closure", async ({ peer }) => {
  using f = await peer.newFunction();
  await f(2);
  await f(1);
  equal(await f(-5), -2);
});

behaviour("2.2", "a function's own properties are readable", async ({ peer }) => {
  using f = await peer.functionWithProperties();
  equal(await f(), "called");
  equal(await f.extra, "own property");
});

behaviour("2.2", "a stub is a callable RpcStub", async ({ peer }) => {
  const { RpcStub } = await import("cloudflare:workers");
  using f = await peer.newFunction();
  equal(typeof f, "function");
  check(f instanceof RpcStub, "instanceof RpcStub");
  check(Object.getPrototypeOf(f) === RpcStub.prototype, "exact prototype");
});

behaviour("2.2", "an object of functions gives a stub for each", async ({ peer }) => {
  using object = await peer.objectOfFunctions();
  equal(object.value, 7);
  equal(await object.add(1, 2), 3);
  equal(await object.inner.twice(4), 8);
});

behaviour("2.2", "an RpcTarget shows its prototype's members only", async ({ peer }) => {
  using counter = await peer.newCounter(5);
  equal(await counter.increment(2), 7);
  equal(await counter.value, 7);
  await rejects(() => counter.own, "TypeError", missing("own"));
  await rejects(() => counter.nothing(), "TypeError", missing("nothing"));
});

behaviour("2.2", "an error of a target's method reaches the caller", async ({ peer }) => {
  using counter = await peer.newCounter();
  const error = await rejects(() => counter.fail(), "RangeError", "counter failed");
  equal(error.remote, true);
});

behaviour("2.2", "functions inside an array arrive as stubs", async ({ peer }) => {
  using list = await peer.listOfFunctions();
  equal([await list[0](), await list[1]()], [1, 2]);
});

behaviour("2.2", "new RpcStub of a plain object travels by reference", async ({ peer }) => {
  using stub = await peer.stubOfPlainObject();
  equal(await stub.own(), "own");
  equal(await stub.value, 9);
  await rejects(() => stub.toStringLike, "TypeError", missing("toStringLike"));
});

behaviour("2.2", "a Proxy of an RpcTarget is a target", async ({ peer }) => {
  using stub = await peer.proxiedTarget();
  await rejects(() => stub.nothing(), "TypeError", missing("nothing"));
});

behaviour("2.2", "a Proxy of a plain object is a stub, not a value", async ({ peer }) => {
  const object = new Proxy({ hello: () => "hi" }, {});
  equal(await peer.isStub(object), true);
  equal(await peer.callMethodOf(object, "hello"), "hi");
});

behaviour("2.2", "a Proxy of anything else is refused", async ({ peer }) => {
  await rejects(
    () => peer.echo(new Proxy(new Map(), {})),
    "DataCloneError",
    "Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain object or an RpcTarget, as indicated by the Proxy's prototype chain.",
  );
});

behaviour("2.2", "a service binding can be sent as a token", async ({ env, peer }) => {
  equal(await peer.callMethodOf(env.PEER, "add", 3, 4), 7);
});

behaviour("2.2", "a service stub that comes back is a service stub", async ({ env, peer }) => {
  const { ServiceStub } = await import("cloudflare:workers");
  const back = await peer.echo(env.PEER);
  check(back instanceof ServiceStub, "instanceof ServiceStub");
  equal(await back.add(1, 1), 2);
});

behaviour("2.2", "callbacks run at the caller, inside the call", async ({ peer }) => {
  const seen = [];
  const results = await peer.callTwice((n) => {
    seen.push(n);
    return n * 10;
  });
  equal([...results], [10, 20]);
  equal(seen, [1, 2]);
});

behaviour("2.2", "a callback's error reaches the callee and comes back", async ({ peer }) => {
  await rejects(
    () =>
      peer.callIt(() => {
        throw new RangeError("from the callback");
      }),
    "RangeError",
    "from the callback",
  );
});

behaviour("2.2", "an RpcTarget may be an argument", async ({ peer }) => {
  const counter = new Counter(1);
  equal(await peer.incrementIt(counter, 4), 5);
  equal(counter.value, 5);
});

behaviour("2.2", "a stub sent back to its owner still works", async ({ peer }) => {
  using f = await peer.newFunction();
  equal(await peer.callIt(f.dup(), 3), 3);
  equal(await f(1), 4);
});

behaviour("2.2", "a forwarded stub is called through its introducer", async ({ peer }) => {
  using counter = await peer.newCounter(1);
  equal(await peer.incrementIt(counter.dup(), 2), 3);
  equal(await counter.value, 3);
});

/* 3: promise pipelining */

behaviour(
  "3",
  "a method of a promised target is called without awaiting the target",
  async ({ peer }) => {
    equal(await peer.newCounter(5).increment(3), 8);
  },
);

behaviour("3", "a property of a promised target is read without awaiting it", async ({ peer }) => {
  equal(await peer.newCounter(5).value, 5);
});

behaviour("3", "a promised function can be called", async ({ peer }) => {
  equal(await peer.newFunction()(4), 4);
});

behaviour("3", "a chain of three steps pipelines", async ({ peer }) => {
  equal(await peer.newCounter(5).self.increment(1), 6);
});

behaviour("3", "members of a promised plain object are reachable", async ({ peer }) => {
  const promise = peer.objectOfFunctions();
  equal(await promise.value, 7);
  equal(await promise.inner.twice(3), 6);
});

behaviour("3", "an inherited or missing member of a promised object is not", async ({ peer }) => {
  await rejects(() => peer.objectOfFunctions().nothing(), "TypeError", missing("nothing"));
});

behaviour("3", "nothing can be pipelined on an array, a Map or a primitive", async ({ peer }) => {
  await rejects(() => peer.listOfFunctions().first(), "TypeError", missing("first"));
  await rejects(() => peer.echo(new Map()).size2(), "TypeError", missing("size2"));
  await rejects(() => peer.add(1, 2).anything(), "TypeError", missing("anything"));
});

behaviour("3", "calls on a promise arrive in the order made", async ({ peer }) => {
  const promise = peer.newCounter(0);
  const results = await Promise.all([
    promise.increment(1),
    promise.increment(10),
    promise.increment(100),
  ]);
  equal(results, [1, 11, 111]);
});

behaviour("3", "pipelined calls come before calls on the resolved stub", async ({ peer }) => {
  const promise = peer.newCounter(0);
  const early = promise.increment(1);
  using counter = await promise;
  const late = counter.increment(10);
  equal([await early, await late], [1, 11]);
});

behaviour("3", "calls keep their order even when one carries a stream", async ({ peer }) => {
  using f = await peer.newFunction();
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1]));
      controller.close();
    },
  });
  const first = f(1);
  const second = f.call ? f(10, stream) : undefined;
  const third = f(100);
  equal([await first, await second, await third], [1, 11, 111]);
});

behaviour(
  "3",
  "everything pipelined on a rejected promise rejects with its error",
  async ({ peer }) => {
    const promise = peer.fail("range");
    const call = promise.anything();
    const property = promise.value;
    await rejects(() => promise, "RangeError", "out of range");
    await rejects(() => call, "RangeError", "out of range");
    await rejects(() => property, "RangeError", "out of range");
  },
);

behaviour("3", "a resolved promise can still be used", async ({ peer }) => {
  const promise = peer.objectOfFunctions();
  const object = await promise;
  equal(await promise.add(2, 2), 4);
  object[Symbol.dispose]();
});

behaviour("3", "a resolved promise of a primitive cannot be pipelined on", async ({ peer }) => {
  const promise = peer.add(1, 2);
  equal(await promise, 3);
  await rejects(
    () => promise.anything(),
    "TypeError",
    "Can't pipeline on RPC that did not return an object.",
  );
});

behaviour("3", "a resolved promise of a service stub is not pipelined on", async ({ peer }) => {
  const promise = peer.getService();
  const service = await promise;
  await rejects(() => promise.add(1, 2), "TypeError", missing("add"));
  equal(await service.add(1, 2), 3);
});

behaviour("3", "a resolved promise of a Map or Date has no members", async ({ peer }) => {
  for (const value of [new Map([["size", 1]]), new Date(0)]) {
    const promise = peer.echo(value);
    await promise;
    await rejects(() => promise.getTime(), "TypeError", missing("getTime"));
  }
});

behaviour("3", "an integer key is not pipelined", async ({ peer }) => {
  equal(peer.listOfFunctions()[0], undefined);
});

behaviour("3", "then, catch and finally give ordinary promises", async ({ peer }) => {
  const promise = peer.add(1, 1).then((value) => value + 1);
  check(promise instanceof Promise, "a Promise");
  equal(await promise, 3);
  equal(await peer.fail("range").catch((error) => error.message), "out of range");
  let ran = false;
  await peer.add(1, 1).finally(() => {
    ran = true;
  });
  equal(ran, true);
});

behaviour("3", "each use of a property fetches it anew", async () => {
  const { RpcStub } = await import("cloudflare:workers");
  let reads = 0;
  using stub = new RpcStub({
    get counted() {
      reads += 1;
      return reads;
    },
  });
  const property = stub.counted;
  equal([await property, await property], [1, 2]);
  equal(await property.then((value) => value), 3);
  equal(await property.catch(() => "failed"), 4);
  equal(await property.finally(() => {}), 5);
  equal(reads, 5);
});

/* 4: lifetimes */

behaviour("4.1", "a disposed stub refuses calls, asynchronously", async ({ peer }) => {
  const f = await peer.newFunction();
  f[Symbol.dispose]();
  f[Symbol.dispose]();
  await rejects(() => f(1), "Error", disposed);
});

behaviour("4.1", "a target's disposer runs once, after its last stub is gone", async ({ peer }) => {
  const key = newKey();
  const stub = await peer.disposable(key);
  const second = stub.dup();
  stub[Symbol.dispose]();
  equal(await second.ping(), "pong");
  equal([...(await peer.journal(key))], []);
  second[Symbol.dispose]();
  await eventually(async () => [...(await peer.journal(key))], ["disposed"], "journal");
});

behaviour("4.1", "disposing a result disposes every stub in it", async ({ peer }) => {
  const key = newKey();
  const result = await peer.twoDisposables(key);
  result[Symbol.dispose]();
  await rejects(() => result.first.ping(), "Error", disposed);
  await eventually(async () => [...(await peer.journal(`${key}1`))], ["disposed"], "first");
  await eventually(async () => [...(await peer.journal(`${key}2`))], ["disposed"], "second");
});

behaviour(
  "4.1",
  "the callee's disposer of a result runs when the caller disposes it",
  async ({ peer }) => {
    const key = newKey();
    const result = await peer.resultWithDisposer(key);
    equal(result.value, 1);
    equal([...(await peer.journal(key))], []);
    result[Symbol.dispose]();
    await eventually(async () => [...(await peer.journal(key))], ["result disposed"], "journal");
  },
);

behaviour("4.1", "the same target twice in a result is disposed once", async ({ peer }) => {
  const key = newKey();
  const result = await peer.sameTargetTwice(key);
  check(result[0] === result[1], "one stub");
  result[Symbol.dispose]();
  await eventually(async () => [...(await peer.journal(key))], ["disposed"], "journal");
});

behaviour("4.1", "a target sent twice in two calls is disposed twice", async ({ peer }) => {
  const key = newKey();
  const target = new Disposable(key);
  await peer.callMethodOf(target, "ping");
  await peer.callMethodOf(target, "ping");
  await eventually(() => journal(key), ["disposed", "disposed"], "journal");
});

behaviour("4.1", "new RpcStub sent twice is disposed once, with the stub", async ({ peer }) => {
  const { RpcStub } = await import("cloudflare:workers");
  const key = newKey();
  const stub = new RpcStub(new Disposable(key));
  using first = stub.dup();
  await peer.callMethodOf(first, "ping");
  using second = stub.dup();
  await peer.callMethodOf(second, "ping");
  equal(journal(key), []);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  stub[Symbol.dispose]();
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour(
  "4.1",
  "the callee's copies of stubs in parameters end with the call",
  async ({ peer }) => {
    const key = newKey();
    const target = new Disposable(key);
    equal(await peer.callMethodOf(target, "ping"), "pong");
    await eventually(() => journal(key), ["disposed"], "journal");
  },
);

behaviour("4.1", "dup() keeps a parameter beyond the call's end", async ({ peer }) => {
  using back = await peer.returnDup(() => "still here");
  equal(await back(), "still here");
});

behaviour(
  "4.1",
  "the caller keeps the stubs that it sends",
  async ({ peer }) => {
    using f = await peer.newFunction();
    equal(await peer.callIt(f, 1), 1);
    equal(await f(1), 2);
  },
  { date: "modern" },
);

behaviour(
  "4.1",
  "sending a stub gives it away under the old rule",
  async ({ peer }) => {
    const f = await peer.newFunction();
    equal(await peer.callIt(f, 1), 1);
    await rejects(() => f(1), "Error", disposed);
  },
  { date: "legacy" },
);

behaviour(
  "4.1",
  "a target with dup() is duplicated when sent",
  async ({ peer }) => {
    const key = newKey();
    const target = new WithDup(key);
    equal(await peer.callMethodOf(target, "ping"), "pong");
    await eventually(() => journal(key), ["dup", "disposed"], "journal");
  },
  { date: "modern" },
);

behaviour(
  "4.1",
  "a dup() that returns something else is refused",
  async ({ peer }) => {
    const target = Object.assign(
      new (class extends Counter {
        dup() {
          return {};
        }
      })(),
    );
    await rejects(
      () => peer.callMethodOf(target, "increment"),
      "DataCloneError",
      "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.",
    );
  },
  { date: "modern" },
);

behaviour("4.1", "disposing a pending promise does not cancel the call", async ({ peer }) => {
  const key = newKey();
  const promise = peer.slow(key);
  promise[Symbol.dispose]();
  await eventually(async () => [...(await peer.journal(key))], ["started", "ended"], "journal");
});

behaviour("4.1", "a disposed promise cannot be pipelined on, but awaited", async ({ peer }) => {
  const promise = peer.add(1, 2);
  promise[Symbol.dispose]();
  await rejects(() => promise.anything(), "Error", "RPC promise used after being disposed.");
  equal(await promise, 3);
});

behaviour("4.1", "using works on a promise of a result", async ({ peer }) => {
  const key = newKey();
  {
    using promise = peer.disposable(key);
    equal(await promise.ping(), "pong");
  }
  await eventually(async () => [...(await peer.journal(key))], ["disposed"], "journal");
});

behaviour("4.1", "a property is not disposable", ({ peer }) => {
  equal(peer.target[Symbol.dispose], undefined);
});
