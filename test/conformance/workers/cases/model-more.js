import * as workers from "cloudflare:workers";
import { behaviour, check, equal, rejects, throws } from "../harness.js";

const { RpcProperty, RpcStub, RpcTarget, ServiceStub } = workers;
const missing = (name) => `The RPC receiver does not implement the method "${name}".`;
const reserved = (name) => `'${name}' is a reserved method and cannot be called over RPC.`;

/* 1.1: the kinds of objects, in detail */

behaviour(
  "1.1",
  "an export is a callable service stub, with and without props",
  ({ ctx }) => {
    const { Holder } = ctx.exports;
    const withProps = Holder({ props: {} });
    check(Holder instanceof ServiceStub && withProps instanceof ServiceStub, "service stubs");
    equal([typeof Holder, typeof withProps], ["function", "object"]);
    equal([Holder.then, Holder[Symbol.dispose]], [undefined, undefined]);
    check(Holder.dup instanceof RpcProperty, "dup is RPC");
  },
  { date: "modern" },
);

behaviour("1.1", "the module has the rest of what the docs name", () => {
  for (const name of ["withExports", "withEnvAndExports", "abortIsolate"]) {
    equal(typeof workers[name], "function", name);
  }
  equal([typeof workers.cache, typeof workers.tracing], ["object", "object"]);
});

behaviour("1.1", "restore is a method like any other, and a symbol that RPC has not", async () => {
  const { exports: ownExports, restore } = workers;
  const { Holder } = ownExports;
  equal(String(restore), "Symbol(cloudflare:workers:restore)");
  equal(await Holder.restore("it"), "restored it");
  equal([restore in Holder, Holder[restore]], [false, undefined]);
  await rejects(() => Holder[String(restore)](), "TypeError", missing(String(restore)));
  // Without allow_irrevocable_stub_storage.
  equal(await Holder.restoreOfContext(), "undefined");
  class Restorable extends RpcTarget {
    restore = 1;

    [restore]() {
      return "not for callers";
    }
  }
  using stub = new RpcStub(new Restorable());
  equal([restore in stub, stub[restore]], [false, undefined]);
  await rejects(() => stub.restore, "TypeError", missing("restore"));
});

behaviour("1.1", "dup of a property is an RPC name", ({ peer }) => {
  check(peer.getter.dup instanceof RpcProperty, "a property");
});

behaviour("1.1", "RpcStub wraps no object without prototype, array or primitive", () => {
  const text = "RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.";
  const values = [Object.create(null), [], Object.create({ inherited: 1 }), new Proxy([], {})];
  for (const value of values) throws(() => new RpcStub(value), "TypeError", text);
  for (const value of [1, "text", null, undefined, Symbol("s")]) {
    throws(() => new RpcStub(value), "TypeError", /./);
  }
});

behaviour(
  "1.1",
  "RpcStub wraps a Proxy of a plain object and one that fakes a target",
  async () => {
    using plain = new RpcStub(new Proxy({ own: () => "own" }, {}));
    equal(await plain.own(), "own");
    using fake = new RpcStub(
      new Proxy(
        {},
        {
          getPrototypeOf: () => RpcTarget.prototype,
          get: (_target, key) => (key === "hello" ? () => "faked" : undefined),
        },
      ),
    );
    equal(await fake.hello(), "faked");
  },
);

behaviour("1.1", "RpcStub of a function reads its properties and calls it", async () => {
  using stub = new RpcStub(Object.assign(async (n) => n + 1, { extra: { deep: 2 } }));
  equal([await stub(1), await stub.extra.deep], [2, 2]);
});

behaviour("1.1", "each read of a binding's property is a new invocation", async ({ peer }) => {
  const property = peer.countReads;
  equal([await property, await property, await peer.countReads], [1, 1, 1]);
});

/* 1.2: what the caller's side shows */

behaviour("1.2", "every kind has every string key, lists none and owns none", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  for (const stub of [peer, counter, promise, peer.getter]) {
    equal(["anything" in stub, Object.keys(stub)], [true, []]);
    equal([Object.hasOwn(stub, "anything"), Object.hasOwn(stub, "add")], [false, false]);
  }
  await promise;
});

behaviour("1.2", "local names of every kind stay local", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.add(1, 2);
  for (const stub of [peer, counter, promise, peer.getter]) {
    for (const name of ["toString", "valueOf", "hasOwnProperty", "isPrototypeOf"]) {
      check(stub[name] === Object.prototype[name], name);
    }
    // biome-ignore lint/suspicious/noProto: the name is the point
    check(stub.__proto__ === Object.getPrototypeOf(stub), "__proto__");
    check(!(stub.constructor instanceof RpcProperty), "constructor");
  }
  await promise;
});

