import { behaviour, check, equal, rejects, throws } from "../harness.js";

const missing = (name) => `The RPC receiver does not implement the method "${name}".`;
const reserved = (name) => `'${name}' is a reserved method and cannot be called over RPC.`;

/* 1.2: what the caller's side of a stub shows */

behaviour("1.2", "members of Object.prototype are local, never RPC", ({ peer }) => {
  equal(typeof peer.toString(), "string");
  equal(Object.hasOwn(peer, "anything"), false);
  check(peer.constructor !== undefined, "constructor is local");
});

behaviour("1.2", "every string key is in a stub, but none is listed", ({ peer }) => {
  equal("anything" in peer, true);
  equal(Object.keys(peer), []);
});

behaviour("1.2", "a service stub is not a thenable", async ({ peer }) => {
  equal(peer.then, undefined);
  check((await peer) === peer, "await of a stub gives the stub");
});

behaviour("1.2", "an index of an array is no name, a larger number is one", async ({ peer }) => {
  for (const key of ["0", "4294967294"]) {
    equal([peer[key], key in peer], [undefined, false], key);
  }
  for (const key of ["4294967295", "01", "-1", "1.5"]) {
    equal([typeof peer[key], key in peer], ["function", true], key);
  }
});

behaviour("1.2", "an assigned property shadows RPC", async ({ env }) => {
  const f = await env.PEER.newFunction();
  f.shadow = "local";
  equal(f.shadow, "local");
});

behaviour("1.2", "methods may be torn off", async ({ peer }) => {
  const { add } = peer;
  equal(await add(2, 3), 5);
});

behaviour("1.2", "the 66th chained property throws at once", ({ peer }) => {
  let property = peer.p0;
  for (let i = 1; i <= 64; i++) property = property[`p${i}`];
  throws(() => property.oneMore, "TypeError", "RPC pipelined property path is too deep (max 64).");
});

behaviour("1.2", "symbols never become RPC", ({ peer }) => {
  equal(peer[Symbol("x")], undefined);
});

/* 1.3: how the callee finds a member */

behaviour(
  "1.3",
  "a method of the entrypoint class is called with its arguments",
  async ({ peer }) => {
    equal(await peer.add(1, 2), 3);
    equal(await peer.addLater("a", "b"), "ab");
  },
);

behaviour("1.3", "the callee gets exactly the arguments sent", async ({ peer }) => {
  equal(await peer.argumentCount(), 0);
  equal(await peer.argumentCount(undefined, undefined), 2);
});

behaviour("1.3", "a missing method rejects with a TypeError that names it", async ({ peer }) => {
  await rejects(() => peer.nothingLikeThis(), "TypeError", missing("nothingLikeThis"));
});

behaviour("1.3", "a missing property rejects like a missing method", async ({ peer }) => {
  await rejects(() => peer.nothingLikeThis, "TypeError", missing("nothingLikeThis"));
});

behaviour("1.3", "own properties of the instance are hidden", async ({ peer }) => {
  await rejects(() => peer.env, "TypeError", missing("env"));
  await rejects(() => peer.ctx, "TypeError", missing("ctx"));
  await rejects(() => peer.field, "TypeError", missing("field"));
  await rejects(() => peer.arrow(), "TypeError", missing("arrow"));
});

behaviour(
  "1.3",
  "a getter of the class is read with the instance as receiver",
  async ({ peer }) => {
    equal(await peer.getter, "from a getter");
  },
);

behaviour("1.3", "a getter that gives a promise is awaited", async ({ peer }) => {
  equal(await peer.promiseGetter, "later");
});

behaviour("1.3", "an error in a getter propagates", async ({ peer }) => {
  await rejects(() => peer.throwingGetter, "RangeError", "getter failed");
});

behaviour("1.3", "a getter that gives undefined counts as missing", async ({ peer }) => {
  await rejects(() => peer.undefinedGetter, "TypeError", missing("undefinedGetter"));
});

behaviour(
  "1.3",
  "calling something that is no function names the whole path",
  async ({ peer }) => {
    await rejects(() => peer.getter(), "TypeError", '"getter" is not a function.');
    await rejects(() => peer.nested.value(), "TypeError", '"nested.value" is not a function.');
  },
  { not: ["forwarded"] },
);

behaviour("1.3", "static methods are out of reach", async ({ peer }) => {
  await rejects(() => peer.staticMethod(), "TypeError", missing("staticMethod"));
});

for (const name of ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"]) {
  behaviour("1.3", `${name} is reserved on an entrypoint`, async ({ peer }) => {
    await rejects(() => peer[name](), "TypeError", reserved(name));
  });
}

behaviour(
  "1.3",
  "a path reaches own members of plain objects",
  async ({ peer }) => {
    equal(await peer.nested.value, 5);
    equal(await peer.nested.deeper.method(1), 2);
  },
  { not: ["forwarded"] },
);

behaviour(
  "1.3",
  "a path does not go through an array",
  async ({ peer }) => {
    await rejects(() => peer.nested.list.length, "TypeError", missing("list"));
  },
  { not: ["forwarded"] },
);

