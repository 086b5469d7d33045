import { behaviour, check, equal, inOwnInvocation, rejects, scene, throws } from "../harness.js";

/*
 * 4.4: I/O objects belong to the invocation that received them. `kept` is this Worker's memory, so
 * another invocation can reach into it.
 */
const kept = {};

const text = (type) =>
  new RegExp(
    `^Cannot perform I/O on behalf of a different request\\. I/O objects \\(such as streams, request/response bodies, and others\\) created in the context of one request handler cannot be accessed from a different request's handler\\. This is a limitation of Cloudflare Workers which allows us to improve overall performance\\. \\(I/O type: ${type}\\)$`,
  );

scene("use kept stub", async () => {
  await rejects(() => kept.stub(1), "Error", text("\\w+"));
  await rejects(() => kept.stub.property, "Error", text("\\w+"));
});

behaviour("4.4", "a stub cannot be used in another invocation", async ({ env, peer }) => {
  kept.stub = await peer.newFunction();
  await inOwnInvocation(env, "use kept stub");
  equal(await kept.stub(1), 1);
  kept.stub[Symbol.dispose]();
});

scene("send kept stub", async ({ peer }) => {
  await rejects(() => peer.callIt(kept.stub), "Error", text("\\w+"));
});

scene("duplicate kept stub", () => {
  throws(() => kept.stub.dup(), "Error", text("\\w+"));
});

behaviour("4.4", "a stub cannot be duplicated in another invocation", async ({ env, peer }) => {
  kept.stub = await peer.newFunction();
  await inOwnInvocation(env, "duplicate kept stub");
  kept.stub.dup()[Symbol.dispose]();
  kept.stub[Symbol.dispose]();
});

behaviour("4.4", "a stub cannot be sent from another invocation", async ({ env, peer }) => {
  kept.stub = await peer.newFunction();
  await inOwnInvocation(env, "send kept stub");
  equal(await kept.stub(1), 1);
  kept.stub[Symbol.dispose]();
});

scene("pipeline on kept promise", async () => {
  await rejects(() => kept.promise.increment(1), "Error", text("\\w+"));
});

behaviour("4.4", "a pending promise cannot be pipelined on elsewhere", async ({ env, peer }) => {
  kept.promise = peer.newCounter(1);
  await inOwnInvocation(env, "pipeline on kept promise");
  using counter = await kept.promise;
  equal(await counter.value, 1);
});

scene("pipeline on resolved promise", async () => {
  await rejects(() => kept.promise.add(1, 2), "Error", text("\\w+"));
});

behaviour("4.4", "a resolved promise cannot be pipelined on elsewhere", async ({ env, peer }) => {
  kept.promise = peer.objectOfFunctions();
  using object = await kept.promise;
  await inOwnInvocation(env, "pipeline on resolved promise");
  equal(await object.add(1, 2), 3);
});

scene("await kept promise", async () => {
  return await kept.promise;
});

behaviour("4.4", "a promise of plain data can be awaited elsewhere", async ({ env, peer }) => {
  kept.promise = peer.add(20, 22);
  await kept.promise;
  equal(await inOwnInvocation(env, "await kept promise"), 42);
});

scene("use kept binding", async () => {
  return [await kept.service.add(1, 2), await kept.property];
});

behaviour("4.4", "bindings and their properties belong to nobody", async ({ env, peer }) => {
  kept.service = peer;
  kept.property = peer.getter;
  equal(await inOwnInvocation(env, "use kept binding"), [3, "from a getter"]);
});

scene("use kept local stub", async () => {
  await rejects(() => kept.local.value, "Error", text("\\w+"));
});

behaviour("4.4", "a local stub belongs to its invocation as well", async ({ env }) => {
  const { RpcStub } = await import("cloudflare:workers");
  kept.local = new RpcStub({ value: 1 });
  equal(await kept.local.value, 1);
  await inOwnInvocation(env, "use kept local stub");
  kept.local[Symbol.dispose]();
  check(true, "disposed");
});

scene("use kept stub, by type", async ({ peer }) => {
  await rejects(() => kept.stub(1), "Error", text("Client"));
  await rejects(() => kept.stub.property, "Error", text("Client"));
  await rejects(() => peer.callIt(kept.stub), "Error", text("Client"));
  await rejects(() => kept.property, "Error", text("Client"));
});

behaviour("4.4", "the error for a stub names a Client", async ({ env, peer }) => {
  kept.stub = await peer.newFunction();
  kept.property = kept.stub.name;
  await inOwnInvocation(env, "use kept stub, by type");
  kept.stub[Symbol.dispose]();
});

scene("use kept promises, by type", async () => {
  await rejects(() => kept.pending.increment(1), "Error", text("Pipeline"));
  await rejects(() => kept.pending.value, "Error", text("Pipeline"));
  await rejects(() => kept.property, "Error", text("Pipeline"));
  await rejects(() => kept.resolved.add(1, 2), "Error", text("JsRpcPromise"));
});

behaviour("4.4", "the errors for promises tell pending from resolved", async ({ env, peer }) => {
  kept.resolved = peer.objectOfFunctions();
  using object = await kept.resolved;
  kept.pending = peer.newCounter(1);
  kept.property = kept.pending.value;
  await inOwnInvocation(env, "use kept promises, by type");
  using counter = await kept.pending;
  equal([await counter.value, object.value], [1, 7]);
});

scene("await a kept promise of a stub", async () => {
  const counter = await kept.promise;
  await rejects(() => counter.increment(1), "Error", text("Client"));
});

behaviour("4.4", "what a promise gives elsewhere is its owner's", async ({ env, peer }) => {
  kept.promise = peer.newCounter(1);
  await inOwnInvocation(env, "await a kept promise of a stub");
  using counter = await kept.promise;
  equal(await counter.value, 1);
});

scene("dispose a kept stub", () => {
  kept.stub[Symbol.dispose]();
});

behaviour("4.4", "a stub can be disposed in another invocation", async ({ env, peer }) => {
  kept.stub = await peer.newFunction();
  await inOwnInvocation(env, "dispose a kept stub");
  await rejects(() => kept.stub(1), "Error", "RPC stub used after being disposed.");
});