behaviour("1.2", "an assigned property of a service binding shadows RPC", async ({ peer }) => {
  peer.add = (a, b) => `local ${a} ${b}`;
  try {
    equal(peer.add(1, 2), "local 1 2");
    equal(Object.keys(peer), ["add"]);
  } finally {
    delete peer.add;
  }
  equal(await peer.add(1, 2), 3);
});

behaviour("1.2", "a promise and a property can be assigned to as well", async ({ peer }) => {
  const promise = peer.newCounter(1);
  const { getter } = peer;
  for (const stub of [promise, getter]) {
    stub.shadow = "local";
    equal([stub.shadow, Object.keys(stub)], ["local", ["shadow"]]);
  }
  (await promise)[Symbol.dispose]();
  equal(await getter, "from a getter");
});

behaviour("1.2", "fetch and connect are local on bindings only", async ({ peer }) => {
  using counter = await peer.newCounter();
  const promise = peer.newCounter();
  check(!(peer.fetch instanceof RpcProperty), "fetch of a binding");
  check(!(peer.connect instanceof RpcProperty), "connect of a binding");
  for (const name of ["get", "put", "delete", "queue", "scheduled", "id", "name"]) {
    check(peer[name] instanceof RpcProperty, `${name} of a binding`);
  }
  for (const name of ["fetch", "connect", "name", "length", "call", "apply", "bind"]) {
    check(counter[name] instanceof RpcProperty, `${name} of a stub`);
    check(promise[name] instanceof RpcProperty, `${name} of a promise`);
    check(peer.getter[name] instanceof RpcProperty, `${name} of a property`);
  }
  (await promise)[Symbol.dispose]();
});

behaviour(
  "1.2",
  "paths of stubs and promises are as deep as those of bindings",
  async ({ peer }) => {
    using counter = await peer.newCounter();
    const promise = peer.newCounter();
    for (const stub of [counter, promise]) {
      let property = stub.p0;
      for (let i = 1; i <= 64; i++) property = property[`p${i}`];
      throws(() => property.more, "TypeError", "RPC pipelined property path is too deep (max 64).");
    }
    (await promise)[Symbol.dispose]();
  },
);

behaviour("1.2", "a torn-off path keeps its parents", async () => {
  using stub = new RpcStub({ a: { b: { c: (n) => n + 1 } } });
  const { b } = stub.a;
  const { c } = b;
  equal([await c(1), await b.c(2)], [2, 3]);
});

/* 1.3: lookup */

behaviour("1.3", "reading a reserved name is refused like calling it", async ({ peer }) => {
  await rejects(() => peer.alarm, "TypeError", reserved("alarm"));
  using counter = await peer.newCounter();
  await rejects(() => counter.self.dup, "TypeError", reserved("dup"));
  await rejects(() => counter.self.dup(), "TypeError", reserved("dup"));
});

behaviour(
  "1.3",
  "a name is reserved wherever it is in a binding's path",
  async ({ peer }) => {
    for (const name of ["alarm", "fetch", "connect", "webSocketMessage", "dup"]) {
      await rejects(() => peer.target[name](), "TypeError", reserved(name));
      await rejects(() => peer.nested.deeper[name], "TypeError", reserved(name));
    }
    await rejects(() => peer.alarm.deeper, "TypeError", reserved("alarm"));
  },
  { not: ["forwarded"] },
);

behaviour("1.3", "handler objects reserve the same names", async ({ env }) => {
  for (const name of ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"]) {
    await rejects(() => env.HANDLERS[name](1), "TypeError", reserved(name));
  }
});

behaviour("1.3", "what entrypoints reserve is free in a path on a target", async ({ peer }) => {
  using counter = await peer.newCounter();
  equal(await counter.self.fetch(1, 2), "ordinary fetch 1 2");
  equal(await peer.newCounter().fetch(3, 4), "ordinary fetch 3 4");
});

behaviour("1.3", "an own property hides the method of its class", async () => {
  class Shadowed extends RpcTarget {
    method() {
      return "of the class";
    }
  }
  using stub = new RpcStub(Object.assign(new Shadowed(), { method: () => "own" }));
  await rejects(() => stub.method(), "TypeError", missing("method"));
});

behaviour("1.3", "a path goes through functions, to their own properties", async () => {
  const fn = Object.assign(() => "called", { extra: Object.assign(() => 1, { deep: 2 }) });
  using stub = new RpcStub({ fn });
  equal([await stub.fn.extra(), await stub.fn.extra.deep], [1, 2]);
  await rejects(() => stub.fn.call.x, "TypeError", missing("call"));
});

behaviour("1.3", "a path does not go through promises, null and undefined", async ({ peer }) => {
  const values = {
    promise: Promise.resolve({ x: 1 }),
    nothing: null,
    notThere: undefined,
    text: "text",
    list: [1],
    date: new Date(0),
    rpcPromise: peer.valueHolder(),
    rpcProperty: peer.getter,
  };
  using stub = new RpcStub(values);
  for (const name of Object.keys(values)) {
    await rejects(() => stub[name].x, "TypeError", missing(name));
  }
  await values.rpcPromise;
});

