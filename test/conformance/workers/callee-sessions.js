import { RpcStub, RpcTarget, waitUntil } from "cloudflare:workers";
import { StreamPeer } from "./callee-streams.js";
import { Counter, journal, note } from "./targets.js";

/** The stub that `keepAndReturn` returned last. */
let returned;
/** Stubs that nobody disposes. */
const leaked = [];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const said = (error) => `${error?.name}: ${error?.message}`;

/** What the cases about lifetimes, sessions and invocations call. */
export class SessionPeer extends StreamPeer {
  constructor(ctx, env) {
    super(ctx, env);
    this.hasOwnMembers = Object.hasOwn(this, "ctx") && Object.hasOwn(this, "env");
  }

  props() {
    return this.ctx.props;
  }

  ownMembers() {
    return this.hasOwnMembers && this.ctx !== undefined && this.env !== undefined;
  }

  later(key) {
    this.ctx.waitUntil(pause(5).then(() => note(key, "waitUntil ran")));
    return "returned";
  }

  laterByImport(key) {
    waitUntil(pause(5).then(() => note(key, "imported waitUntil ran")));
    return "returned";
  }

  laterFailing(key) {
    this.ctx.waitUntil(pause(5).then(() => Promise.reject(new Error("expected: in waitUntil"))));
    this.ctx.waitUntil(pause(10).then(() => note(key, "still ran")));
    return "returned";
  }

  /** Takes a while; notes only when it comes to its end. */
  async slow(key, ms = 30) {
    note(key, "started");
    await pause(ms);
    note(key, "ended");
    return "slow result";
  }

  /** The same with waitUntil work that takes as long. */
  async slowWithTask(key, ms) {
    this.ctx.waitUntil(pause(ms).then(() => note(key, "task ended")));
    return await this.slow(key, ms);
  }

  abortSelf() {
    this.ctx.abort(new RangeError("aborted by itself"));
    return "unreachable";
  }

  abortPlain(key) {
    note(key, "before");
    this.ctx.abort();
    note(key, "after");
    return "unreachable";
  }

  /** A target whose method aborts the invocation that it lives in. */
  newAborter() {
    const { ctx } = this;
    return new (class extends RpcTarget {
      ping() {
        return "pong";
      }
      abort() {
        ctx.abort(new RangeError("aborted later"));
      }
      async wait() {
        await pause(1000);
        return "waited";
      }
    })();
  }

  passThrough() {
    this.ctx.passThroughOnException();
    throw new RangeError("not passed through");
  }

  async recurse(depth) {
    return depth === 0 ? 0 : 1 + (await this.env.PEER.recurse(depth - 1));
  }

  neverResolves() {
    return new Promise(() => {});
  }

  /** Calls the callback after the caller may have gone, and notes how that went. */
  callLater(key, fn, ms) {
    const kept = fn.dup();
    this.ctx.waitUntil(
      pause(ms)
        .then(() => kept())
        .then(
          (value) => note(key, `called: ${value}`),
          (error) => note(key, said(error)),
        ),
    );
    note(key, "will call");
  }

  /** The same with a method of a target. */
  incrementLater(key, counter, ms) {
    const kept = counter.dup();
    this.ctx.waitUntil(
      pause(ms)
        .then(() => kept.increment())
        .then(
          (value) => note(key, `called: ${value}`),
          (error) => note(key, said(error)),
        ),
    );
    note(key, "will call");
  }

  /** The same with a service stub, which is a token. */
  callServiceLater(key, service, ms) {
    this.ctx.waitUntil(
      pause(ms)
        .then(() => service.add(1, 2))
        .then(
          (value) => note(key, `called: ${value}`),
          (error) => note(key, said(error)),
        ),
    );
    note(key, "will call");
  }

  /** A capability that lives in a third invocation. */
  async remoteCounter(start) {
    return await this.env.PEER.newCounter(start);
  }

  get service() {
    return this.env.PEER;
  }

  getService() {
    return this.env.PEER;
  }

  get stubGetter() {
    return new RpcStub(new Counter(5));
  }

  get functionGetter() {
    return (n) => n * 3;
  }

