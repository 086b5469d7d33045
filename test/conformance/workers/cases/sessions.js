import {
  behaviour,
  check,
  equal,
  eventually,
  inOwnInvocation,
  pause,
  rejects,
  scene,
} from "../harness.js";
import { Disposable, journal, newKey } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];
const gone = "Error: The execution context which hosts this callback is no longer running.";

/* 4.3: what keeps a callee alive, and what ends it */

behaviour("4.3", "a stub keeps its invocation, with its timers", async ({ peer }) => {
  using f = await peer.newFunction();
  await pause(30);
  equal(await f(2), 2);
});

behaviour("4.3", "each call on a binding is an invocation of its own", async ({ peer }) => {
  using a = await peer.newFunction();
  using b = await peer.newFunction();
  equal([await a(1), await b(5), await a(1)], [1, 5, 2]);
});

scene("unawaited", async ({ peer, param }) => {
  peer.slow(param, 300);
  await peer.add(1, 1);
});

behaviour("4.3", "a call that nobody awaits ends with its caller", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "unawaited", key);
  await pause(450);
  equal(await read(peer, key), ["started"]);
});

scene("unawaited with task", async ({ peer, param }) => {
  peer.slowWithTask(param, 300);
  await peer.add(1, 1);
});

behaviour("4.3", "waitUntil work of a terminated call goes on", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "unawaited with task", key);
  await eventually(() => read(peer, key), ["started", "task ended"], "journal");
  await pause(40);
  equal(await read(peer, key), ["started", "task ended"]);
});

scene("kept by waitUntil", async ({ peer, ctx, param }) => {
  ctx.waitUntil(peer.slow(param, 30));
});

behaviour("4.3", "waitUntil of a caller keeps its calls", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "kept by waitUntil", key);
  await eventually(() => read(peer, key), ["started", "ended"], "journal");
});

scene("awaits slow", async ({ peer, param }) => {
  await peer.slow(param, 400);
});

behaviour("4.3", "a client that goes away cancels the call under way", async ({ env, peer }) => {
  const key = newKey();
  const controller = new AbortController();
  const { signal } = controller;
  const running = inOwnInvocation(env, "awaits slow", key, { signal }).catch((error) => error.name);
  await eventually(() => read(peer, key), ["started"], "journal");
  controller.abort();
  equal(await running, "AbortError");
  await pause(450);
  equal(await read(peer, key), ["started"]);
});

scene("streams slowly", async ({ peer, param }) => {
  return new Response(await peer.slowStream(param, 5));
});

behaviour("4.3", "a stream in a response keeps caller and callee alive", async ({ env, peer }) => {
  const key = newKey();
  const response = await env.SELF.fetch(`http://self/scene?name=streams+slowly&param=${key}`);
  equal(await response.text(), ".....");
  await eventually(() => read(peer, key), ["stream ended"], "journal");
});

behaviour("4.3", "a stream outlives the call that returned it", async ({ peer }) => {
  const key = newKey();
  const stream = await peer.slowStream(key, 3);
  equal(await new Response(stream).text(), "...");
});

/* 4.3: stubs of callers and callees that are gone */

scene("gives a callback", async ({ peer, param }) => {
  await peer.callLater(param, () => "too late", 300);
});

behaviour("4.3", "a callback dies with its caller", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "gives a callback", key);
  await eventually(async () => (await read(peer, key)).length, 2, "entries");
  equal((await read(peer, key))[1], gone);
});

scene("gives a callback and stays", async ({ peer, ctx, param }) => {
  ctx.waitUntil(pause(500));
  await peer.callLater(param, () => "in time", 10);
});

behaviour("4.3", "a callback lives while waitUntil of its caller runs", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "gives a callback and stays", key);
  await eventually(() => read(peer, key), ["will call", "called: in time"], "journal");
});

scene("introduces", async ({ peer, param }) => {
  const counter = await peer.newCounter(1);
  await peer.incrementLater(param, counter, 300);
});

behaviour("4.3", "a forwarded stub dies with its introducer", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "introduces", key);
  await eventually(async () => (await read(peer, key)).length, 2, "entries");
  check(/^Error: /.test((await read(peer, key))[1]), `an error: ${await read(peer, key)}`);
});

