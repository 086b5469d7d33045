import * as workers from "cloudflare:workers";
import { behaviour, check, equal, rejects, throws } from "../harness.js";
import { Counter, newKey } from "../targets.js";

/* 1.1: the kinds of objects that JavaScript sees */

behaviour("1.1", "typeof tells callables from service stubs", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  equal(
    [typeof peer, typeof counter, typeof promise, typeof peer.getter],
    ["object", "function", "function", "function"],
  );
  await promise;
});

behaviour("1.1", "each kind has exactly its class as prototype", async ({ peer }) => {
  const { RpcPromise, RpcProperty, RpcStub, ServiceStub } = workers;
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  check(Object.getPrototypeOf(promise) === RpcPromise.prototype, "RpcPromise");
  check(Object.getPrototypeOf(peer.getter) === RpcProperty.prototype, "RpcProperty");
  check(Object.getPrototypeOf(counter.value) === RpcProperty.prototype, "property of a stub");
  check(Object.getPrototypeOf(promise.value) === RpcProperty.prototype, "property of a promise");
  check(peer instanceof ServiceStub, "ServiceStub");
  check(!(promise instanceof RpcStub) && !(counter instanceof RpcPromise), "no class in common");
  await promise;
});

behaviour("1.1", "promises, properties and service stubs cannot be constructed", () => {
  for (const name of ["RpcPromise", "RpcProperty", "ServiceStub"]) {
    throws(() => new workers[name](), "TypeError", "Illegal constructor");
  }
});

behaviour("1.1", "an RpcTarget can be constructed and extended", () => {
  check(new workers.RpcTarget() instanceof workers.RpcTarget, "instance");
  check(new Counter() instanceof workers.RpcTarget, "instance of a subclass");
});

behaviour("1.1", "the module has what the docs name", () => {
  for (const name of [
    "DurableObject",
    "RpcPromise",
    "RpcProperty",
    "RpcStub",
    "RpcTarget",
    "ServiceStub",
    "WorkerEntrypoint",
    "WorkflowEntrypoint",
    "waitUntil",
    "withEnv",
  ]) {
    equal(typeof workers[name], "function", name);
  }
  equal(typeof workers.env, "object", "env");
});

behaviour("1.1", "a stub has dup and a disposer, a service stub has neither", async ({ peer }) => {
  using counter = await peer.newCounter();
  equal(typeof counter[Symbol.dispose], "function", "disposer of a stub");
  equal(peer[Symbol.dispose], undefined, "disposer of a service stub");
  using copy = counter.dup();
  check(copy !== counter && copy instanceof workers.RpcStub, "another stub");
  check(peer.dup instanceof workers.RpcProperty, "dup of a service stub is RPC");
});

behaviour("1.1", "dup on a promise is an RPC name, and reserved", async ({ peer }) => {
  const promise = peer.newCounter();
  check(promise.dup instanceof workers.RpcProperty, "a property");
  await rejects(
    () => promise.dup(),
    "TypeError",
    "'dup' is a reserved method and cannot be called over RPC.",
  );
});

behaviour("1.1", "using refuses a property", ({ peer }) => {
  let error;
  try {
    using _property = peer.getter;
  } catch (caught) {
    error = caught;
  }
  check(error instanceof TypeError, `a TypeError, got ${error}`);
});

behaviour("1.1", "a local RpcStub calls like a remote one", async () => {
  using stub = new workers.RpcStub(new Counter(3));
  equal(await stub.increment(2), 5);
  equal(await stub.value, 5);
  await rejects(
    () => stub.own,
    "TypeError",
    'The RPC receiver does not implement the method "own".',
  );
  using fn = new workers.RpcStub((a, b) => a * b);
  equal(await fn(3, 4), 12);
});

behaviour("1.1", "a local RpcStub copies what passes through it", async () => {
  using stub = new workers.RpcStub({ same: (value) => value });
  const sent = { list: [1] };
  const back = await stub.same(sent);
  equal(back, { list: [1] });
  check(back !== sent && back.list !== sent.list, "a copy");
});

