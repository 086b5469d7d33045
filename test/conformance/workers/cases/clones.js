import { RpcStub, RpcTarget } from "cloudflare:workers";
import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* Structured clone: what is thrown, and the global `structuredClone`. */

class HttpError {
  #secret = 1;

  constructor(status) {
    this.status = status;
  }

  get secret() {
    return this.#secret;
  }
}

/** What `peer` got to see of `value`, thrown by a callback, as it comes back. */
async function thrown(peer, value) {
  try {
    await peer.callIt(() => {
      throw value;
    });
  } catch (error) {
    return error;
  }
  throw new Error("did not reject");
}

/* 6: thrown values */

behaviour(
  "6",
  "a thrown instance of a class arrives as a plain object",
  async ({ peer }) => {
    const error = await thrown(peer, new HttpError(404));
    check(Object.getPrototypeOf(error) === Object.prototype, "a plain object");
    equal({ ...error }, { status: 404, remote: true });
    const nested = await thrown(peer, { list: [new HttpError(500)] });
    equal(nested.list[0].status, 500);
    const bare = await thrown(peer, Object.assign(Object.create(null), { a: 1 }));
    equal(bare.a, 1);
  },
  { date: "modern" },
);

behaviour(
  "6",
  "a thrown object is its text without enhanced serialization",
  async ({ peer }) => {
    equal((await thrown(peer, new HttpError(404))).message, "#<HttpError>");
    equal((await thrown(peer, { status: 404 })).message, "#<Object>");
    equal((await thrown(peer, [1, 2])).message, "[object Array]");
  },
  { date: "legacy" },
);

behaviour(
  "6",
  "the name in an error's text is not read through a getter",
  async ({ peer }) => {
    class Named extends Error {
      get name() {
        return "Named";
      }
    }
    equal((await thrown(peer, new Named("text"))).message, "text");
  },
  { date: "legacy" },
);

behaviour(
  "6",
  "an object that inherits from Error.prototype has an error's text",
  async ({ peer }) => {
    function OldError(message) {
      this.message = message;
    }
    OldError.prototype = Object.create(Error.prototype, { name: { value: "OldError" } });
    equal((await thrown(peer, new OldError("text"))).message, "OldError: text");
  },
  { date: "legacy" },
);

const unclonable = {
  "a WeakMap": [() => new WeakMap(), "#<WeakMap>"],
  "a Response with a body": [() => new Response("body"), "#<Response>"],
  "an RpcTarget": [() => new (class Target extends RpcTarget {})(), "#<Target>"],
  "an array with a function": [() => [() => 1], "[object Array]"],
  "an iterator": [() => [1].values(), "[object Array Iterator]"],
  "an object with a toString": [() => ({ toString: () => "mine" }), "[object Object]"],
};
for (const [what, [make, text]] of Object.entries(unclonable)) {
  behaviour("6", `${what} that is thrown arrives as its text`, async ({ peer }) => {
    equal((await thrown(peer, make())).message, text);
  });
}

behaviour("6", "a thrown array with few elements far apart holds up nobody", async ({ peer }) => {
  const list = [];
  list[4294967294] = "last";
  await thrown(peer, list);
  equal(await peer.add(1, 2), 3);
});

/* 2.4: odd errors */

behaviour(
  "2.4",
  "a name that is no string stays what it is",
  async ({ peer }) => {
    const error = await peer.echo(Object.assign(new RangeError("a"), { name: 5 }));
    equal(error.name, 5);
    check(Object.getPrototypeOf(error) === Error.prototype, "a plain Error");
  },
  { date: "modern" },
);

behaviour(
  "2.4",
  "an error whose message is no string cannot be sent",
  async ({ peer }) => {
    const text = "Deserialization failed: error message is not a string";
    for (const message of [5, undefined, null, {}]) {
      const error = Object.assign(new Error("a"), { message });
      await rejects(() => peer.echo(error), "DataCloneError", text);
      await rejects(() => peer.callIt(() => error), "DataCloneError", text);
      equal((await thrown(peer, error)).message, "", "thrown");
    }
  },
  { date: "modern" },
);

