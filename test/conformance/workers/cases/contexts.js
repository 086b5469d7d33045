import { behaviour, check, equal, eventually, rejects } from "../harness.js";
import { newKey } from "../targets.js";

behaviour("5", "ctx.props come from the binding", async ({ env }) => {
  const props = await env.WITH_PROPS.props();
  equal([props.answer, [...props.list]], [42, ["a"]]);
});

behaviour("5", "ctx.props are empty by default", async ({ peer }) => {
  equal(Object.keys(await peer.props()), []);
});

behaviour("5", "waitUntil goes on after the call returned", async ({ peer }) => {
  const key = newKey();
  equal(await peer.later(key), "returned");
  await eventually(async () => [...(await peer.journal(key))], ["waitUntil ran"], "journal");
});

behaviour("5", "ctx.abort fails the call with the given reason", async ({ peer }) => {
  await rejects(() => peer.abortSelf(), "RangeError", "aborted by itself");
});

behaviour(
  "5",
  "who called an entrypoint that aborts gets the reason as it is",
  async ({ peer }) => {
    const error = await rejects(() => peer.abortSelf(), "RangeError", "aborted by itself");
    equal(error.remote, undefined);
    const pipelined = await rejects(() => peer.abortSelf().then2, "RangeError", /itself/);
    equal(pipelined.remote, undefined);
    const stub = await peer.newAborter();
    equal((await rejects(() => stub.abort(), "RangeError", "aborted later")).remote, true);
    equal((await rejects(() => stub.ping(), "Error", /no longer running/)).remote, undefined);
  },
  // What comes through another Worker is remote to whoever called that.
  { not: ["forwarded"] },
);

behaviour("5", "env can be imported", async ({ env }) => {
  const workers = await import("cloudflare:workers");
  equal(Object.keys(workers.env).sort(), Object.keys(env).sort());
});

behaviour(
  "5",
  "ctx.exports holds the Worker's own entrypoints",
  async ({ ctx }) => {
    check(ctx.exports !== undefined, "ctx.exports is there");
    check("default" in ctx.exports, "default is one of them");
  },
  { date: "modern" },
);

behaviour(
  "5",
  "ctx.exports calls an entrypoint with props of one's own",
  async ({ ctx }) => {
    equal(await ctx.exports.Peer.add(1, 2), 3);
    const bound = ctx.exports.Peer({ props: { from: "exports" } });
    equal((await bound.props()).from, "exports");
  },
  { date: "modern", not: ["pair", "forwarded"] },
);

behaviour("4.3", "a call on a stub runs in the invocation that made it", async ({ peer }) => {
  using f = await peer.newFunction();
  equal(await f(1), 1);
  equal(await f(1), 2);
});

behaviour("8", "recursion beyond the depth limit fails", async ({ peer }) => {
  equal(await peer.recurse(5), 5);
});