behaviour("1.1", "RpcStub wraps a Proxy of an RpcTarget", async () => {
  using stub = new workers.RpcStub(
    new Proxy(new (class extends workers.RpcTarget {})(), {
      get: (target, key) => (key === "hello" ? () => "from the trap" : Reflect.get(target, key)),
    }),
  );
  equal(await stub.hello(), "from the trap");
});

behaviour(
  "1.1",
  "RpcStub does not wrap stubs that are bindings, promises or properties",
  async ({ peer }) => {
    const promise = peer.add(1, 2);
    for (const value of [peer, promise, peer.getter]) {
      let error;
      try {
        new workers.RpcStub(value);
      } catch (caught) {
        error = caught;
      }
      equal(error?.name, "TypeError");
    }
    await promise;
  },
);

/* 1.2, what the caller's side shows */

behaviour("1.2", "stubs can be logged without a call", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  console.log(peer, counter, promise, peer.getter);
  await promise;
});

behaviour(
  "1.2",
  "then is hidden on stubs, present on promises and properties",
  async ({ peer }) => {
    using counter = await peer.newCounter();
    const promise = peer.add(1, 2);
    equal(
      ["then" in peer, "then" in counter, "then" in promise, "then" in peer.getter],
      [false, false, true, true],
    );
    equal(counter.then, undefined);
    await promise;
  },
);

behaviour("1.2", "a torn-off method of a stub keeps its stub", async ({ peer }) => {
  using counter = await peer.newCounter(1);
  const { increment } = counter;
  equal(await increment(1), 2);
  equal(await Reflect.apply(increment, { other: "this" }, [1]), 3);
});

behaviour("1.2", "an assigned property of a binding shadows RPC", async ({ env }) => {
  const fn = await env.PEER.newFunction();
  fn.shadow = 1;
  equal(fn.shadow, 1);
  delete fn.shadow;
  check(fn.shadow instanceof workers.RpcProperty, "RPC again");
});

/* 1.3, lookup at the callee */

behaviour("1.3", "a member of a base class is found", async ({ env }) => {
  equal(await env.INHERITING.add(1, 2), 30);
  equal(await env.INHERITING.getter, "from a getter");
});

behaviour("1.3", "transient targets reserve dup only", async ({ peer }) => {
  using counter = await peer.newCounter();
  for (const name of ["alarm", "webSocketMessage", "connect"]) {
    await rejects(
      () => counter[name](),
      "TypeError",
      `The RPC receiver does not implement the method "${name}".`,
    );
  }
});

behaviour("1.3", "calling a stub of an object names it (this)", async ({ peer }) => {
  using stub = await peer.stubOfPlainObject();
  await rejects(() => stub(), "TypeError", '"(this)" is not a function.');
});

behaviour("1.3", "own undefined of a plain object is a value", async ({ peer }) => {
  equal(await peer.valueHolder().own, undefined);
});

behaviour(
  "1.3",
  "a path does not go into instances, null-prototype objects, Maps and primitives",
  async ({ peer }) => {
    for (const name of ["instance", "bare", "map"]) {
      await rejects(
        () => peer.instances[name].x,
        "TypeError",
        `The RPC receiver does not implement the method "${name}".`,
      );
    }
    await rejects(
      () => peer.getter.length,
      "TypeError",
      'The RPC receiver does not implement the method "getter".',
    );
  },
  { not: ["forwarded"] },
);

behaviour(
  "1.3",
  "a path goes through stubs that the callee holds",
  async ({ peer }) => {
    equal(await peer.stubGetter.increment(1), 6);
    equal(await peer.service.add(1, 2), 3);
  },
  { not: ["forwarded"] },
);

behaviour("1.3", "a getter may give a function that is called", async ({ peer }) => {
  equal(await peer.functionGetter(5), 15);
});