/* 2.3: what V8 refuses in its own words */

const refused = {
  "[object Array Iterator]": () => [1].values(),
  "[object Map Iterator]": () => new Map().entries(),
  "[object Set Iterator]": () => new Set().values(),
  "#<NumberFormat>": () => new Intl.NumberFormat("en"),
};
for (const [what, make] of Object.entries(refused)) {
  behaviour("2.3", `${what} is refused as V8 does it`, async ({ peer }) => {
    await rejects(() => peer.echo(make()), "DataCloneError", `${what} could not be cloned.`);
  });
}

/* 9: structuredClone follows the flag of errors, and knows the platform's classes */

behaviour(
  "9",
  "structuredClone keeps an error's name, cause and own properties",
  () => {
    class AppError extends Error {
      name = "AppError";
      code = 7;
    }
    const clone = structuredClone(new AppError("text", { cause: new TypeError("cause") }));
    equal([clone.name, clone.message, clone.code], ["AppError", "text", 7]);
    check(clone.cause instanceof TypeError, "the cause");
    const several = structuredClone(new AggregateError([new RangeError("one")], "several"));
    check(several instanceof AggregateError, "an AggregateError");
    equal(several.errors[0].message, "one");
    const fn = Object.assign(new Error("text"), { fn: () => 1 });
    throws(() => structuredClone(fn), "DataCloneError", "() => 1 could not be cloned.");
  },
  { date: "modern" },
);

behaviour(
  "9",
  "structuredClone keeps only what V8 does without enhanced serialization",
  () => {
    const error = Object.assign(new RangeError("text"), { code: 7 });
    const clone = structuredClone(error);
    check(clone instanceof RangeError, "the class");
    equal([clone.message, clone.code], ["text", undefined]);
  },
  { date: "legacy" },
);

behaviour("9", "structuredClone keeps platform values wherever they are", async () => {
  const clone = structuredClone({
    list: [new Blob(["text"], { type: "a/b" })],
    headers: new Map([["h", new Headers({ a: "b" })]]),
    dom: [new DOMException("stopped", "AbortError")],
    response: new Response(null, { status: 204 }),
    request: new Request("http://x/y", { method: "PUT" }),
  });
  equal([clone.list[0].type, await clone.list[0].text()], ["a/b", "text"]);
  equal(clone.headers.get("h").get("a"), "b");
  equal([clone.dom[0].name, clone.dom[0].code], ["AbortError", 20]);
  equal(clone.response.status, 204);
  equal([clone.request.method, clone.request.url], ["PUT", "http://x/y"]);
});

behaviour("9", "structuredClone makes plain objects of instances", () => {
  const instance = new HttpError(404);
  const clone = structuredClone([instance, instance]);
  check(clone[0] === clone[1], "shared");
  check(Object.getPrototypeOf(clone[0]) === Object.prototype, "a plain object");
  equal(clone[0].status, 404);
});

const unsupported = (name) =>
  `Could not serialize object of type "${name}". This type does not support serialization.`;
const notToClone = {
  "a URL": [() => [new URL("http://x")], unsupported("URL")],
  "an Event": [() => new Event("x"), unsupported("Event")],
  "a class that extends EventTarget": [
    () => new (class Bus extends EventTarget {})(),
    unsupported("Bus"),
  ],
  "a TextEncoder": [() => new TextEncoder(), unsupported("TextEncoder")],
  "a nested File": [() => [new File([], "x")], unsupported("File")],
  "a TransformStream": [() => new TransformStream(), unsupported("TransformStream")],
  "a ReadableStream": [
    () => ({ stream: new ReadableStream() }),
    "ReadableStream can only be serialized for RPC.",
  ],
  "a Response with a body": [
    () => new Response("body"),
    "ReadableStream can only be serialized for RPC.",
  ],
  "an RpcTarget": [
    () => [new RpcTarget()],
    "Remote RPC references can only be serialized for RPC.",
  ],
  "an RpcStub": [() => new RpcStub(() => 1), "#<RpcStub> could not be cloned."],
  "a Proxy": [() => new Proxy({}, {}), "#<Object> could not be cloned."],
};
for (const [what, [make, text]] of Object.entries(notToClone)) {
  behaviour("9", `structuredClone refuses ${what}`, () => {
    throws(() => structuredClone(make()), "DataCloneError", text);
  });
}