behaviour("1.3", "a path goes through Proxies of targets and plain objects", async () => {
  using stub = new RpcStub({
    target: new Proxy(
      new (class extends RpcTarget {
        get value() {
          return 5;
        }
      })(),
      {},
    ),
    plain: new Proxy({ value: 6 }, {}),
  });
  equal([await stub.target.value, await stub.plain.value], [5, 6]);
});

behaviour("1.3", "a path goes on at a stub in the middle of it", async ({ peer }) => {
  using counter = await peer.newCounter(3);
  using stub = new RpcStub({ inner: { counter, peer } });
  equal(await stub.inner.counter.self.value, 3);
  equal(await stub.inner.counter.self.increment(1), 4);
  equal(await stub.inner.peer.add(1, 2), 3);
});

behaviour("1.3", "this is the function itself when a function is called", async () => {
  function own() {
    return this === own;
  }
  using stub = new RpcStub(own);
  equal(await stub(), true);
});

behaviour("1.3", "this is the object that held the last name", async () => {
  const inner = {
    method() {
      return this === inner;
    },
  };
  using stub = new RpcStub({ inner });
  equal(await stub.inner.method(), true);
  using target = new RpcStub(
    new (class Owner extends RpcTarget {
      method() {
        return this instanceof Owner;
      }
      get self() {
        return this;
      }
    })(),
  );
  equal([await target.method(), await target.self.method()], [true, true]);
});

behaviour("1.3", "an accessor of a plain object is run, with it as receiver", async () => {
  let reads = 0;
  using stub = new RpcStub({
    secret: 7,
    get value() {
      reads += 1;
      return this.secret;
    },
    get bad() {
      throw new RangeError("cannot be read");
    },
  });
  equal([await stub.value, reads], [7, 1]);
  await rejects(() => stub.bad, "RangeError", "cannot be read");
  await rejects(() => stub.bad.deeper(), "RangeError", "cannot be read");
});

behaviour("1.3", "a property that is a rejected promise rejects with its error", async () => {
  using stub = new RpcStub({
    get failing() {
      return Promise.reject(new RangeError("later"));
    },
  });
  await rejects(() => stub.failing, "RangeError", "later");
});

behaviour("1.3", "a method may return an RpcProperty, which is awaited", async ({ peer }) => {
  using stub = new RpcStub(() => peer.getter);
  equal(await stub(), "from a getter");
  using holder = new RpcStub({ property: peer.getter });
  equal(await holder.property, "from a getter");
});

behaviour("1.3", "undefined of a class's member is missing, whoever sets it", async () => {
  class WithUndefined extends RpcTarget {}
  WithUndefined.prototype.value = undefined;
  WithUndefined.prototype.data = "on the prototype";
  using stub = new RpcStub(new WithUndefined());
  await rejects(() => stub.value, "TypeError", missing("value"));
  equal(await stub.data, "on the prototype");
});

/* 1.4: handler objects */

behaviour("1.4", "a handler of negative length cannot be called", async ({ env }) => {
  await rejects(
    () => env.HANDLERS.negative(1),
    "TypeError",
    /^RPC function has unreasonable length attribute: -?\d+$/,
  );
});

behaviour(
  "1.4",
  "own data of a handler object is readable in paths too",
  async ({ env }) => {
    equal(await env.HANDLERS.group.name, "group");
  },
  { not: ["forwarded"] },
);

behaviour("1.4", "the function that a handler returned is called as it is", async ({ env }) => {
  equal(await env.HANDLERS.makeCounter(1)(2, 3), [1, 2, 3]);
  using fn = await env.HANDLERS.makeCounter(1);
  equal(await fn(), [1]);
});

behaviour(
  "1.4",
  "handlers of a nested group are named alone in errors",
  async ({ env }) => {
    await rejects(
      () => env.HANDLERS.group.inner(),
      "TypeError",
      /^Attempted to call RPC function "(group\.)?inner" with the wrong number of arguments\./,
    );
  },
  { not: ["forwarded"] },
);

/* 1.6: names of events */

behaviour("1.6", "a target's fetch, connect and alarm are ordinary methods", async () => {
  const methods = ["fetch", "connect", "alarm", "webSocketMessage", "scheduled", "test"];
  class Named extends RpcTarget {}
  for (const name of methods) Named.prototype[name] = (...args) => [name, args.length].join();
  using stub = new RpcStub(new Named());
  for (const name of methods) equal(await stub[name](1, 2, 3), `${name},3`);
});

behaviour("1.6", "tail, trace and test are ordinary methods of an entrypoint", async ({ peer }) => {
  equal(await peer.tail(1), "tail as RPC: 1");
  equal(await peer.trace(2), "trace as RPC: 2");
  equal(await peer.test(3), "test as RPC: 3");
});