behaviour(
  "1.3",
  "this is the returned object when pipelined, the function after await",
  async ({ peer }) => {
    equal(await peer.objectUsingThis().method(), "holder");
    using object = await peer.objectUsingThis();
    equal(await object.method(), "method");
  },
  { not: ["forwarded"] },
);

behaviour("1.3", "errors name the last name of a failing path only", async ({ peer }) => {
  await rejects(
    () => peer.newCounter().nothing.deeper(),
    "TypeError",
    'The RPC receiver does not implement the method "nothing".',
  );
});

behaviour("1.3", "names of events are ordinary methods over RPC", async ({ peer }) => {
  equal(await peer.scheduled(1), "scheduled as RPC: 1");
  equal(await peer.queue(2), "queue as RPC: 2");
  equal(await peer.email(3), "email as RPC: 3");
});

/* 1.4, handler objects */

behaviour(
  "1.4",
  "a nested group of a handler object gets env and its own this",
  async ({ env }) => {
    equal(await env.HANDLERS.group.inner("x"), { arg: "x", hasEnv: true, name: "group" });
  },
  { not: ["forwarded"] },
);

behaviour("1.4", "a handler of unreasonable length cannot be called", async ({ env }) => {
  await rejects(
    () => env.HANDLERS.tooLong(1),
    "TypeError",
    "RPC function has unreasonable length attribute: 300",
  );
});

behaviour("1.4", "members of Object.prototype are not handlers", async ({ env }) => {
  await rejects(
    () => env.HANDLERS.nothing(1),
    "TypeError",
    'The RPC receiver does not implement the method "nothing".',
  );
});

behaviour("2.7", "primitives and bare stubs get no second disposer", async ({ peer }) => {
  equal((await peer.add(1, 1))[Symbol.dispose], undefined);
  using counter = await peer.newCounter();
  equal(Object.hasOwn(counter, Symbol.dispose), false);
});

behaviour("2.7", "the callee's disposer is not seen as data", async ({ peer }) => {
  using result = await peer.resultWithDisposer(newKey());
  equal(Object.keys(result), ["value"]);
});

behaviour("1.1", "Object.prototype.toString names the kinds", async ({ peer }) => {
  const tag = (value) => Object.prototype.toString.call(value);
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  equal(
    [tag(counter), tag(promise), tag(promise.x), tag(peer), tag(new Counter())],
    [
      "[object JsRpcStub]",
      "[object JsRpcPromise]",
      "[object JsRpcProperty]",
      "[object Fetcher]",
      "[object JsRpcTarget]",
    ],
  );
  await promise;
});

behaviour("1.1", "RpcStub of a stub is a function without own properties", async ({ peer }) => {
  using fn = await peer.newFunction();
  using stub = new workers.RpcStub(fn.dup());
  equal(await stub(3), 3);
  using counter = await peer.newCounter();
  using bare = new workers.RpcStub(counter.dup());
  await rejects(
    () => bare.increment(1),
    "TypeError",
    'The RPC receiver does not implement the method "increment".',
  );
});

behaviour("1.2", "JSON.stringify makes no calls", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  equal(JSON.stringify({ peer, counter, promise }), '{"peer":{}}');
  equal(JSON.stringify([peer, counter]), "[{},null]");
  await promise;
});

behaviour("1.2", "toJSON is a name like any other", async ({ peer }) => {
  equal(await peer.callMethodOf({ toJSON: () => "called" }, "toJSON"), "called");
  await rejects(
    () => peer.toJSON(),
    "TypeError",
    'The RPC receiver does not implement the method "toJSON".',
  );
});

behaviour(
  "1.3",
  "a thenable is awaited at the callee, results and properties",
  async ({ peer }) => {
    const name = "then";
    const thenable = () => ({ [name]: (resolve) => resolve(5) });
    equal(await peer.callIt(thenable), 5);
    using stub = new workers.RpcStub({ property: thenable() });
    equal(await stub.property, 5);
  },
);
