import { RpcStub, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { bodyPages } from "./callee-bodies.js";
import { pages } from "./callee-pages.js";
import { SessionPeer } from "./callee-sessions.js";
import { Counter, Disposable, note, WithDup } from "./targets.js";

/** What most cases call: the default entrypoint of the callee. */
export class Peer extends SessionPeer {
  field = 1;
  arrow = () => 1;
  /** Calls made on this instance; a new instance counts from 1. */
  #calls = 0;

  fetch(request, ...rest) {
    const { pathname, search, searchParams, origin } = new URL(request.url);
    if (searchParams.has("key") && pathname in bodyPages) {
      return bodyPages[pathname](request, searchParams.get("key"), this);
    }
    if (pathname === "/network-error") return Response.error();
    if (pathname in pages) return pages[pathname](request, origin, this);
    return new Response(`${request.method} ${pathname}${search}`, {
      status: 201,
      headers: { "x-peer": "yes", "x-more-arguments": String(rest.filter(Boolean).length) },
    });
  }

  /** The page "/signal" for a Request that came over RPC. */
  async waitForRequest(key, request) {
    const response = await bodyPages["/signal"](request, key, this);
    return response.text();
  }

  /* --- plain calls ------------------------------------------------------------------------- */

  add(a, b) {
    return a + b;
  }

  async addLater(a, b) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return a + b;
  }

  countCalls() {
    this.#calls += 1;
    return this.#calls;
  }

  get countReads() {
    return this.countCalls();
  }

  argumentCount(...args) {
    return args.length;
  }

  echo(value) {
    return value;
  }

  makeBytes(length) {
    return new Uint8Array(length);
  }

  async countBytes(stream) {
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.byteLength;
    return bytes;
  }

  nothing() {}

  get getter() {
    return "from a getter";
  }

  get throwingGetter() {
    throw new RangeError("getter failed");
  }

  get undefinedGetter() {
    return undefined;
  }

  get promiseGetter() {
    return Promise.resolve("later");
  }

  get nested() {
    return { value: 5, deeper: { method: (n) => n + 1 }, list: [() => 1] };
  }

  get target() {
    return new Counter(10);
  }

  static staticMethod() {
    return 1;
  }

  /** Describes what arrived, as the callee sees it. */
  inspect(value) {
    return {
      type: typeof value,
      tag: Object.prototype.toString.call(value),
      keys: value !== null && typeof value === "object" ? Object.keys(value) : [],
      constructorName: value?.constructor?.name,
    };
  }

  typeOfEach(...values) {
    return values.map((value) => Object.prototype.toString.call(value).slice(8, -1));
  }

  isStub(value) {
    return value instanceof RpcStub;
  }

  sameObject(pair) {
    return pair[0] === pair[1];
  }

  checkCycle(value) {
    return value.self === value && value.list[0] === value;
  }

  hasHole(array) {
    return !(1 in array) && array.length === 3 && array.extra === "kept";
  }

  /* --- capabilities out -------------------------------------------------------------------- */

  newCounter(start = 0) {
    return new Counter(start);
  }

  newFunction() {
    let value = 0;
    return (increment = 0) => {
      value += increment;
      return value;
    };
  }

  functionWithProperties() {
    const fn = () => "called";
    fn.extra = "own property";
    return fn;
  }

  objectOfFunctions() {
    return { value: 7, add: (a, b) => a + b, inner: { twice: (n) => n * 2 } };
  }

  objectUsingThis() {
    return {
      name: "holder",
      method() {
        return this?.name;
      },
    };
  }

  listOfFunctions() {
    return [() => 1, () => 2];
  }

  sameFunctionTwice() {
    const fn = () => 3;
    return { a: fn, b: fn };
  }

  stubOfPlainObject() {
    return new RpcStub({ own: () => "own", value: 9 });
  }

  /*
   * The real runtime ends a stateless callee's context together with its last capability, and a
   * disposer that is due then never runs (docs/parity.md). A little waitUntil keeps it open.
   */
  #stayOpen() {
    this.ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 300)));
  }

  disposable(key) {
    this.#stayOpen();
    return new Disposable(key);
  }

  twoDisposables(key) {
    this.#stayOpen();
    return { first: new Disposable(`${key}1`), second: new Disposable(`${key}2`) };
  }

  resultWithDisposer(key) {
    this.#stayOpen();
    return { value: 1, [Symbol.dispose]: () => note(key, "result disposed") };
  }

  sameTargetTwice(key) {
    this.#stayOpen();
    const target = new Disposable(key);
    return [target, target];
  }

  proxiedTarget() {
    return new Proxy(new Counter(100), {});
  }

  proxiedGreeter() {
    class Greeter extends RpcTarget {
      own = "of the target";

      greet() {
        return "hello";
      }
    }
    return new Proxy(new Greeter(), {});
  }

  returnsRpcPromise() {
    return this.env.PEER?.add(20, 22) ?? 42;
  }

  /* --- capabilities in --------------------------------------------------------------------- */

  async callIt(fn, ...args) {
    return await fn(...args);
  }

  async callTwice(fn) {
    return [await fn(1), await fn(2)];
  }

  async incrementIt(counter, by) {
    return await counter.increment(by);
  }

  async callMethodOf(object, name, ...args) {
    return await object[name](...args);
  }

  async readProperty(object, name) {
    return await object[name];
  }

  returnStub(stub) {
    return stub;
  }

  returnDup(stub) {
    return stub.dup();
  }

  /** Keeps a duplicate after the call ended, in this Worker's memory. */
  keep(key, stub) {
    kept.set(key, stub.dup());
  }

  async useKept(key, ...args) {
    return await kept.get(key)(...args);
  }

  /* --- errors ------------------------------------------------------------------------------ */

  fail(kind) {
    throw makeError(kind);
  }

  async failLater(kind) {
    await null;
    throw makeError(kind);
  }

  returnError(kind) {
    return makeError(kind);
  }
}

