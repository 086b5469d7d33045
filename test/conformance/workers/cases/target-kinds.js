import { exports as ownExports, RpcStub, RpcTarget, ServiceStub } from "cloudflare:workers";
import { behaviour, check, equal, rejects } from "../harness.js";
import { Counter } from "../targets.js";

/* What is an RpcTarget: what its constructor made, and not what only has its prototype. */

const generic = (type) =>
  `Could not serialize object of type "${type}". This type does not support serialization.`;
const missing = (name) => `The RPC receiver does not implement the method "${name}".`;

class Greeter extends RpcTarget {
  greet() {
    return "hello";
  }
}

class Unrelated {
  greet() {
    return "hello from elsewhere";
  }
}

/** Each with the name that production gives it. */
const heirs = {
  "an object that inherits from a target": [() => Object.create(new Greeter()), "Greeter"],
  "an object with a target's prototype": [() => Object.create(Greeter.prototype), "Greeter"],
  "an object that was given that prototype": [
    () => Object.setPrototypeOf({ own: 1 }, Greeter.prototype),
    "Greeter",
  ],
  "an object with the prototype of RpcTarget": [
    () => Object.setPrototypeOf({}, RpcTarget.prototype),
    "JsRpcTarget",
  ],
  "an object without its constructor": [() => Reflect.construct(class {}, [], Greeter), "Greeter"],
  "what a target's constructor returned instead": [
    () =>
      new (class extends Greeter {
        constructor() {
          super();
          // biome-ignore lint/correctness/noConstructorReturn: that is the case
          return Object.create(Greeter.prototype);
        }
      })(),
    "Greeter",
  ],
};

for (const [what, [make, name]] of Object.entries(heirs)) {
  behaviour("2.2", `${what} is no target`, async ({ peer }) => {
    await rejects(() => peer.echo(make()), "DataCloneError", generic(name));
    await rejects(() => peer.echo({ list: [make()] }), "DataCloneError", generic(name));
    await rejects(() => peer.callIt(make), "DataCloneError", generic(name));
    check(!(structuredClone(make()) instanceof RpcTarget), "cloned as a plain object");
  });

  behaviour("1.1", `RpcStub wraps ${what}`, async ({ peer }) => {
    using stub = new RpcStub(make());
    const call = () => peer.callMethodOf(stub, "greet");
    if (name === "Greeter") equal(await call(), "hello");
    else await rejects(call, "TypeError", missing("greet"));
  });
}

behaviour("2.2", "a target that was given another prototype is still one", async ({ peer }) => {
  const moved = Object.setPrototypeOf(new Greeter(), Unrelated.prototype);
  equal(await peer.callMethodOf(moved, "greet"), "hello from elsewhere");
  const plain = Object.setPrototypeOf(new Greeter(), Object.prototype);
  plain.own = 1;
  await rejects(() => peer.readProperty(plain, "own"), "TypeError", missing("own"));
  const bare = Object.setPrototypeOf(new Greeter(), null);
  await rejects(() => peer.callMethodOf(bare, "greet"), "TypeError", missing("greet"));
  const list = Object.setPrototypeOf(new Greeter(), Array.prototype);
  using stub = await peer.returnDup(list);
  check(stub instanceof RpcStub, "by reference");
});

behaviour("2.2", "what RpcTarget constructs is a target of any class", async ({ peer }) => {
  const made = Reflect.construct(RpcTarget, [], Unrelated);
  check(!(made instanceof RpcTarget), "does not inherit from it");
  equal(await peer.callMethodOf(made, "greet"), "hello from elsewhere");
  equal(await peer.callMethodOf(Object.freeze(new Greeter()), "greet"), "hello");
});

behaviour("2.2", "data stays data with the prototype of a target", async ({ peer }) => {
  const like = (value) => Object.setPrototypeOf(value, Greeter.prototype);
  using result = await peer.echo([like(new Map([[1, 2]])), like(new Date(5)), like([3])]);
  equal(result, [new Map([[1, 2]]), new Date(5), [3]]);
});

behaviour("1.1", "RpcStub does not wrap a target that was given another prototype", () => {
  const moved = Object.setPrototypeOf(new Greeter(), Unrelated.prototype);
  let error;
  try {
    new RpcStub(moved);
  } catch (thrown) {
    error = thrown;
  }
  equal(
    String(error),
    "TypeError: RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.",
  );
});

behaviour("1.1", "RpcStub wraps an export as the function that it is", async ({ peer }) => {
  using stub = new RpcStub(ownExports.Holder);
  using made = await stub({ props: { a: 1 } });
  check(made instanceof ServiceStub, "the export with props");
  equal(await made.props(), { a: 1 });
  await rejects(() => peer.callMethodOf(stub, "props"), "TypeError", missing("props"));
});

behaviour("1.3", "a path leads into what inherits from a target", async () => {
  using stub = new RpcStub({
    heir: Object.create(new Greeter()),
    moved: Object.setPrototypeOf(new Greeter(), Unrelated.prototype),
    faked: Object.create(Greeter.prototype),
    list: Object.setPrototypeOf([1], Greeter.prototype),
    through: Object.create(new Proxy(new Greeter(), {})),
    fn: Object.setPrototypeOf(() => 1, Greeter.prototype),
  });
  equal(await stub.heir.greet(), "hello");
  equal(await stub.moved.greet(), "hello from elsewhere");
  await rejects(() => stub.faked.greet(), "TypeError", missing("faked"));
  await rejects(() => stub.list.greet(), "TypeError", missing("list"));
  await rejects(() => stub.through.greet(), "TypeError", missing("through"));
  await rejects(() => stub.fn.greet(), "TypeError", missing("greet"));
});

behaviour(
  "3",
  "nothing is pipelined on a Proxy of a target",
  async ({ peer }) => {
    await rejects(() => peer.proxiedGreeter().greet(), "TypeError", missing("greet"));
    await rejects(() => peer.proxiedGreeter().own, "TypeError", missing("own"));
    using stub = await peer.proxiedGreeter();
    equal(await stub.greet(), "hello");
    await rejects(() => stub.own, "TypeError", missing("own"));
  },
  // The forwarder's result is a stub.
  { not: ["forwarded", "workerd/forwarded"] },
);

const badCopies = {
  "an object with a target's prototype": () => Object.create(Counter.prototype),
  "a Proxy of a target": () => new Proxy(new Counter(), {}),
};

for (const [what, make] of Object.entries(badCopies)) {
  behaviour(
    "4.1",
    `dup() of a target must not return ${what}`,
    async ({ peer }) => {
      const target = new (class extends Counter {
        dup = make;
      })();
      await rejects(
        () => peer.echo(target),
        "DataCloneError",
        "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.",
      );
    },
    { date: "modern" },
  );
}

behaviour(
  "4.1",
  "dup() of a target may return what inherits from one",
  async ({ peer }) => {
    const target = new (class extends Counter {
      dup = () => Object.create(new Greeter());
    })();
    const lost = Object.setPrototypeOf(new Greeter(), { dup: () => new Greeter() });
    equal(await peer.callMethodOf(target, "greet"), "hello");
    equal(await peer.callMethodOf(lost, "greet"), "hello");
  },
  { date: "modern" },
);
