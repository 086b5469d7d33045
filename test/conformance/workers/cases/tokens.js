import { exports as ownExports, RpcStub, RpcTarget, ServiceStub } from "cloudflare:workers";
import { behaviour, check, equal, rejects, throws } from "../harness.js";
import { Counter } from "../targets.js";

const generic = (type) =>
  `Could not serialize object of type "${type}". This type does not support serialization.`;

/* 2.2: functions of every kind */

behaviour("2.2", "bound, async and arrow functions travel alike", async ({ peer }) => {
  const bound = function bound() {
    return this.name;
  }.bind({ name: "bound" });
  equal(await peer.callIt(bound), "bound");
  equal(await peer.callIt(async () => "async"), "async");
});

behaviour("2.2", "a class travels as a function that cannot be called", async ({ peer }) => {
  class Thing {
    static label = "own property";
  }
  await rejects(() => peer.callIt(Thing), "TypeError", /cannot be invoked without 'new'/);
  equal(await peer.readProperty(Thing, "label"), "own property");
});

behaviour("2.2", "a callable Proxy travels as a function", async ({ peer }) => {
  const fn = new Proxy(() => "target", { apply: () => "trap" });
  equal(await peer.callIt(fn), "trap");
});

behaviour("2.2", "a Proxy may claim to be an RpcTarget", async ({ peer }) => {
  const claims = new Proxy(
    {},
    {
      getPrototypeOf: () => RpcTarget.prototype,
      get: (_target, key) => (key === "hello" ? () => "claimed" : undefined),
      getOwnPropertyDescriptor: () => undefined,
    },
  );
  equal(await peer.callMethodOf(claims, "hello"), "claimed");
});

behaviour("2.2", "a Proxy may deny to be an RpcTarget", async ({ peer }) => {
  const denies = new Proxy(new Counter(), { getPrototypeOf: () => Date.prototype });
  await rejects(() => peer.echo(denies), "DataCloneError", /^Proxy could not be serialized/);
});

behaviour("2.2", "methods of an object that is sent need no this", async ({ peer }) => {
  const object = { twice: (n) => n * 2, inner: { thrice: (n) => n * 3 } };
  equal(await peer.callMethodOf(object, "twice", 4), 8);
});

behaviour("2.2", "an RpcStub of a plain object is an argument by reference", async ({ peer }) => {
  const object = { count: 1, read: () => object.count };
  using stub = new RpcStub(object);
  object.count = 2;
  equal(await peer.callMethodOf(stub.dup(), "read"), 2);
  equal(await peer.readProperty(stub.dup(), "count"), 2);
});

behaviour(
  "2.2",
  "a stub that came from the caller comes home and still works",
  async ({ peer }) => {
    const counter = new Counter(1);
    using home = await peer.returnDup(counter);
    check(home instanceof RpcStub, "a stub, not the target");
    equal(await home.increment(1), 2);
    equal(counter.value, 2);
  },
);

behaviour("2.2", "the same stub twice in one message is one stub", async ({ peer }) => {
  using fn = await peer.newFunction();
  const copy = fn.dup();
  equal(await peer.sameObject([copy, copy]), true);
});

/* 2.2: tokens */

behaviour("2.2", "a service stub survives the invocation that returned it", async ({ peer }) => {
  const service = await peer.getService();
  check(service instanceof ServiceStub, "a ServiceStub");
  equal(await service.add(4, 5), 9);
  equal(await (await service.fetch("http://x/token")).text(), "GET /token");
});

behaviour("2.2", "a service stub travels nested and twice", async ({ env, peer }) => {
  const back = await peer.echo({ list: [env.PEER, env.PEER] });
  equal([await back.list[0].add(1, 1), await back.list[1].add(2, 2)], [2, 4]);
});

behaviour("2.2", "a service stub keeps its props", async ({ env, peer }) => {
  const props = await peer.callMethodOf(env.WITH_PROPS, "props");
  equal([props.answer, [...props.list]], [42, ["a"]]);
});

behaviour(
  "2.2",
  "a specialised export is a token",
  async ({ ctx, peer }) => {
    const stub = ctx.exports.default({ props: { a: 1 } });
    const back = await peer.echo(stub);
    check(back instanceof ServiceStub, "a ServiceStub");
    equal((await back.fetch("http://x/cases")).status, 200);
  },
  { date: "modern" },
);

behaviour(
  "2.2",
  "an export as it is cannot be sent",
  async ({ ctx, peer }) => {
    await rejects(
      () => peer.echo(ctx.exports.default),
      "DataCloneError",
      generic("LoopbackServiceStub"),
    );
  },
  { date: "modern" },
);

