import { exports as ownExports } from "cloudflare:workers";
import { behaviour, equal, inOwnInvocation, rejects, scene, throws } from "../harness.js";
import { kept } from "../holder.js";

/*
 * 4.4: service stubs. Bindings and `ctx.exports.X` belong to nobody; what came over RPC, in props or
 * from `ctx.exports.X({props})` belongs to the invocation that got it.
 */

const foreign =
  "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of Cloudflare Workers which allows us to improve overall performance. (I/O type: SubrequestChannel)";

scene("use a kept service stub", async () => {
  await rejects(() => kept.service.add(1, 2), "Error", foreign);
  await rejects(() => kept.service.getter, "Error", foreign);
  await rejects(() => kept.service.fetch("http://x/"), "Error", foreign);
});

behaviour("4.4", "a service stub from RPC belongs to its invocation", async ({ env, peer }) => {
  kept.service = await peer.getService();
  await inOwnInvocation(env, "use a kept service stub");
  equal(await kept.service.add(1, 2), 3);
});

behaviour("4.4", "a service stub within a result belongs to its invocation", async (scene) => {
  const { env, peer } = scene;
  using result = await peer.echo({ list: [env.SELF, peer] });
  kept.service = result.list[1];
  await inOwnInvocation(env, "use a kept service stub");
  equal(await kept.service.add(1, 2), 3);
});

scene("send a kept service stub", async ({ peer }) => {
  await rejects(() => peer.echo(kept.service), "Error", foreign);
  await rejects(() => peer.echo({ list: [kept.service] }), "Error", foreign);
  throws(() => ownExports.Holder({ props: { inner: kept.service } }), "Error", foreign);
  throws(() => structuredClone(kept.service), "Error", foreign);
  const given = await rejects(() => ownExports.Holder.giveKept(), "Error", foreign);
  equal(given.remote, true);
});

behaviour("4.4", "a service stub from RPC cannot be sent from elsewhere", async ({ env, peer }) => {
  kept.service = await peer.getService();
  await inOwnInvocation(env, "send a kept service stub");
  using result = await peer.echo([kept.service]);
  equal(await result[0].add(1, 2), 3);
});

scene("read a kept property of a service stub", async () => {
  await rejects(() => kept.property, "Error", foreign);
});

behaviour("4.4", "so does a property of a service stub from RPC", async ({ env, peer }) => {
  kept.property = (await peer.getService()).getter;
  await inOwnInvocation(env, "read a kept property of a service stub");
  equal(await kept.property, "from a getter");
});

scene("dispose a kept service stub", () => {
  kept.service[Symbol.dispose]();
});

behaviour("4.4", "a service stub from RPC can be disposed elsewhere", async ({ env, peer }) => {
  kept.service = await peer.getService();
  await inOwnInvocation(env, "dispose a kept service stub");
  equal(await kept.service.add(1, 2), 3);
});

behaviour("4.4", "a service stub that was an argument is its callee's", async ({ peer }) => {
  equal(await ownExports.Holder.keepAndCall(peer, 1, 2), 3);
  await rejects(() => kept.service.add(1, 2), "Error", foreign);
});

behaviour("4.4", "a service stub in props is its callee's", async ({ peer }) => {
  const holder = ownExports.Holder({ props: { inner: peer, deep: { inner: peer } } });
  equal(await holder.keepInnerAndCall(1, 2), 3);
  await rejects(() => kept.service.add(1, 2), "Error", foreign);
  await rejects(() => kept.deep.getter, "Error", foreign);
  // What the caller has put into them stays the caller's.
  equal(await holder.callInner(1, 2), 3);
});

scene("use a kept export", async () => {
  await rejects(() => kept.withProps.props(), "Error", foreign);
  return await kept.plain.hello();
});

behaviour("4.4", "an export with props belongs to who made it, others do not", async ({ env }) => {
  kept.plain = ownExports.Holder;
  kept.withProps = ownExports.Holder({ props: { a: 1 } });
  equal(await inOwnInvocation(env, "use a kept export"), "hello from the holder");
  equal(await kept.withProps.props(), { a: 1 });
});
