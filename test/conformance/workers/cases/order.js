import { RpcStub } from "cloudflare:workers";
import { behaviour, check, equal, rejects } from "../harness.js";
import { Counter, journal, newKey, note } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];

/* 3: pipelining, results of every kind */

behaviour("3", "a promised stub's methods are reachable", async ({ peer }) => {
  equal(await peer.stubOfPlainObject().own(), "own");
  equal(await peer.stubOfPlainObject().value, 9);
});

behaviour("3", "a promised service stub's methods are reachable", async ({ peer }) => {
  equal(await peer.getService().add(2, 3), 5);
});

behaviour("3", "nothing can be pipelined on a Date, a Response or a stream", async ({ peer }) => {
  for (const promise of [peer.echo(new Date(0)), peer.makeResponse(), peer.bytes(["x"])]) {
    await rejects(
      () => promise.getTime(),
      "TypeError",
      'The RPC receiver does not implement the method "getTime".',
    );
  }
});

behaviour("3", "functions in arrays and Maps are not pipelinable", async ({ peer }) => {
  await rejects(
    () => peer.listOfFunctions().length,
    "TypeError",
    'The RPC receiver does not implement the method "length".',
  );
});

behaviour("3", "a pipelined function gives a result to pipeline on", async ({ peer }) => {
  const make = peer.echo((n) => new Counter(n));
  equal(await make(4).increment(1), 5);
});

behaviour("3", "results of pipelined reads are independent copies", async ({ peer }) => {
  const promise = peer.valueHolder();
  using one = await promise.inner;
  using two = await promise.inner;
  check(one !== two, "two objects");
  equal([one.n, two.n], [1, 1]);
});

behaviour("3", "a pipelined error names what failed, the rest goes on", async ({ peer }) => {
  const promise = peer.newCounter(1);
  const bad = promise.nothing();
  const good = promise.increment(1);
  await rejects(
    () => bad,
    "TypeError",
    'The RPC receiver does not implement the method "nothing".',
  );
  equal(await good, 2);
});

behaviour("3", "a call is sent whether or not anybody awaits it", async ({ peer }) => {
  const key = newKey();
  peer.write(key, "sent");
  // A later call to the callee's journal sees it: sessions start in the order sent.
  await peer.add(1, 1);
  equal(await read(peer, key), ["sent"]);
});

behaviour("3", "reading a property sends nothing until it is awaited", async ({ peer }) => {
  const property = peer.throwingGetter;
  check(property !== undefined, "a property");
  await peer.add(1, 1);
});

behaviour("3", "a rejected pipelined serialization rejects alike", async ({ peer }) => {
  const promise = peer.callIt(() => Symbol("x"));
  const pipelined = promise.member;
  await rejects(() => promise, "DataCloneError", "Symbol(x) could not be cloned.");
  await rejects(() => pipelined, "DataCloneError", "Symbol(x) could not be cloned.");
});

/* 3: e-order */

behaviour("3", "a call on a local stub runs after the microtasks that are due", async () => {
  const seen = [];
  using stub = new RpcStub((text) => {
    seen.push(text);
  });
  const call = stub("called");
  let chain = Promise.resolve();
  for (const text of ["first", "second", "third"]) chain = chain.then(() => seen.push(text));
  await call;
  equal(seen, ["first", "second", "third", "called"]);
});

behaviour("3", "a hundred calls on one stub arrive in order", async ({ peer }) => {
  const key = newKey();
  using writer = await peer.newWriter(key);
  const numbers = Array.from({ length: 100 }, (_, index) => String(index));
  await Promise.all(numbers.map((text) => writer.write(text)));
  equal(await read(peer, key), numbers);
});

behaviour("3", "calls of very different size arrive in order", async ({ peer }) => {
  const key = newKey();
  using writer = await peer.newWriter(key);
  await Promise.all([
    writer.write("a".repeat(300_000)),
    writer.write("b"),
    writer.write("c".repeat(100_000)),
    writer.write("d"),
  ]);
  equal(
    (await read(peer, key)).map((text) => text[0]),
    ["a", "b", "c", "d"],
  );
});

