import { RpcStub, RpcTarget } from "cloudflare:workers";
import { behaviour, check, equal, eventually, pause, rejects } from "../harness.js";
import { Counter, Disposable, journal, newKey, note } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];
const disposed = "RPC stub used after being disposed.";
const modern = { date: "modern" };

/* 4.1(1) */

behaviour("4.1", "a disposer is looked up when the stub is made", async () => {
  const key = newKey();
  const target = new Disposable(key);
  const stub = new RpcStub(target);
  target[Symbol.dispose] = () => note(key, "replaced");
  stub[Symbol.dispose]();
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("4.1", "a target's asynchronous disposer does not run", async ({ peer }) => {
  const key = newKey();
  class Target extends RpcTarget {
    ping() {
      return "pong";
    }
    [Symbol.asyncDispose]() {
      note(key, "disposed");
    }
  }
  equal(await peer.callMethodOf(new Target(), "ping"), "pong");
  await pause(20);
  equal(journal(key), []);
});

/* 4.1(2), (3) */

behaviour("4.1", "a duplicate of a duplicate is a handle of its own", async ({ peer }) => {
  const key = newKey();
  const first = await peer.disposable(key);
  const second = first.dup();
  const third = second.dup();
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  equal(await third.ping(), "pong");
  equal(await read(peer, key), []);
  third[Symbol.dispose]();
  await eventually(() => read(peer, key), ["disposed"], "journal");
});

/* 4.1(6), (7) */

behaviour("4.1", "a stub that a callee returns lives on at who sent it", async ({ peer }) => {
  const key = newKey();
  const back = await peer.returnStub(new Disposable(key));
  await pause(10);
  equal(journal(key), []);
  equal(await back.ping(), "pong");
  back[Symbol.dispose]();
  await eventually(() => journal(key), ["disposed"], "journal");
});

/* 4.1(8) */

behaviour(
  "4.1",
  "a Proxy of a target is duplicated with its dup()",
  async ({ peer }) => {
    const key = newKey();
    const target = new Proxy(new Disposable(`${key}1`), {
      get(inner, name) {
        if (name !== "dup") return Reflect.get(inner, name);
        return () => new Disposable(`${key}2`);
      },
    });
    equal(await peer.callMethodOf(target, "ping"), "pong");
    await eventually(() => journal(`${key}2`), ["disposed"], "the duplicate");
    equal(journal(`${key}1`), []);
  },
  modern,
);

behaviour(
  "4.1",
  "dup() is called for targets deep inside as well, with this",
  async ({ peer }) => {
    const key = newKey();
    class Target extends Counter {
      dup() {
        note(key, this === target);
        return new Counter(7);
      }
    }
    const target = new Target(1);
    using back = await peer.echo({ list: [target] });
    equal(await back.list[0].increment(), 8);
    equal(journal(key), [true]);
  },
  modern,
);

behaviour(
  "4.1",
  "a dup() that throws fails the call with its error",
  async ({ peer }) => {
    class Target extends Counter {
      dup() {
        throw new RangeError("cannot be duplicated");
      }
    }
    await rejects(() => peer.echo(new Target()), "RangeError", "cannot be duplicated");
  },
  modern,
);

behaviour(
  "4.1",
  "the caller keeps the stubs that it sends inside of objects",
  async ({ peer }) => {
    using stub = new RpcStub(() => "mine");
    (await peer.echo({ list: [stub] }))[Symbol.dispose]();
    equal(await stub(), "mine");
  },
  modern,
);

behaviour(
  "4.1",
  "under the old rule stubs inside of objects are given away as soon as they are sent",
  async ({ peer }) => {
    const stub = new RpcStub(() => "mine");
    const call = peer.echo({ list: [stub] });
    await rejects(() => stub(), "Error", disposed);
    using back = await call;
    equal(await back.list[0](), "mine");
  },
  { date: "legacy" },
);

behaviour("4.1", "a stub in a result of a callback is given away", async ({ peer }) => {
  const stub = new RpcStub(() => "mine");
  using back = await peer.callIt(() => ({ stub }));
  equal(await back.stub(), "mine");
  await rejects(() => stub(), "Error", disposed);
});

behaviour("7", "a stream inside of a result is not disposable", async ({ peer }) => {
  using result = await peer.streamInObject();
  check(result.stream[Symbol.dispose] === undefined, "no disposer");
  equal(await new Response(result.stream).text(), "in an object");
});

behaviour("4.1", "a call on what has failed gives its arguments up", async ({ peer }) => {
  const failed = peer.fail("first");
  await rejects(() => failed, "Error", "first");
  const disposed = await peer.newFunction();
  disposed[Symbol.dispose]();
  for (const [callee, message] of [
    [failed, "first"],
    [disposed, "RPC stub used after being disposed."],
  ]) {
    let disposals = 0;
    const argument = Object.assign(() => {}, {
      [Symbol.dispose]: () => {
        disposals += 1;
      },
    });
    const call = callee === disposed ? callee(argument) : callee.method(argument);
    await rejects(() => call, "Error", message);
    await eventually(() => disposals, 1, "disposals");
    // What cannot be sent says so first.
    const second = callee === disposed ? callee(failed) : callee.method(failed);
    await rejects(() => second, "DataCloneError", /"RpcPromise"/);
  }
});