const kept = new Map();

class CustomError extends Error {
  name = "CustomError";
  detail = { a: 1 };
}

const natives = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function makeError(kind) {
  const native = natives.find((Type) => Type.name === kind);
  if (native !== undefined) return new native(`a ${kind}`);
  switch (kind) {
    case "range":
      return new RangeError("out of range");
    case "cause":
      return Object.assign(new TypeError("with cause", { cause: new Error("the cause") }), {
        code: "E_CODE",
      });
    case "custom":
      return new CustomError("custom text");
    case "aggregate":
      return new AggregateError([new Error("one")], "several");
    case "dom":
      return new DOMException("stopped", "AbortError");
    case "string":
      return "just text";
    case "number":
      return 1;
    case "object":
      return { plain: true };
    case "function":
      return Object.assign(new Error("holds a function"), { fn: () => 1 });
    case "null":
      return null;
    case "undefined":
      return undefined;
    case "list":
      return [1, "two"];
    case "symbol":
      return Symbol("thrown");
    case "natives":
      return Object.fromEntries(natives.map((Type) => [Type.name, new Type(`a ${Type.name}`)]));
    case "overloaded":
      return Object.assign(new Error("too much"), { overloaded: true });
    case "remote":
      return Object.assign(new Error("claims"), { remote: "mine" });
    case "frozen":
      return Object.freeze(new RangeError("frozen"));
    case "hidden":
      return Object.defineProperty(new Error("has a hidden one"), "hidden", { value: 5 });
    case "nested":
      return new Error("outer", { cause: new TypeError("inner", { cause: "root" }) });
    case "retryable":
      return Object.assign(new Error("try again"), { retryable: true });
    default:
      return new Error(kind);
  }
}

/** A handler object (not a class) as an entrypoint. */
export const handlers = {
  value: "own data",
  one(arg, env, ctx) {
    return { arg, hasEnv: typeof env === "object", hasCtx: typeof ctx.waitUntil === "function" };
  },
  none() {
    return "no parameters";
  },
  four(_a, _b, _c, _d) {
    return "never";
  },
  usesThis() {
    return this === handlers;
  },
  group: {
    name: "group",
    inner(arg, env) {
      return { arg, hasEnv: typeof env === "object", name: this.name };
    },
  },
  tooLong: Object.defineProperty(() => {}, "length", { value: 300 }),
  negative: Object.defineProperty(() => {}, "length", { value: -1 }),
  makeCounter:
    (arg) =>
    (...args) => [arg, ...args],
  props: (_arg, _env, ctx) => ctx.props,
  isSameCtx: (_arg, _env, ctx) => {
    const same = ctx === lastCtx;
    lastCtx = ctx;
    return same;
  },
};

let lastCtx;

/** A handler object with fetch. */
export const fetcher = {
  fetch(request, env, ctx) {
    return Response.json({
      method: request.method,
      hasEnv: typeof env === "object",
      hasCtx: typeof ctx.waitUntil === "function",
      isThis: this === fetcher,
    });
  },
};

/** Methods come from two classes. */
export class Inheriting extends Peer {
  add(a, b) {
    return super.add(a, b) * 10;
  }
}

/** A class without fetch(). */
export class NoFetch extends WorkerEntrypoint {
  hello() {
    return "hello";
  }
}

/** An entrypoint whose constructor throws. */
export class BadConstructor extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    throw new RangeError("constructor failed");
  }

  hello() {
    return "never";
  }
}

export { Counter, RpcTarget, WithDup };
