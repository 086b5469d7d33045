import { behaviour, equal, inOwnInvocation, rejects, scene, throws } from "../harness.js";

/*
 * 4.4: streams and bodies that are backed by I/O belong to the invocation that received or made
 * them. `kept` is this Worker's memory, so that another invocation can reach into it.
 */
const kept = {};
const foreign = (type) =>
  `Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of Cloudflare Workers which allows us to improve overall performance. (I/O type: ${type})`;
const READABLE = "ReadableStreamSource>";
const WRITABLE = "Writable";

const refused = (action, type = READABLE) => rejects(action, "Error", foreign(type));
const refusedAtOnce = (action, type = READABLE) => throws(action, "Error", foreign(type));
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
  "new ReadableStreamDefaultReader().read()": (body) =>
    refused(() => new ReadableStreamDefaultReader(body.body).read()),
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
  "as the body of an outbound fetch": (body) =>
    refused(() => fetch("http://127.0.0.1:1/", { method: "POST", body: body.body })),
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
  refusedAtOnce(() => kept.reader.releaseLock(), "Canceler");
});

behaviour("4.4", "a reader belongs to the invocation of its stream", async ({ env, peer }) => {
  kept.reader = (await peer.bytes(["a"])).getReader();
  await inOwnInvocation(env, "use the kept reader");
});

scene("use what a CompressionStream writes", async ({ peer }) => {
  const [toRead, toWrap, toSend, toTee] = kept.readables;
  await refused(() => toRead.getReader().read());
  await refused(() => new Response(toWrap).text());
  await refused(() => peer.echo(toSend));
  refusedAtOnce(() => toTee.tee());
});

behaviour("4.4", "what a CompressionStream writes cannot be read elsewhere", async ({ env }) => {
  kept.readables = Array.from({ length: 4 }, () => new CompressionStream("gzip").readable);
  await inOwnInvocation(env, "use what a CompressionStream writes");
});

scene("use the kept iterator", async () => {
  await refused(() => kept.iterator.next());
  await refused(() => kept.iterator.return(), "Canceler");
});

behaviour("4.4", "an iterator belongs to the invocation of its stream", async ({ env, peer }) => {
  kept.iterator = (await peer.bytes(["a"])).values();
  await inOwnInvocation(env, "use the kept iterator");
});

const writes = {
  "writer.write()": () => kept.writable.getWriter().write(new Uint8Array(1)),
  "writer.close()": () => kept.writable.getWriter().close(),
  "writer.abort()": () => kept.writable.getWriter().abort(),
  "new WritableStreamDefaultWriter().write()": () =>
    new WritableStreamDefaultWriter(kept.writable).write(new Uint8Array(1)),
  "close()": () => kept.writable.close(),
  "abort()": () => kept.writable.abort(),
  "pipeTo()": () => jsStream("x").pipeTo(kept.writable),
  "sending it over RPC": ({ peer }) => peer.echo(kept.writable),
};

scene("use the kept WritableStream", async (all) => {
  await refused(() => writes[all.param](all), WRITABLE);
});

scene("pipe through the kept WritableStream", () => {
  const pair = { readable: jsStream("y"), writable: kept.writable };
  refusedAtOnce(() => jsStream("x").pipeThrough(pair), WRITABLE);
});

const writables = {
  "an IdentityTransformStream": () => new IdentityTransformStream().writable,
  "a CompressionStream": () => new CompressionStream("gzip").writable,
  "a WritableStream from RPC": ({ peer }) => peer.returnWritable(""),
};

for (const [what, make] of Object.entries(writables)) {
  behaviour("4.4", `${what} cannot be written in another invocation`, async (all) => {
    for (const use of Object.keys(writes)) {
      kept.writable = await make(all);
      await inOwnInvocation(all.env, "use the kept WritableStream", use);
    }
    kept.writable = await make(all);
    await inOwnInvocation(all.env, "pipe through the kept WritableStream");
  });
}

scene("use the kept WebSocket", () => {
  const socket = kept.socket;
  refusedAtOnce(() => socket.accept(), "Native");
  refusedAtOnce(() => socket.send("x"), "Native");
  refusedAtOnce(() => socket.close(), "Native");
  refusedAtOnce(() => socket.readyState, "Native");
  socket.addEventListener("message", () => {});
});

behaviour("4.4", "a WebSocket cannot be used in another invocation", async ({ env }) => {
  const [one, other] = Object.values(new WebSocketPair());
  kept.socket = one;
  await inOwnInvocation(env, "use the kept WebSocket");
  one.accept();
  other.accept();
  await inOwnInvocation(env, "use the kept WebSocket");
  const received = new Promise((resolve) => {
    other.addEventListener("message", (event) => resolve(event.data));
  });
  one.send("still open");
  equal(await received, "still open");
  one.close();
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