behaviour(
  "1.3",
  "a path goes through an RpcTarget by its prototype",
  async ({ peer }) => {
    equal(await peer.target.increment(1), 11);
    equal(await peer.target.value, 10);
    equal(await peer.target.self.self.value, 10);
    await rejects(() => peer.target.own, "TypeError", missing("own"));
  },
  { not: ["forwarded"] },
);

behaviour(
  "1.3",
  "fetch is reserved along one path, free on the target itself",
  async ({ peer }) => {
    await rejects(() => peer.target.fetch(1, 2), "TypeError", reserved("fetch"));
    const target = await peer.target;
    equal(await target.fetch(1, 2), "ordinary fetch 1 2");
  },
  { not: ["forwarded"] },
);

behaviour(
  "1.3",
  "a getter giving undefined on an RpcTarget fails, on a plain object it does not",
  async ({ peer }) => {
    const counter = await peer.newCounter();
    await rejects(() => counter.missing, "TypeError", missing("missing"));
  },
);

behaviour(
  "1.3",
  "a method that returns a thenable is awaited at the callee",
  async ({ peer }) => {
    equal(await peer.returnsRpcPromise(), 42);
  },
  { not: ["forwarded"] },
);

/* 1.4: plain objects as entrypoints */

behaviour("1.4", "a handler object is called as (arg, env, ctx)", async ({ env }) => {
  equal(await env.HANDLERS.one("x"), { arg: "x", hasEnv: true, hasCtx: true });
  equal(await env.HANDLERS.none(undefined), "no parameters");
});

behaviour("1.4", "a handler wants exactly one argument", async ({ env }) => {
  const text =
    'Attempted to call RPC function "one" with the wrong number of arguments. When calling a top-level handler function that is not declared as part of a class, you must always send exactly one argument. In order to support variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.';
  await rejects(() => env.HANDLERS.one(), "TypeError", text);
  await rejects(() => env.HANDLERS.one(1, 2), "TypeError", text);
});

behaviour("1.4", "a handler with more than three parameters cannot be called", async ({ env }) => {
  await rejects(
    () => env.HANDLERS.four(1),
    "TypeError",
    'Cannot call handler function "four" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.',
  );
});

behaviour(
  "1.4",
  "own data of a handler object is readable, inherited members are not",
  async ({ env }) => {
    equal(await env.HANDLERS.value, "own data");
    await rejects(() => env.HANDLERS.valueOfNothing, "TypeError", missing("valueOfNothing"));
  },
);

behaviour("1.4", "a handler's this is the handler object", async ({ env }) => {
  equal(await env.HANDLERS.usesThis(1), true);
});

/* 1.5, 1.6: entrypoints and fetch */

behaviour("1.6", "fetch on a binding takes what new Request takes", async ({ peer }) => {
  const response = await peer.fetch("https://example.com/a?b=c", { method: "PUT" });
  equal(response.status, 201);
  equal(response.headers.get("x-peer"), "yes");
  equal(await response.text(), "PUT /a?b=c");
});

behaviour("1.6", "fetch on a binding wants an absolute URL", async ({ peer }) => {
  await rejects(() => peer.fetch("/relative"), "TypeError", /Invalid URL/);
});

behaviour("1.6", "an exception in the callee's fetch rejects the caller's", async ({ peer }) => {
  const error = await rejects(() => peer.fetch("http://x/throw"), "RangeError", "thrown by fetch");
  equal(error.remote, true);
});

behaviour("1.6", "fetch on a binding follows redirects unless told not to", async ({ peer }) => {
  const response = await peer.fetch("http://x/redirect");
  equal(await response.text(), "GET /redirected");
  const manual = await peer.fetch("http://x/redirect", { redirect: "manual" });
  equal(manual.status, 302);
});

behaviour("1.6", "a body streams through fetch on a binding", async ({ peer }) => {
  const response = await peer.fetch("http://x/echo", {
    method: "POST",
    body: "streamed there and back",
    headers: { "x-kept": "1" },
  });
  equal(response.headers.get("x-kept"), "1");
  equal(await response.text(), "streamed there and back");
});

behaviour("1.6", "fetch without a fetch handler says so", async ({ env }) => {
  await rejects(
    () => env.NO_FETCH.fetch("http://x/"),
    "Error",
    "Handler does not export a fetch() function.",
  );
  equal(await env.NO_FETCH.hello(), "hello");
});

behaviour("1.5", "a constructor that throws fails the calls with its error", async ({ env }) => {
  await rejects(() => env.BAD_CONSTRUCTOR.hello(), "RangeError", "constructor failed");
});

behaviour("5", "each call on a binding gets a new instance", async ({ peer }) => {
  equal(await peer.countCalls(), 1);
  equal(await peer.countCalls(), 1);
});

behaviour(
  "1.3",
  "a reserved name behind one that is missing is not looked at",
  async ({ peer }) => {
    await rejects(() => peer.newFunction().length.dup(), "TypeError", missing("length"));
    await rejects(() => peer.newFunction().missing.dup(), "TypeError", missing("missing"));
  },
);