behaviour(
  "2.2",
  "props may hold service stubs, not RpcStubs",
  async ({ ctx, env, peer }) => {
    const stub = ctx.exports.Holder({ props: { inner: env.PEER } });
    equal(await stub.callInner(2, 3), 5);
    using fn = await peer.newFunction();
    throws(
      () => ctx.exports.Holder({ props: { fn } }),
      "DataCloneError",
      "RpcStub cannot be serialized in this context because it is not a persistent stub.",
    );
  },
  { date: "modern" },
);

behaviour(
  "5",
  "props are checked and copied when the stub is made",
  async ({ ctx, peer }) => {
    const { Holder } = ctx.exports;
    const refused = [
      [{ list: [() => 1] }, "() => 1 could not be cloned."],
      [{ target: new RpcTarget() }, "Remote RPC references can only be serialized for RPC."],
      [{ stream: new ReadableStream() }, "ReadableStream can only be serialized for RPC."],
      [{ promise: peer.add(1, 2) }, generic("RpcPromise")],
      [{ holder: Holder }, generic("LoopbackServiceStub")],
      [{ instance: new (class App {})() }, generic("App")],
    ];
    for (const [props, text] of refused) throws(() => Holder({ props }), "DataCloneError", text);
    const notAnObject =
      "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'Object'.";
    for (const props of [null, 5, "text"])
      throws(() => Holder({ props }), "TypeError", notAnObject);
    throws(() => Holder(), "TypeError", /parameter 1 is not of type 'Options'/);
    const props = { inner: peer, list: [1] };
    const stub = Holder({ props });
    props.inner = null;
    equal(await stub.callInner(2, 3), 5);
  },
  { date: "modern" },
);

behaviour(
  "5",
  "exports can be imported",
  async ({ ctx }) => {
    equal(Object.keys(ownExports).sort(), Object.keys(ctx.exports).sort());
    equal((await ownExports.default.fetch("http://x/cases")).status, 200);
  },
  { date: "modern" },
);

/* 2.2: outside of RPC */

behaviour("2.2", "stubs, targets and streams are for RPC only", async ({ peer }) => {
  using fn = await peer.newFunction();
  const texts = [
    [fn, "#<RpcStub> could not be cloned."],
    [peer, "ServiceStub cannot be serialized in this context."],
    [new Counter(), "Remote RPC references can only be serialized for RPC."],
    [new ReadableStream(), "ReadableStream can only be serialized for RPC."],
  ];
  for (const [value, text] of texts) throws(() => structuredClone(value), "DataCloneError", text);
});

/* 2.2: more of what a Proxy can claim, and what stubs show of functions */

behaviour("2.2", "a callable Proxy that claims to be a target hides its own", async ({ peer }) => {
  const own = { value: "own", configurable: true, enumerable: true, writable: true };
  const claims = new Proxy(() => "called", {
    getPrototypeOf: () => RpcTarget.prototype,
    get: (_target, key) => ({ own: "own", method: () => "method" })[key],
    getOwnPropertyDescriptor: (_target, key) => (key === "own" ? own : undefined),
  });
  equal(await peer.callIt(claims), "called");
  equal(await peer.callMethodOf(claims, "method"), "method");
  await rejects(
    () => peer.readProperty(claims, "own"),
    "TypeError",
    'The RPC receiver does not implement the method "own".',
  );
});

behaviour("2.2", "a Proxy of a plain object shows own properties only", async ({ peer }) => {
  const object = new Proxy({ own: 1 }, {});
  equal(await peer.readProperty(object, "own"), 1);
  await rejects(
    () => peer.readProperty(object, "valueOfNothing"),
    "TypeError",
    'The RPC receiver does not implement the method "valueOfNothing".',
  );
});

behaviour("2.2", "name and length of a function are own properties", async ({ peer }) => {
  using fn = await peer.callIt(() => function named(_a, _b) {});
  equal([await fn.name, await fn.length], ["named", 2]);
  await rejects(
    () => fn.call(1),
    "TypeError",
    'The RPC receiver does not implement the method "call".',
  );
});

behaviour(
  "2.2",
  "a promise inside of a result or argument cannot be sent",
  async ({ peer, env }) => {
    await rejects(
      () => peer.callIt(() => ({ inner: env.PEER.add(1, 2) })),
      "DataCloneError",
      generic("RpcPromise"),
    );
    await rejects(
      () => peer.echo({ inner: peer.getter }),
      "DataCloneError",
      generic("RpcProperty"),
    );
  },
);
