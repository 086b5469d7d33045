import { behaviour, check, equal, eventually, rejects } from "../harness.js";

behaviour("6", "an error keeps class and message and gets remote", async ({ peer }) => {
  const error = await rejects(() => peer.fail("range"), "RangeError", "out of range");
  check(error instanceof RangeError, "instanceof RangeError");
  equal(error.remote, true);
  const later = await rejects(() => peer.failLater("range"), "RangeError", "out of range");
  equal(later.remote, true);
});

behaviour(
  "6",
  "own properties and cause of an error come along",
  async ({ peer }) => {
    const error = await rejects(() => peer.fail("cause"), "TypeError", "with cause");
    equal(error.code, "E_CODE");
    equal(error.cause?.message, "the cause");
  },
  { date: "modern" },
);

behaviour(
  "6",
  "own properties are lost without enhanced serialization",
  async ({ peer }) => {
    const error = await rejects(() => peer.fail("cause"), "TypeError", "with cause");
    equal(error.code, undefined);
  },
  { date: "legacy" },
);

behaviour(
  "6",
  "an error class of the application arrives as Error with its name",
  async ({ peer }) => {
    const error = await rejects(() => peer.fail("custom"), "CustomError", "custom text");
    check(Object.getPrototypeOf(error) === Error.prototype, "a plain Error");
    equal(error.detail, { a: 1 });
  },
  { date: "modern" },
);

behaviour(
  "6",
  "an unknown error name goes into the message without enhanced serialization",
  async ({ peer }) => {
    await rejects(() => peer.fail("custom"), "Error", "CustomError: custom text");
  },
  { date: "legacy" },
);

behaviour(
  "6",
  "an AggregateError keeps its errors",
  async ({ peer }) => {
    const error = await rejects(() => peer.fail("aggregate"), "AggregateError", "several");
    equal(error.errors[0].message, "one");
  },
  { date: "modern" },
);

behaviour("6", "a DOMException is rebuilt from name and message", async ({ peer }) => {
  const error = await rejects(() => peer.fail("dom"), "AbortError", "stopped");
  check(error instanceof DOMException, "a DOMException");
  equal(error.code, 20);
});

behaviour("6", "a thrown string or number becomes an Error", async ({ peer }) => {
  await rejects(() => peer.fail("string"), "Error", "just text");
  await rejects(() => peer.fail("number"), "Error", "1");
});

behaviour(
  "6",
  "a thrown plain object arrives as that object",
  async ({ peer }) => {
    try {
      await peer.fail("object");
    } catch (error) {
      equal(error.plain, true);
      return;
    }
    throw new Error("did not reject");
  },
  { date: "modern" },
);

behaviour("6", "an error that holds a function is rebuilt from its text", async ({ peer }) => {
  const error = await rejects(() => peer.fail("function"), "Error", "holds a function");
  equal(error.fn, undefined);
});

behaviour("6", "retryable on a thrown error reaches the caller", async ({ peer }) => {
  const error = await rejects(() => peer.fail("retryable"), "Error", "try again");
  equal(error.retryable, true);
});

behaviour(
  "6",
  "overloaded and retryable may be inherited, the first one counts",
  async ({ peer }) => {
    class Busy extends Error {
      get overloaded() {
        return true;
      }
      get retryable() {
        return true;
      }
    }
    const busy = await rejects(
      () => peer.callIt(() => Promise.reject(new Busy("x"))),
      "Error",
      "x",
    );
    equal([busy.overloaded, busy.retryable], [true, undefined]);
    class Lost extends Error {
      get retryable() {
        return "yes";
      }
    }
    const lost = await rejects(
      () => peer.callIt(() => Promise.reject(new Lost("x"))),
      "Error",
      "x",
    );
    equal(lost.retryable, true);
  },
);

behaviour("6", "errors made on the caller's side have no remote", async ({ peer }) => {
  const error = await rejects(
    () => peer.echo(Symbol("x")),
    "DataCloneError",
    "Symbol(x) could not be cloned.",
  );
  equal(error.remote, undefined);
});