behaviour("9", "structuredClone refuses bindings, promises and ctx", ({ peer, ctx }) => {
  const text = "ServiceStub cannot be serialized in this context.";
  throws(() => structuredClone({ peer }), "DataCloneError", text);
  throws(() => structuredClone(peer.add), "DataCloneError", "#<RpcProperty> could not be cloned.");
  throws(() => structuredClone(ctx), "DataCloneError", unsupported("ExecutionContext"));
});

behaviour(
  "9",
  "structuredClone refuses an AbortSignal",
  () => {
    const text = "AbortSignal can only be serialized for RPC.";
    throws(() => structuredClone(AbortSignal.abort()), "DataCloneError", text);
  },
  { date: "modern" },
);

behaviour("9", "structuredClone transfers buffers, and nothing else", () => {
  const { buffer } = new Uint8Array([1, 2, 3]);
  const clone = structuredClone({ buffer, view: new Uint8Array(buffer) }, { transfer: [buffer] });
  equal([...new Uint8Array(clone.buffer)], [1, 2, 3]);
  check(clone.view.buffer === clone.buffer, "one buffer");
  equal(buffer.byteLength, 0, "taken away");
  const stream = new ReadableStream();
  const transfer = () => structuredClone(stream, { transfer: [stream] });
  throws(transfer, "TypeError", "Object is not transferable");
});

behaviour(
  "6",
  "errors with parts are their text without enhanced serialization",
  async ({ peer }) => {
    const inner = new TypeError("inner");
    const aggregate = await thrown(peer, new AggregateError([inner], "several"));
    equal([aggregate.name, aggregate.message], ["AggregateError", "several"]);
    const suppressed = await thrown(peer, new SuppressedError(inner, inner, "suppressed"));
    equal([suppressed.name, suppressed.message], ["SuppressedError", "suppressed"]);
    const caused = await thrown(peer, new Error("outer", { cause: inner }));
    equal([caused.message, caused.cause], ["outer", undefined]);
  },
  { date: "legacy" },
);

behaviour("6", "errors of WebAssembly keep name and message", async ({ peer }) => {
  for (const name of ["CompileError", "LinkError", "RuntimeError"]) {
    const error = await thrown(peer, new WebAssembly[name]("text"));
    equal([error.name, error.message, error instanceof Error], [name, "text", true]);
  }
});

behaviour("6", "own properties of a thrown DOMException stay behind", async ({ peer }) => {
  const sent = Object.assign(new DOMException("text", "NotFoundError"), { extra: 1 });
  const error = await thrown(peer, sent);
  equal(
    [error.name, error.message, error.extra, error.remote],
    ["NotFoundError", "text", undefined, true],
  );
});

behaviour("6", "an error of fetch may be retryable", async ({ peer }) => {
  const error = await rejects(() => peer.fetch("http://x/retryable"), "Error", "try again");
  equal([error.remote, error.retryable], [true, true]);
});

behaviour("6", "what is done wrong with a stub fails later, not at once", async ({ peer }) => {
  const stub = await peer.newCounter();
  stub[Symbol.dispose]();
  for (const action of [
    () => stub.increment(1),
    () => stub(),
    () => stub.value.deeper,
    () => peer.echo(stub.value),
    () => peer.echo(peer.add(1, 1)),
  ]) {
    const promise = action();
    const error = await promise.then(
      () => undefined,
      (caught) => caught,
    );
    check(error instanceof Error, `an error of ${action}`);
    equal(error.remote, undefined);
  }
});
