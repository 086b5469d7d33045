import { env as importedEnv, RpcStub, withEnv } from "cloudflare:workers";
import { behaviour, check, equal, eventually, pause, rejects } from "../harness.js";
import { newKey } from "../targets.js";

const read = async (peer, key) => [...(await peer.journal(key))];

/* 5: invocations, ctx, env */

behaviour("5", "an instance has ctx and env as own members", async ({ peer }) => {
  equal(await peer.ownMembers(), true);
});

behaviour("5", "a handler object gets a fresh ctx with each invocation", async ({ env }) => {
  equal(await env.HANDLERS.isSameCtx(1), false);
  equal(await env.HANDLERS.isSameCtx(1), false);
});

behaviour("5", "handlers have empty props by default", async ({ env }) => {
  equal(Object.keys(await env.HANDLERS.props(1)), []);
});

behaviour("5", "waitUntil can be imported", async ({ peer }) => {
  const key = newKey();
  equal(await peer.laterByImport(key), "returned");
  await eventually(() => read(peer, key), ["imported waitUntil ran"], "journal");
});

behaviour("5", "waitUntil work that rejects is only logged", async ({ peer }) => {
  const key = newKey();
  equal(await peer.laterFailing(key), "returned");
  await eventually(() => read(peer, key), ["still ran"], "journal");
});

behaviour("5", "waitUntil takes anything, thenables included", async ({ ctx, peer }) => {
  ctx.waitUntil(undefined);
  ctx.waitUntil(5);
  ctx.waitUntil(peer.add(1, 1));
  await peer.add(1, 1);
});

behaviour("5", "passThroughOnException changes nothing for RPC", async ({ peer }) => {
  await rejects(() => peer.passThrough(), "RangeError", "not passed through");
});

behaviour("5", "withEnv changes the imported env for what runs inside", async ({ env }) => {
  const before = Object.keys(importedEnv);
  const inside = await withEnv({ ONLY: 1 }, async () => {
    await pause(1);
    return Object.keys(importedEnv);
  });
  equal(inside, ["ONLY"]);
  equal(Object.keys(importedEnv), before);
  check(env.ONLY === undefined, "env itself is as it was");
});

behaviour(
  "5",
  "a callee does not see what its caller keeps in an AsyncLocalStorage",
  async ({ peer }) => {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    const storage = new AsyncLocalStorage();
    const seen = () => storage.getStore() ?? "nothing";
    await storage.run("the caller's", async () => {
      equal(await peer.callIt(seen), "nothing", "a callback");
      using stub = new RpcStub(seen);
      equal(await stub(), "nothing", "a local stub");
      equal(seen(), "the caller's", "after the calls");
    });
  },
  { date: "modern" },
);

behaviour("5", "ctx members cannot be torn off", async ({ ctx }) => {
  const { waitUntil } = ctx;
  let error;
  try {
    waitUntil(Promise.resolve());
  } catch (caught) {
    error = caught;
  }
  equal(error?.name, "TypeError");
  check(/^Illegal invocation/.test(error.message), error.message);
});

behaviour(
  "5",
  "ctx.exports has every entrypoint, the default one too",
  async ({ ctx }) => {
    check(Object.keys(ctx.exports).includes("Holder"), `keys: ${Object.keys(ctx.exports)}`);
    equal(await ctx.exports.Holder.hello(), "hello from the holder");
    equal(typeof ctx.exports.Holder, "function");
  },
  { date: "modern" },
);

behaviour(
  "5",
  "ctx.exports calls open invocations of their own",
  async ({ ctx }) => {
    equal([await ctx.exports.Holder.count(), await ctx.exports.Holder.count()], [1, 1]);
  },
  { date: "modern" },
);

behaviour(
  "5",
  "ctx.exports is not there when it is switched off",
  ({ ctx }) => {
    equal(ctx.exports, undefined);
  },
  { date: "legacy" },
);

behaviour(
  "5",
  "exports have empty props, unless they are given some",
  async ({ ctx }) => {
    equal(Object.keys(await ctx.exports.Holder.props()), []);
    const { Holder } = ctx.exports;
    equal((await Holder({ props: { a: 1 } }).props()).a, 1);
    equal(Object.keys(await Holder({}).props()), []);
    equal(Object.keys(await Holder.props()), []);
  },
  { date: "modern" },
);

behaviour(
  "5",
  "a specialised export can be a part of props",
  async ({ ctx }) => {
    const { Holder } = ctx.exports;
    const inner = Holder({ props: { name: "inner" } });
    const outer = Holder({ props: { inner } });
    equal((await outer.innerProps()).name, "inner");
  },
  { date: "modern" },
);

behaviour(
  "5",
  "a handler object is an export with props as well",
  async ({ ctx }) => {
    equal((await ctx.exports.helpers.props(1)) === undefined, false);
    equal((await ctx.exports.helpers({ props: { a: 1 } }).props(1)).a, 1);
  },
  { date: "modern" },
);

behaviour(
  "5",
  "a Workflow class is no entrypoint",
  ({ ctx }) => {
    check(!("Flow" in ctx.exports), `exports: ${Object.keys(ctx.exports)}`);
  },
  { date: "modern" },
);