scene("introduces and stays", async ({ peer, ctx, param }) => {
  ctx.waitUntil(pause(500));
  const counter = await peer.newCounter(1);
  await peer.incrementLater(param, counter, 10);
});

behaviour("4.3", "a forwarded stub lives while its introducer runs", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "introduces and stays", key);
  await eventually(() => read(peer, key), ["will call", "called: 2"], "journal");
});

scene("sends a token", async ({ peer, env, param }) => {
  await peer.callServiceLater(param, env.PEER, 40);
});

behaviour("4.3", "a service stub outlives whoever sent it", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "sends a token", key);
  await eventually(() => read(peer, key), ["will call", "called: 3"], "journal");
});

/* 5: ctx.abort */

behaviour("5", "ctx.abort fails what runs and what comes later", async ({ peer }) => {
  const stub = await peer.newAborter();
  equal(await stub.ping(), "pong");
  const waiting = stub.wait();
  await rejects(() => stub.abort(), "RangeError", "aborted later");
  await rejects(() => waiting, "RangeError", "aborted later");
  await rejects(() => stub.ping(), "Error", gone.replace("Error: ", ""));
});

behaviour(
  "5",
  "ctx.abort without reason has a text of its own, and ends at once",
  async ({ peer }) => {
    const key = newKey();
    await rejects(
      () => peer.abortPlain(key),
      "Error",
      "Worker execution was aborted due to call to ctx.abort().",
    );
    await pause(10);
    equal(await read(peer, key), ["before"]);
  },
);

/* 5: code that hangs */

const hung =
  "The Workers runtime canceled this request because it detected that your Worker's code had hung and would never generate a response. Refer to: https://developers.cloudflare.com/workers/observability/errors/";

behaviour(
  "5",
  "a call that can never settle is cancelled",
  async ({ peer }) => {
    await rejects(() => peer.neverResolves(), "Error", hung);
  },
  { not: ["self"] },
);

/* 4.3, 5: what is left behind */

behaviour("4.3", "a timer alone does not keep an invocation", async ({ peer }) => {
  const key = newKey();
  equal(await peer.timerOnly(key), "returned");
  await pause(100);
  equal(await read(peer, key), []);
});

behaviour("4.3", "a stub of the caller and a timer keep an invocation", async ({ peer }) => {
  const key = newKey();
  equal(await peer.timerWithStub(key, () => "called back"), "returned");
  await eventually(() => read(peer, key), ["called back"], "journal");
});

behaviour("4.3", "a stub that a callee leaks is released promptly", async ({ peer }) => {
  const key = newKey();
  await peer.leak(new Disposable(key));
  await eventually(() => journal(key), ["disposed"], "journal");
});

scene("ends during a callback", async ({ peer, param }) => {
  let start;
  const started = new Promise((resolve) => {
    start = resolve;
  });
  const callback = () => {
    start();
    return pause(3000);
  };
  await peer.callLater(param, callback, 1);
  await started;
});

behaviour("4.3", "a callback under way is cancelled with its invocation", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "ends during a callback", key);
  const text = "Error: The execution context responding to this call was canceled.";
  await eventually(() => read(peer, key), ["will call", text], "journal");
});

scene("leaves a stub behind", async ({ peer, param }) => {
  const stub = await peer.disposable(param);
  return await stub.ping();
});

behaviour("4.3", "the end of a caller releases its stubs", async ({ env, peer }) => {
  const key = newKey();
  equal(await inOwnInvocation(env, "leaves a stub behind", key), "pong");
  await eventually(() => read(peer, key), ["disposed"], "journal");
});

behaviour("5", "ctx.abort releases the stubs that the invocation held", async ({ peer }) => {
  const key = newKey();
  const text = "aborted while it held a stub";
  await rejects(() => peer.abortHolding(new Disposable(key)), "RangeError", text);
  await eventually(() => journal(key), ["disposed"], "journal");
});

behaviour("5", "ctx.abort takes any value", async ({ peer }) => {
  await rejects(() => peer.abortWith("a text"), "Error", "a text");
  await rejects(() => peer.abortWith(5), "Error", "5");
  await rejects(() => peer.abortWith(null), "Error", "null");
});
