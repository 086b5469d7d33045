import { RpcStub, RpcTarget } from "cloudflare:workers";
import { behaviour, check, equal, eventually, pause, rejects, throws } from "../harness.js";
import { Counter, Disposable, journal, newKey, note, WithDup } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];
const disposed = "RPC stub used after being disposed.";

/* 4.1(1): disposers */

behaviour("4.1", "a disposer's this is its target", async ({ peer }) => {
  const key = newKey();
  (await peer.disposerOfThis(key))[Symbol.dispose]();
  await eventually(() => read(peer, key), ["this is the target"], "journal");
});

behaviour("4.1", "a disposer runs later, not within dispose", async () => {
  const key = newKey();
  const stub = new RpcStub(new Disposable(key));
  stub[Symbol.dispose]();
  equal(journal(key), [], "within dispose");
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("4.1", "a disposer that throws is nobody's error", async ({ peer }) => {
  const key = newKey();
  const stub = await peer.throwingDisposer(key);
  equal(await stub.ping(), "pong");
  stub[Symbol.dispose]();
  await eventually(() => read(peer, key), ["disposed"], "journal");
  equal(await peer.add(1, 1), 2);
});

behaviour("4.1", "a function's own disposer counts", async ({ peer }) => {
  const key = newKey();
  const fn = await peer.functionWithDisposer(key);
  equal(await fn(), "called");
  fn[Symbol.dispose]();
  await eventually(() => read(peer, key), ["function disposed"], "journal");
});

behaviour("4.1", "an asynchronous disposer is not looked for", async ({ peer }) => {
  using stub = await peer.newCounter();
  equal(stub[Symbol.asyncDispose], undefined);
});

behaviour("4.1", "a target without disposer can be disposed", async ({ peer }) => {
  const stub = await peer.newCounter();
  stub[Symbol.dispose]();
  await rejects(() => stub.value, "Error", disposed);
});

/* 4.1(2): dup */

behaviour("4.1", "a duplicate lives on when the original is disposed", async ({ peer }) => {
  const stub = await peer.newCounter(1);
  using copy = stub.dup();
  stub[Symbol.dispose]();
  equal(await copy.increment(1), 2);
});

behaviour("4.1", "duplicates are the same target", async ({ peer }) => {
  using stub = await peer.newCounter(1);
  using copy = stub.dup();
  await stub.increment(1);
  equal(await copy.value, 2);
});

behaviour("4.1", "dup of a disposed stub throws", async ({ peer }) => {
  const stub = await peer.newCounter(1);
  stub[Symbol.dispose]();
  let error;
  try {
    stub.dup();
  } catch (caught) {
    error = caught;
  }
  check(error instanceof Error, "an error");
});

behaviour("4.1", "properties, calls and sending of a disposed stub reject", async ({ peer }) => {
  const stub = await peer.newCounter(1);
  stub[Symbol.dispose]();
  await rejects(() => stub.value, "Error", disposed);
  await rejects(() => stub.increment(1), "Error", disposed);
  await rejects(() => peer.incrementIt(stub, 1), "Error", disposed);
});

behaviour("4.1", "a disposed stub can be sent, but not used there", async ({ peer }) => {
  const stub = await peer.newCounter(1);
  stub[Symbol.dispose]();
  const list = await peer.echo([stub, 5]);
  equal(list[1], 5);
  await rejects(() => list[0].increment(1), "Error", disposed);
});

behaviour(
  "4.1",
  "under the old rule a stub that was given away can be sent again",
  async ({ peer }) => {
    const stub = new RpcStub(() => "called");
    equal(await peer.callIt(stub), "called");
    equal(await peer.argumentCount(stub, stub), 2);
    await rejects(() => peer.callIt(stub), "Error", disposed);
  },
  { date: "legacy" },
);

/* 4.1(3) */

behaviour("4.1", "disposing a stub does not cancel calls on it", async ({ peer }) => {
  const key = newKey();
  const stub = await peer.newWriter(key);
  const call = stub.write("in flight");
  stub[Symbol.dispose]();
  equal(await call, "in flight");
});

behaviour("4.1", "the result of a disposed promise is disposed on arrival", async ({ peer }) => {
  const key = newKey();
  const promise = peer.disposable(key);
  promise[Symbol.dispose]();
  await eventually(() => read(peer, key), ["disposed"], "journal");
});

behaviour("4.1", "awaiting a disposed promise gives a disposed stub", async ({ peer }) => {
  const promise = peer.newCounter(1);
  promise[Symbol.dispose]();
  const stub = await promise;
  await rejects(() => stub.value, "Error", disposed);
});

/* 4.1(4): results */

behaviour(
  "4.1",
  "stubs in a result may be disposed one by one",
  async ({ peer }) => {
    const key = newKey();
    const result = await peer.twoDisposables(key);
    result.first[Symbol.dispose]();
    await eventually(() => read(peer, `${key}1`), ["disposed"], "first");
    equal(await result.second.ping(), "pong");
    result[Symbol.dispose]();
    await eventually(() => read(peer, `${key}2`), ["disposed"], "second");
  },
  { not: ["forwarded"] },
);

behaviour("4.1", "a duplicate of a stub in a result outlives it", async ({ peer }) => {
  const result = await peer.objectOfFunctions();
  using add = result.add.dup();
  result[Symbol.dispose]();
  await rejects(() => result.add(1, 1), "Error", disposed);
  equal(await add(1, 1), 2);
});

behaviour("4.1", "disposing a result twice is fine", async ({ peer }) => {
  const key = newKey();
  const result = await peer.resultWithDisposer(key);
  result[Symbol.dispose]();
  result[Symbol.dispose]();
  await eventually(() => read(peer, key), ["result disposed"], "journal");
});

behaviour("4.1", "disposers of nested objects and Maps are ignored", async ({ peer }) => {
  const key = newKey();
  const result = await peer.nestedDisposers(key);
  equal(result.inner.value, 1);
  result[Symbol.dispose]();
  await pause(20);
  equal(await read(peer, key), []);
});

behaviour("4.1", "a result's disposer waits for calls pipelined on it", async ({ peer }) => {
  const key = newKey();
  const promise = peer.disposableWithSlow(key);
  const slow = promise.slow();
  (await promise)[Symbol.dispose]();
  equal(await slow, "slow");
  await eventually(
    () => read(peer, key),
    ["slow started", "slow ended", "disposed, value 1"],
    "journal",
  );
});

behaviour("4.1", "a result without disposer need not be disposed", async ({ peer }) => {
  const result = await peer.echo({ plain: "data" });
  equal(typeof result[Symbol.dispose], "function");
});

behaviour("4.1", "a result that is handed on takes its stubs along", async ({ peer }) => {
  const key = newKey();
  const result = await peer.callIt(() => ({ target: new Disposable(key) }));
  equal(await result.target.ping(), "pong");
  equal(journal(key), []);
  result[Symbol.dispose]();
  await eventually(() => journal(key), ["disposed"], "journal");
});

/* 4.1(6), (7): parameters */

behaviour("4.1", "a function given to a call is disposed after it", async ({ peer }) => {
  const key = newKey();
  const fn = Object.assign(() => "x", { [Symbol.dispose]: () => note(key, "disposed") });
  equal(await peer.callIt(fn), "x");
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("4.1", "a parameter lives until the call has settled", async ({ peer }) => {
  const key = newKey();
  const call = peer.keepUnsettled(new Disposable(key));
  await peer.add(1, 1);
  equal(journal(key), []);
  equal(await call, "settled");
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("4.1", "a returned parameter is serialized before it is disposed", async ({ peer }) => {
  using back = await peer.returnStub(() => "still works");
  equal(await back(), "still works");
});

behaviour("4.1", "a failed call disposes its parameters too", async ({ peer }) => {
  const key = newKey();
  await rejects(() => peer.callMethodOf(new Disposable(key), "nothing"), "TypeError", /nothing/);
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour(
  "4.1",
  "a call that could not be sent leaves its targets alone",
  async ({ peer }) => {
    const key = newKey();
    const target = new Disposable(key);
    await rejects(() => peer.echo([target, Symbol("x")]), "DataCloneError", /could not be cloned/);
    await pause(10);
    equal(journal(key), []);
    equal(await peer.callMethodOf(target, "ping"), "pong");
    await eventually(() => journal(key), ["disposed"], "journal");
  },
  { not: ["workerd"] },
);

/* 4.1(8): ownership of parameters */

const badDup = {
  "an RpcTarget": [
    () =>
      new (class extends RpcTarget {
        dup() {
          return {};
        }
      })(),
    "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.",
  ],
  "a function": [
    () => Object.assign(() => 1, { dup: () => ({}) }),
    "Couldn't create a stub for the function because it has a dup() method which did not return another function. Either remove the dup() method or make sure it returns a function.",
  ],
  "a Proxy": [
    () =>
      new Proxy(new Counter(), {
        get: (target, key) => (key === "dup" ? () => 5 : Reflect.get(target, key)),
      }),
    "Couldn't create a stub for the Proxy because it has a dup() method which did not return the same underlying type (RpcTarget or Function) as the Proxy itself represents. Either remove the dup() method or make sure it returns an RpcTarget.",
  ],
};

for (const [what, [make, text]] of Object.entries(badDup)) {
  behaviour(
    "4.1",
    `${what} with a dup() of another kind is refused`,
    async ({ peer }) => {
      await rejects(() => peer.echo(make()), "DataCloneError", text);
    },
    { date: "modern" },
  );
}

behaviour(
  "4.1",
  "a function with dup() is duplicated when sent",
  async ({ peer }) => {
    const key = newKey();
    const fn = () => "original";
    fn.dup = () => {
      note(key, "dup");
      return Object.assign(() => "copy", { [Symbol.dispose]: () => note(key, "disposed") });
    };
    equal(await peer.callIt(fn), "copy");
    await eventually(() => journal(key), ["dup", "disposed"], "journal");
  },
  { date: "modern" },
);

behaviour("4.1", "results are not duplicated with dup()", async ({ peer }) => {
  const key = newKey();
  const result = await peer.callIt(() => {
    const target = new Disposable(key);
    target.dup = () => note(key, "dup");
    return target;
  });
  equal(await result.ping(), "pong");
  result[Symbol.dispose]();
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("4.1", "a service stub is never given away", async ({ env, peer }) => {
  equal(await peer.callMethodOf(env.PEER, "add", 1, 1), 2);
  equal(await env.PEER.add(2, 2), 4);
});

behaviour(
  "4.1",
  "under the old rule a stub in a result is given away as well",
  async ({ peer }) => {
    const stub = new RpcStub(() => "mine");
    equal(await peer.callIt(stub), "mine");
    await rejects(() => stub(), "Error", disposed);
  },
  { date: "legacy" },
);

/* 4.1(9) */

behaviour("4.1", "using disposes at the end of the block", async ({ peer }) => {
  let outside;
  {
    using counter = await peer.newCounter();
    outside = counter;
    equal(await counter.value, 0);
  }
  await rejects(() => outside.value, "Error", disposed);
});

behaviour("4.1", "a local stub is disposed like a remote one", async () => {
  const stub = new RpcStub(new Counter());
  stub[Symbol.dispose]();
  await rejects(() => stub.value, "Error", disposed);
  throws(
    () => new RpcStub(new Date()),
    "TypeError",
    "RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.",
  );
});

behaviour("4.1", "a stub that was returned is disposed at the callee", async ({ peer }) => {
  using stub = await peer.keepAndReturn();
  equal(await stub(), "kept");
  await eventually(
    () => peer.useReturned(),
    "Error: RPC stub used after being disposed.",
    "the callee's copy",
  );
});

behaviour("4.1", "a callee may dispose its parameters early", async ({ peer }) => {
  equal(await peer.disposeParameter(() => "x"), `Error: ${disposed}`);
});

behaviour("4.1", "the same function twice is one stub to dispose", async ({ peer }) => {
  const fn = () => 1;
  equal(await peer.disposeOneOfTwo(fn, fn), `same: Error: ${disposed}`);
});

behaviour(
  "4.1",
  "under the old rule dup() is not called",
  async ({ peer }) => {
    const key = newKey();
    equal(await peer.callMethodOf(new WithDup(key), "ping"), "pong");
    await eventually(() => journal(key), ["disposed"], "journal");
  },
  { date: "legacy" },
);

const orders = {
  "promise, result, stubs": ["promise", "result", "stubs"],
  "stubs, result, promise": ["stubs", "result", "promise"],
  "result, stubs, promise": ["result", "stubs", "promise"],
  "everything twice": ["promise", "promise", "result", "result", "stubs", "stubs"],
};

for (const [what, order] of Object.entries(orders)) {
  behaviour("4.1", `disposers run once whatever the order: ${what}`, async ({ peer }) => {
    const key = newKey();
    const promise = peer.twoDisposables(key);
    const result = await promise;
    const dispose = {
      promise: () => promise[Symbol.dispose](),
      result: () => result[Symbol.dispose](),
      stubs: () => {
        result.first[Symbol.dispose]();
        result.second[Symbol.dispose]();
      },
    };
    for (const step of order) dispose[step]();
    await eventually(() => read(peer, `${key}1`), ["disposed"], "first");
    await eventually(() => read(peer, `${key}2`), ["disposed"], "second");
  });
}