behaviour("3", "calls keep their order when some carry streams", async ({ peer }) => {
  const key = newKey();
  using writer = await peer.newWriter(key);
  const stream = () => new Response("some bytes").body;
  const results = await Promise.all([
    writer.write("1"),
    writer.write("2", stream()),
    writer.write("3"),
    writer.write("4", stream(), stream()),
    writer.write("5"),
  ]);
  equal(results, ["1", "2", "3", "4", "5"]);
  equal(await read(peer, key), ["1", "2", "3", "4", "5"]);
});

behaviour(
  "3",
  "calls keep their order when some carry signals",
  async ({ peer }) => {
    const key = newKey();
    using writer = await peer.newWriter(key);
    const { signal } = new AbortController();
    await Promise.all([
      writer.write("1", signal),
      writer.write("2"),
      writer.write("3", AbortSignal.abort("x")),
      writer.write("4"),
    ]);
    equal(await read(peer, key), ["1", "2", "3", "4"]);
  },
  { date: "modern" },
);

behaviour("3", "calls keep their order when some carry functions and targets", async ({ peer }) => {
  const key = newKey();
  using writer = await peer.newWriter(key);
  await Promise.all([
    writer.write("1", () => 1),
    writer.write("2"),
    writer.write("3", new Counter()),
    writer.write("4", { deep: [() => 2] }),
    writer.write("5"),
  ]);
  equal(await read(peer, key), ["1", "2", "3", "4", "5"]);
});

behaviour(
  "3",
  "calls on a promise come before calls on its stub, many of them",
  async ({ peer }) => {
    const key = newKey();
    const promise = peer.newWriter(key);
    const calls = [promise.write("1"), promise.write("2")];
    using writer = await promise;
    calls.push(writer.write("3"), promise.write("4"), writer.write("5"));
    await Promise.all(calls);
    equal(await read(peer, key), ["1", "2", "3", "4", "5"]);
  },
);

behaviour("3", "order holds where the result is the caller's own function", async ({ peer }) => {
  const key = newKey();
  const promise = peer.returnDup((text) => note(key, text));
  const early = [promise("1"), promise("2")];
  using fn = await promise;
  await Promise.all([...early, fn("3"), fn("4")]);
  equal(journal(key), ["1", "2", "3", "4"]);
});

behaviour("3", "order holds where the result lives in a third invocation", async ({ peer }) => {
  const promise = peer.remoteCounter(0);
  const early = [promise.increment(1), promise.increment(10)];
  using counter = await promise;
  const late = [counter.increment(100), counter.increment(1000)];
  equal(await Promise.all([...early, ...late]), [1, 11, 111, 1111]);
});

behaviour("3", "order holds through an introducer", async ({ peer }) => {
  using counter = await peer.newCounter(0);
  const own = counter.increment(1);
  const forwarded = peer.incrementIt(counter.dup(), 10);
  equal(await own, 1);
  equal(await forwarded, 11);
  equal(await counter.increment(100), 111);
});

behaviour("3", "callbacks inside a call may call back again", async ({ peer }) => {
  const result = await peer.callIt(
    async (fn) => `outer ${await fn("inner")}`,
    (text) => `got ${text}`,
  );
  equal(result, "outer got inner");
});

behaviour("3", "a deep recursion of callbacks comes back", async ({ peer }) => {
  const down = async (n) => (n === 0 ? 0 : 1 + (await peer.callIt(down, n - 1)));
  equal(await down(8), 8);
});

behaviour("3", "many calls at once all come back", async ({ peer }) => {
  const results = await Promise.all(Array.from({ length: 25 }, (_, index) => peer.add(index, 1)));
  equal(
    results,
    Array.from({ length: 25 }, (_, index) => index + 1),
  );
});
