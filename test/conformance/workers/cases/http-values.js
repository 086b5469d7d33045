import { behaviour, check, equal, rejects } from "../harness.js";

const locked = "The ReadableStream has been locked to a reader.";

/* 2.1: Request, Response, Headers, Blob in detail */

behaviour("2.1", "a Request without body arrives without", async ({ peer }) => {
  const result = await peer.describeSignal(new Request("http://x/"));
  equal(result.body, null);
});

behaviour("2.1", "a Request's follow redirect is the default again", async ({ peer }) => {
  const request = new Request("http://example.com/a b?c=d#e");
  const result = await peer.describeRequest(request);
  equal([result.url, result.redirect], [request.url, "follow"]);
});

behaviour("2.1", "a Request's cf comes along", async ({ peer }) => {
  const request = new Request("http://x/", { cf: { cacheTtl: 5 } });
  equal(await peer.requestCf(request), { cacheTtl: 5 });
});

behaviour("2.1", "a Request's streamed body is transferred", async ({ peer }) => {
  const body = new Response("streamed body").body;
  const request = new Request("http://x/", { method: "POST", body });
  equal((await peer.describeRequest(request)).body, "streamed body");
  equal(request.bodyUsed, true);
});

behaviour("2.1", "a Request that was read cannot be sent", async ({ peer }) => {
  const request = new Request("http://x/", { method: "POST", body: "x" });
  await request.text();
  await rejects(() => peer.describeRequest(request), "TypeError", locked);
});

behaviour("2.1", "a body can be sent once", async ({ peer }) => {
  const response = new Response("text");
  equal(await (await peer.echo(response)).text(), "text");
  equal(response.bodyUsed, true);
  await rejects(() => peer.echo(response), "TypeError", locked);
});

behaviour("2.1", "a body of which a part was read cannot be sent", async ({ peer }) => {
  const response = new Response("text");
  const reader = response.body.getReader();
  await reader.read();
  reader.releaseLock();
  await rejects(() => peer.echo(response), "TypeError", "This ReadableStream is disturbed.");
});

behaviour("2.1", "a Request comes back as a Request", async ({ peer }) => {
  const back = await peer.echo(new Request("http://x/y", { method: "PUT", body: "z" }));
  check(back instanceof Request, "a Request");
  equal([back.method, back.url, await back.text()], ["PUT", "http://x/y", "z"]);
});

behaviour("2.1", "a Response loses url and redirected", async ({ peer }) => {
  const fetched = await peer.fetch("http://x/redirect");
  equal(fetched.redirected, true);
  const back = await peer.echo(fetched);
  equal([back.url, back.redirected], ["", false]);
});

behaviour("2.1", "a Response of status 0 stays an error", async ({ peer }) => {
  const response = await peer.errorResponse();
  equal([response.type, response.status], ["error", 0]);
});

behaviour("2.1", "a Response with a WebSocket cannot be returned", async ({ peer }) => {
  await rejects(
    () => peer.webSocketResponse(),
    "DataCloneError",
    'Could not serialize object of type "WebSocket". This type does not support serialization.',
  );
});

behaviour("2.1", "a Response's cf comes along", async ({ peer }) => {
  const back = await peer.echo(new Response("x", { cf: { colo: "HERE" } }));
  equal(back.cf, { colo: "HERE" });
});

behaviour("2.1", "a Response's cookies stay apart", async ({ peer }) => {
  const response = new Response(null);
  response.headers.append("set-cookie", "a=1");
  response.headers.append("set-cookie", "b=2");
  equal((await peer.echo(response)).headers.getSetCookie(), ["a=1", "b=2"]);
});

behaviour("2.1", "a Response with a streamed body can be read once", async ({ peer }) => {
  const back = await peer.echo(new Response(new Response("again").body));
  equal(await back.text(), "again");
  equal(back.bodyUsed, true);
});

behaviour("2.1", "Headers stay mutable or immutable", async ({ peer, request }) => {
  equal(await peer.trySetHeader(new Headers()), "was set");
  await rejects(() => peer.trySetHeader(request.headers), "TypeError", /immutable/);
});

behaviour("2.1", "Headers are listed in order, names in lower case", async ({ peer }) => {
  const back = await peer.echo(new Headers({ "X-B": "2", "X-A": "1" }));
  equal(
    [...back],
    [
      ["x-a", "1"],
      ["x-b", "2"],
    ],
  );
});

behaviour("2.1", "more than 1024 headers are refused", async ({ peer }) => {
  const headers = new Headers();
  for (let i = 0; i < 1025; i++) headers.append(`x-${i}`, "1");
  await rejects(
    () => peer.argumentCount(headers),
    "DataCloneError",
    /^Deserialization failed: header count exceeds maximum \(\d+\)$/,
  );
});

behaviour("2.1", "an empty Blob and a slice keep type and size", async ({ peer }) => {
  const empty = await peer.echo(new Blob([], { type: "x/y" }));
  equal([empty.size, empty.type], [0, "x/y"]);
  const slice = await peer.echo(new Blob(["abcdef"]).slice(2, 4, "a/b"));
  equal([await slice.text(), slice.type], ["cd", "a/b"]);
});

behaviour("2.1", "HTTP values travel nested", async ({ peer }) => {
  using back = await peer.echo({ list: [new Headers({ a: "1" }), new Response("r")] });
  equal([back.list[0].get("a"), await back.list[1].text()], ["1", "r"]);
});

behaviour("2.1", "a locked body is refused before anything happens", async ({ peer }) => {
  const response = new Response("kept");
  const reader = response.body.getReader();
  await rejects(() => peer.echo(response), "TypeError", locked);
  reader.releaseLock();
  equal(await response.text(), "kept");
});

behaviour("2.1", "an application's subclasses arrive as what they extend", async ({ peer }) => {
  const made = [
    new (class extends Headers {})({ a: "1" }),
    new (class extends Request {})("http://x/"),
    new (class extends Response {})("x"),
    new (class extends Blob {})(["x"]),
  ];
  const bases = [Headers, Request, Response, Blob];
  for (const [index, value] of made.entries()) {
    const back = await peer.echo(value);
    check(Object.getPrototypeOf(back) === bases[index].prototype, bases[index].name);
  }
});

behaviour("2.1", "an encoded body stays encoded", async ({ peer }) => {
  const headers = { "content-encoding": "gzip" };
  const back = await peer.echo(new Response("as it is", { encodeBody: "manual", headers }));
  equal([back.headers.get("content-encoding"), await back.text()], ["gzip", "as it is"]);
});

behaviour("1.6", "fetch on a binding takes no other protocols", async ({ peer }) => {
  await rejects(() => peer.fetch("ftp://x/"), "TypeError", "Fetch API cannot load: ftp://x/");
});