behaviour("6", "the stack is the caller's own, with its async frames", async ({ peer }) => {
  async function callingFunction() {
    await peer.fail("range");
  }
  const error = await rejects(() => callingFunction(), "RangeError", "out of range");
  check(/callingFunction/.test(error.stack), `stack names the caller: ${error.stack}`);
  check(!/makeError/.test(error.stack), `stack does not name the callee: ${error.stack}`);
});

/* 2.4: errors as values */

behaviour(
  "2.4",
  "an Error as a value keeps name, message, cause and own properties",
  async ({ peer }) => {
    const sent = Object.assign(new TypeError("text", { cause: "why" }), { code: 7 });
    const back = await peer.echo(sent);
    check(back instanceof TypeError, "a TypeError");
    equal([back.message, back.cause, back.code], ["text", "why", 7]);
    equal(back.remote, undefined);
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an Error as a value keeps name, message and cause only",
  async ({ peer }) => {
    const sent = Object.assign(new TypeError("text", { cause: "why" }), { code: 7 });
    const back = await peer.echo(sent);
    check(back instanceof TypeError, "a TypeError");
    equal([back.message, back.cause, back.code], ["text", "why", undefined]);
  },
  { date: "legacy" },
);

behaviour("2.4", "an Error nested in data arrives as an Error", async ({ peer }) => {
  const back = await peer.echo({ errors: [new RangeError("inside")] });
  check(back.errors[0] instanceof RangeError, "a RangeError");
  equal(back.errors[0].message, "inside");
});

/* 6: whatever is thrown */

for (const name of ["EvalError", "ReferenceError", "SyntaxError", "URIError"]) {
  behaviour("6", `a thrown ${name} keeps its class`, async ({ peer }) => {
    const error = await rejects(() => peer.fail(name), name, `a ${name}`);
    check(error instanceof globalThis[name], name);
  });
}

behaviour("6", "null and undefined can be thrown", async ({ peer }) => {
  for (const kind of ["null", "undefined"]) {
    const outcome = await peer.fail(kind).then(
      () => "resolved",
      (error) => `${error?.name}: ${error?.message}`,
    );
    equal(outcome, `Error: ${kind}`);
  }
});

behaviour(
  "6",
  "a thrown array arrives as that array",
  async ({ peer }) => {
    const error = await peer.fail("list").catch((caught) => caught);
    equal([error[0], error[1]], [1, "two"]);
  },
  { date: "modern" },
);

behaviour("6", "overloaded on a thrown error reaches the caller", async ({ peer }) => {
  const error = await rejects(() => peer.fail("overloaded"), "Error", "too much");
  equal(error.overloaded, true);
});

behaviour("6", "remote is set by the receiver, whatever the callee says", async ({ peer }) => {
  const error = await rejects(() => peer.fail("remote"), "Error", "claims");
  equal(error.remote, true);
  equal(Object.getOwnPropertyDescriptor(error, "remote")?.enumerable, true);
});

behaviour("6", "a frozen error can be thrown", async ({ peer }) => {
  const error = await rejects(() => peer.fail("frozen"), "RangeError", "frozen");
  equal(error.remote, true);
});

behaviour(
  "6",
  "causes come along, however deep",
  async ({ peer }) => {
    const error = await rejects(() => peer.fail("nested"), "Error", "outer");
    equal(
      [error.cause.name, error.cause.message, error.cause.cause],
      ["TypeError", "inner", "root"],
    );
  },
  { date: "modern" },
);

behaviour("6", "an error that crosses two Workers keeps text and class", async ({ peer }) => {
  const error = await rejects(
    () => peer.callMethodOf(peer, "fail", "range"),
    "RangeError",
    "out of range",
  );
  equal(error.remote, true);
});

behaviour("6", "an error of a callback crosses twice and gets remote", async ({ peer }) => {
  const error = await rejects(
    () => peer.callIt(() => Promise.reject(new SyntaxError("by the caller"))),
    "SyntaxError",
    "by the caller",
  );
  equal(error.remote, true);
});

behaviour("6", "an error through fetch gets remote too", async ({ peer }) => {
  const error = await rejects(() => peer.fetch("http://x/throw"), "RangeError", "thrown by fetch");
  equal(error.remote, true);
});

behaviour("6", "a disposed stub's error has no remote", async ({ peer }) => {
  const stub = await peer.newCounter();
  stub[Symbol.dispose]();
  const error = await rejects(() => stub.value, "Error", "RPC stub used after being disposed.");
  equal(error.remote, undefined);
});

behaviour("6", "each waiter of a failed promise gets the error", async ({ peer }) => {
  const promise = peer.fail("range");
  const errors = await Promise.all([
    promise.catch((error) => error.message),
    promise.then(
      () => "resolved",
      (error) => error.message,
    ),
  ]);
  equal(errors, ["out of range", "out of range"]);
});

behaviour("6", "failing calls do not end the callee", async ({ peer }) => {
  await Promise.allSettled([peer.fail("a"), peer.failLater("b"), peer.fail("c")]);
  equal(await peer.add(1, 2), 3);
});

/* 3, 6: failures that nobody handles */

const unhandled = [];
addEventListener("unhandledrejection", (event) => {
  if (!/nobody awaits/.test(String(event.reason?.message))) return;
  event.preventDefault();
  unhandled.push(event.reason.message);
});

behaviour("6", "a failing call that nobody awaits is an unhandled rejection", async ({ peer }) => {
  const message = `nobody awaits ${Math.random()}`;
  peer.fail(message);
  await eventually(() => unhandled.includes(message), true, "unhandledrejection");
});

behaviour("6", "a failing call that is awaited later is none", async ({ peer }) => {
  const message = `nobody awaits ${Math.random()}`;
  const promise = peer.fail(message);
  promise.catch(() => {});
  await rejects(() => promise, "Error", message);
  equal(unhandled.includes(message), false);
});

/* 6: local stubs and what was answered without the callee */

behaviour("6", "errors of local stubs are remote too", async () => {
  const { RpcStub } = await import("cloudflare:workers");
  using stub = new RpcStub(() => {
    throw new RangeError("near");
  });
  equal((await rejects(() => stub(), "RangeError", "near")).remote, true);
});

behaviour("6", "errors of what was pipelined on data are remote", async ({ peer }) => {
  const text = 'The RPC receiver does not implement the method "missing".';
  const promise = peer.echo({ a: 1 });
  const early = promise.missing();
  await peer.add(1, 1);
  equal((await rejects(() => early, "TypeError", text)).remote, true);
  await promise;
  equal((await rejects(() => promise.missing(), "TypeError", text)).remote, true);
});

behaviour(
  "6",
  "a SuppressedError keeps class and parts",
  async ({ peer }) => {
    const error = await peer
      .callIt(() => {
        throw new SuppressedError(new RangeError("new"), new TypeError("old"), "suppressed");
      })
      .catch((caught) => caught);
    check(error instanceof SuppressedError, `a SuppressedError, got ${error}`);
    equal([error.error.name, error.suppressed.name], ["RangeError", "TypeError"]);
  },
  { date: "modern" },
);

behaviour("6", "an error of WebAssembly keeps its name", async ({ peer }) => {
  const error = await peer
    .callIt(() => {
      throw new WebAssembly.CompileError("bad module");
    })
    .catch((caught) => caught);
  equal([error.name, error.message], ["CompileError", "bad module"]);
});

behaviour("6", "a subclass of a native error has the native's name", async ({ peer }) => {
  class Mine extends RangeError {}
  await rejects(
    () =>
      peer.callIt(() => {
        throw new Mine("mine");
      }),
    "RangeError",
    "mine",
  );
});

behaviour("6", "a thrown symbol becomes an Error", async ({ peer }) => {
  await rejects(() => peer.fail("symbol"), "Error", "Symbol(thrown)");
});