  get instances() {
    return {
      instance: new (class AppClass {
        x = 1;
      })(),
      bare: Object.assign(Object.create(null), { x: 1 }),
      map: new Map([["x", 1]]),
      own: undefined,
    };
  }

  scheduled(x) {
    return `scheduled as RPC: ${x}`;
  }

  queue(x) {
    return `queue as RPC: ${x}`;
  }

  email(x) {
    return `email as RPC: ${x}`;
  }

  tail(x) {
    return `tail as RPC: ${x}`;
  }

  trace(x) {
    return `trace as RPC: ${x}`;
  }

  test(x) {
    return `test as RPC: ${x}`;
  }

  valueHolder() {
    return { own: undefined, inner: { n: 1 } };
  }

  callDup(target) {
    return target.dup();
  }

  journal(key) {
    return journal(key);
  }

  /** Adds to the journal; for the order of calls. */
  write(key, text) {
    note(key, text);
    return text;
  }

  newWriter(key) {
    return new Writer(key);
  }

  disposerOfThis(key) {
    this.ctx.waitUntil(pause(300));
    return new (class extends RpcTarget {
      me = "this is the target";
      [Symbol.dispose]() {
        note(key, this.me);
      }
    })();
  }

  throwingDisposer(key) {
    this.ctx.waitUntil(pause(300));
    return new (class extends RpcTarget {
      ping() {
        return "pong";
      }
      [Symbol.dispose]() {
        note(key, "disposed");
        throw new Error("expected: a disposer that throws");
      }
    })();
  }

  functionWithDisposer(key) {
    this.ctx.waitUntil(pause(300));
    return Object.assign(() => "called", {
      [Symbol.dispose]: () => note(key, "function disposed"),
    });
  }

  nestedDisposers(key) {
    this.ctx.waitUntil(pause(300));
    return {
      inner: { value: 1, [Symbol.dispose]: () => note(key, "inner disposed") },
      map: Object.assign(new Map(), { [Symbol.dispose]: () => note(key, "map disposed") }),
      target: () => "x",
    };
  }

  /** A result with a disposer and a slow method. */
  disposableWithSlow(key) {
    this.ctx.waitUntil(pause(400));
    return {
      value: 1,
      async slow() {
        note(key, "slow started");
        await pause(30);
        note(key, "slow ended");
        return "slow";
      },
      [Symbol.dispose]() {
        note(key, `disposed, value ${this.value}`);
      },
    };
  }

  keepAndReturn() {
    returned = new RpcStub(() => "kept");
    return returned;
  }

  /** What the stub that was returned says now. */
  async useReturned() {
    return await returned().catch(said);
  }

  async disposeParameter(fn) {
    fn[Symbol.dispose]();
    return await fn().catch(said);
  }

  async disposeOneOfTwo(one, two) {
    one[Symbol.dispose]();
    return `${one === two ? "same" : "different"}: ${await two().catch(said)}`;
  }

  /** Reads until the stream ends or fails, after the call. */
  readLater(key, stream) {
    this.ctx.waitUntil(this.readUntilFailure(stream).then(({ error }) => note(key, error)));
    note(key, "reading");
  }

  /** Keeps a duplicate, and has nothing else to do. */
  leak(stub) {
    leaked.push(stub.dup());
  }

  /** Has a timer that nothing waits for. */
  timerOnly(key) {
    setTimeout(() => note(key, "timer ran"), 50);
    return "returned";
  }

  /** The same while it holds a stub of the caller. */
  timerWithStub(key, fn) {
    const kept = fn.dup();
    setTimeout(async () => {
      note(key, await kept());
      kept[Symbol.dispose]();
    }, 50);
    return "returned";
  }

  abortWith(reason) {
    this.ctx.abort(reason);
  }

  abortHolding(stub) {
    leaked.push(stub.dup());
    this.ctx.abort(new RangeError("aborted while it held a stub"));
  }

  keepUnsettled(stub) {
    void stub;
    return new Promise((resolve) => setTimeout(() => resolve("settled"), 100));
  }
}

class Writer extends RpcTarget {
  #key;

  constructor(key) {
    super();
    this.#key = key;
  }

  write(text) {
    note(this.#key, text);
    return text;
  }

  async writeAfter(text, stream) {
    const read = await new Response(stream).text();
    return `${text} ${read.length}`;
  }
}
