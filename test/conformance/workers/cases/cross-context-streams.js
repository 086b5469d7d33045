import { behaviour, equal, inOwnInvocation, rejects, scene, throws } from "../harness.js";

/*
 * 4.4: streams and bodies that are backed by I/O belong to the invocation that received or made
 * them. `kept` is this Worker's memory, so that another invocation can reach into it.
 */
const kept = {};
const FOREIGN =
  /^Cannot perform I\/O on behalf of a different request\. I\/O objects \(such as streams, request\/response bodies, and others\) created in the context of one request handler cannot be accessed from a different request's handler\. This is a limitation of Cloudflare Workers which allows us to improve overall performance\. \(I\/O type: .+\)$/;

const refused = (action) => rejects(action, "Error", FOREIGN);
const refusedAtOnce = (action) => throws(action, "Error", FOREIGN);
const jsStream = (text) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
const post = { method: "POST", body: "posted", headers: { "content-type": "text/plain" } };

/** Every way to keep something with a native body; each takes { env, peer, request }. */
const makers = {
  "the body of the request": ({ request }) => request,
  "the body of a clone of the request": ({ request }) => request.clone(),
  "a response of a binding": ({ env }) => env.FETCHER.fetch("http://x/", post),
  "a response made of a string": () => new Response("text"),
  "a response made of bytes": () => new Response(new Uint8Array([65])),
  "a response around the stream of the request": ({ request }) => new Response(request.body),
  "a response around a stream from RPC": async ({ peer }) =>
    new Response(await peer.bytes(["a", "b"])),
  "a response around an IdentityTransformStream": () =>
    new Response(new IdentityTransformStream().readable),
};

/** What another invocation does with it. */
const uses = {
  "text()": (body) => refused(() => body.text()),
  "json()": (body) => refused(() => body.json()),
  "arrayBuffer()": (body) => refused(() => body.arrayBuffer()),
  "blob()": (body) => refused(() => body.blob()),
  "body.cancel()": (body) => refused(() => body.body.cancel()),
  "body.getReader().read()": (body) => refused(() => body.body.getReader().read()),
  "a BYOB read": (body) =>
    refused(() => body.body.getReader({ mode: "byob" }).read(new Uint8Array(8))),
  "body.pipeTo()": (body) => refused(() => body.body.pipeTo(new WritableStream())),
  "body.pipeThrough()": (body) =>
    refused(() => new Response(body.body.pipeThrough(new TransformStream())).text()),
  "for await": (body) =>
    refused(async () => {
      for await (const _ of body.body);
    }),
  "body.tee()": (body) => refusedAtOnce(() => body.body.tee()),
  "clone()": (body) => refusedAtOnce(() => body.clone()),
  "new Response(body).text()": (body) => refused(() => new Response(body.body).text()),
  "sending the stream over RPC": (body, { peer }) => refused(() => peer.echo(body.body)),
  "sending it over RPC": (body, { peer }) => refused(() => peer.echo(body)),
  "as the body of a fetch": (body, { env }) =>
    refused(() => env.FETCHER.fetch("http://x/", { method: "POST", body: body.body })),
};

scene("keep a body", async (all) => {
  kept.body = await makers[all.param](all);
  await inOwnInvocation(all.env, "use the kept body", kept.use);
});

scene("use the kept body", async (all) => {
  await uses[all.param](kept.body, all);
});

for (const what of Object.keys(makers)) {
  behaviour("4.4", `${what} cannot be read in another invocation`, async ({ env }) => {
    for (const use of Object.keys(uses)) {
      kept.use = use;
      await inOwnInvocation(env, "keep a body", what, post);
    }
  });
}

scene("forward the kept request", async ({ env }) => {
  await refused(() => env.FETCHER.fetch(kept.body));
});

scene("make a request of the kept one", () => {
  refusedAtOnce(() => new Request(kept.body));
});

scene("keep a request", async ({ env, request }) => {
  kept.body = request;
  await inOwnInvocation(env, kept.use);
});

behaviour("4.4", "a request cannot be forwarded from another invocation", async ({ env }) => {
  for (const use of ["forward the kept request", "make a request of the kept one"]) {
    kept.use = use;
    await inOwnInvocation(env, "keep a request", "", post);
  }
});

scene("return the kept response", () => kept.body);

behaviour("4.4", "a response cannot be returned from another invocation", async ({ env }) => {
  kept.body = new Response('{"ok":true}');
  await refused(() => inOwnInvocation(env, "return the kept response"));
  equal(await kept.body.json(), { ok: true });
});

scene("use the kept reader", async () => {
  await refused(() => kept.reader.read());
  await refused(() => kept.reader.cancel());
});

behaviour("4.4", "a reader belongs to the invocation of its stream", async ({ env, peer }) => {
  kept.reader = (await peer.bytes(["a"])).getReader();
  await inOwnInvocation(env, "use the kept reader");
});

const writes = {
  "writer.write()": () => kept.writable.getWriter().write(new Uint8Array(1)),
  "writer.close()": () => kept.writable.getWriter().close(),
  "writer.abort()": () => kept.writable.getWriter().abort(),
  "close()": () => kept.writable.close(),
  "abort()": () => kept.writable.abort(),
  "pipeTo()": () => jsStream("x").pipeTo(kept.writable),
};

scene("use the kept WritableStream", ({ param }) => refused(writes[param]).then(() => {}));

behaviour("4.4", "a native WritableStream cannot be used elsewhere", async ({ env }) => {
  for (const use of Object.keys(writes)) {
    kept.writable = new IdentityTransformStream().writable;
    await inOwnInvocation(env, "use the kept WritableStream", use);
  }
});

scene("send the kept stream", async ({ env, peer }) => {
  await refused(() => peer.echo(kept.body.body));
  await refused(() => env.FETCHER.fetch("http://x/", { method: "POST", body: kept.body.body }));
});

behaviour("4.4", "a refused attempt to send leaves the stream alone", async ({ env, peer }) => {
  kept.body = new Response(await peer.bytes(["a", "b"]));
  await inOwnInvocation(env, "send the kept stream");
  equal(await kept.body.text(), "ab");
});

scene("look at the kept body", () => {
  const { body, bodyUsed, status, headers } = kept.body;
  return [body.locked, bodyUsed, status, headers.get("content-type")];
});

behaviour("4.4", "what is no I/O can be looked at elsewhere", async ({ env }) => {
  kept.body = new Response("text");
  equal(await inOwnInvocation(env, "look at the kept body"), [
    false,
    false,
    200,
    "text/plain;charset=UTF-8",
  ]);
  equal(await kept.body.text(), "text");
});

scene("read what belongs to nobody", async () => {
  const blob = await kept.blob.text();
  const read = await kept.stream.getReader().read();
  return [
    await kept.js.text(),
    await kept.empty.text(),
    new TextDecoder().decode(read.value),
    blob,
    kept.empty.clone().status,
  ];
});

behaviour("4.4", "streams made in JavaScript, null bodies and blobs are free", async ({ env }) => {
  kept.js = new Response(jsStream("js"));
  kept.empty = new Response(null);
  kept.stream = jsStream("stream");
  kept.blob = new Blob(["blob"]);
  equal(await inOwnInvocation(env, "read what belongs to nobody"), [
    "js",
    "",
    "stream",
    "blob",
    200,
  ]);
});

behaviour("7", "writing to a closed WritableStream is a TypeError", async () => {
  const writer = new WritableStream().getWriter();
  await writer.close();
  await rejects(
    () => writer.write("late"),
    "TypeError",
    /^This WritableStream has been closed\.$|^Invalid state: WritableStream is closed$/,
  );
});
