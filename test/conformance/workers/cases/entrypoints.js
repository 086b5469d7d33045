import { behaviour, check, equal, rejects, throws } from "../harness.js";

/* 1.5: what a binding reaches */

behaviour(
  "1.5",
  "a binding without entrypoint falls back to the only entrypoint class",
  async ({ env }) => {
    equal(await env.ONLY_CLASS.add(2, 3), 5);
    equal(await (await env.ONLY_CLASS.fetch("http://x/")).text(), "from the only class");
  },
  { not: ["workerd"] },
);

behaviour(
  "1.5",
  "without default export and with a choice of classes, calls say what there is",
  async ({ env }) => {
    const text = /^Worker "two-classes" has no default export\. It exports: First, Second\./;
    await rejects(() => env.TWO_CLASSES.hello(), "Error", text);
    await rejects(() => env.TWO_CLASSES.fetch("http://x/"), "Error", text);
  },
  { not: ["workerd"] },
);

behaviour(
  "1.5",
  "a constructor that throws fails property reads and fetch too",
  async ({ env }) => {
    await rejects(() => env.BAD_CONSTRUCTOR.anything, "RangeError", "constructor failed");
    await rejects(() => env.BAD_CONSTRUCTOR.fetch("http://x/"), "RangeError", "constructor failed");
  },
);

behaviour("1.5", "a Worker without fetch handler can be called over RPC", async ({ env }) => {
  equal(await env.NO_FETCH.hello(), "hello");
});

/* 1.6: fetch and connect */

behaviour("1.6", "fetch of a class gets the request alone", async ({ peer }) => {
  const response = await peer.fetch("http://x/");
  equal(response.headers.get("x-more-arguments"), "0");
});

behaviour("1.6", "fetch rejects where the handler returned Response.error()", async ({ peer }) => {
  const text =
    "Return value from serve handler must not be an error response (like Response.error())";
  await rejects(() => peer.fetch("http://x/network-error"), "TypeError", text);
});

behaviour("1.6", "fetch of a handler object gets request, env and ctx", async ({ env }) => {
  const response = await env.FETCHER.fetch(new Request("http://x/", { method: "DELETE" }));
  equal(await response.json(), { method: "DELETE", hasEnv: true, hasCtx: true, isThis: true });
});

behaviour("1.6", "303 after POST becomes GET", async ({ peer }) => {
  const response = await peer.fetch("http://x/redirect-303", { method: "POST", body: "x" });
  equal(await response.text(), "GET /redirected");
});

behaviour("1.6", "307 keeps method and body", async ({ peer }) => {
  const response = await peer.fetch("http://x/redirect-307", { method: "POST", body: "kept" });
  equal(await response.text(), "kept");
});

behaviour("1.6", "redirects without end are refused", async ({ peer }) => {
  const urls = Array(21).fill("http://x/loop").join(", ");
  await rejects(() => peer.fetch("http://x/loop"), "TypeError", `Too many redirects.${urls}`);
});

behaviour("1.6", "a response says where it came from", async ({ peer }) => {
  const plain = await peer.fetch("http://x/plain");
  equal([plain.url, plain.redirected, plain.statusText], ["http://x/plain", false, "Created"]);
});

behaviour("1.6", "a response says where it came from after a redirect", async ({ peer }) => {
  const response = await peer.fetch("http://x/redirect");
  equal([response.url, response.redirected], ["http://x/redirected", true]);
});

behaviour("1.6", "fetch takes a Request and overrides", async ({ peer }) => {
  const request = new Request("http://x/echo", { method: "POST", body: "first" });
  const response = await peer.fetch(request, { body: "second", headers: { "x-h": "1" } });
  equal(await response.text(), "second");
  equal(response.headers.get("x-h"), "1");
});

behaviour(
  "1.6",
  "an incoming request follows no redirects when passed on",
  async ({ peer, request }) => {
    equal(request.redirect, "manual");
    const response = await peer.fetch("http://x/incoming");
    equal(await response.json(), { redirect: "manual", headers: "TypeError" });
  },
);

behaviour("1.6", "the host of the URL is free", async ({ peer }) => {
  const response = await peer.fetch("https://no.such.host.invalid/path");
  equal(await response.text(), "GET /path");
});

behaviour("1.6", "a fetch handler that returns no Response fails the caller", async ({ peer }) => {
  const texts = {
    "/nothing": "Callback returned incorrect type; expected 'Promise'",
    "/later-text": "Incorrect type for Promise: the Promise did not resolve to 'Response'.",
  };
  for (const [path, text] of Object.entries(texts)) {
    const error = await rejects(() => peer.fetch(`http://x${path}`), "TypeError", text);
    equal(error.remote, true);
  }
});

behaviour(
  "1.6",
  "headers of a fetched response cannot be changed, a copy's can",
  async ({ peer }) => {
    const response = await peer.fetch("http://x/json");
    const text = "Can't modify immutable headers.";
    throws(() => response.headers.set("a", "b"), "TypeError", text);
    throws(() => response.headers.delete("content-type"), "TypeError", text);
    throws(() => response.clone().headers.append("a", "b"), "TypeError", text);
    const copy = new Response(response.body, response);
    copy.headers.set("a", "b");
    equal([copy.headers.get("a"), await copy.json()], ["b", { json: true }]);
  },
);

behaviour("1.6", "headers of a response that came over RPC can be changed", async ({ peer }) => {
  const response = await peer.echo(await peer.fetch("http://x/json"));
  response.headers.set("a", "b");
  equal(response.headers.get("a"), "b");
});

behaviour("1.6", "the body of a fetched response fails as its source does", async ({ peer }) => {
  const error = await rejects(
    async () => (await peer.fetch("http://x/failing-body")).text(),
    "RangeError",
    "midway",
  );
  equal(error.remote, true);
  const reader = (await peer.fetch("http://x/failing-body")).body.getReader();
  equal(new TextDecoder().decode((await reader.read()).value), "first");
  await rejects(() => reader.read(), "RangeError", "midway");
});

behaviour(
  "1.6",
  "a fetch handler may return an RpcPromise",
  async ({ peer }) => {
    const response = await peer.fetch("http://x/promise");
    equal([response.status, await response.text()], [203, "a body"]);
  },
  { not: ["self"] },
);

behaviour("1.6", "fetch on a binding can be aborted", async ({ peer }) => {
  const controller = new AbortController();
  const promise = peer.fetch("http://x/slow", { signal: controller.signal });
  controller.abort(new RangeError("not needed"));
  await rejects(() => promise, "RangeError", "not needed");
});

behaviour("1.6", "an aborted signal fails fetch at once", async ({ peer }) => {
  const signal = AbortSignal.abort(new RangeError("before"));
  await rejects(() => peer.fetch("http://x/", { signal }), "RangeError", "before");
});

behaviour("1.6", "fetch may be torn off like any method", async ({ peer }) => {
  const response = await Reflect.apply(peer.fetch, peer, ["http://x/torn"]);
  equal(await response.text(), "GET /torn");
});

behaviour(
  "1.6",
  "connect without a handler says so",
  async ({ env }) => {
    let error;
    try {
      const socket = env.NO_FETCH.connect("example.com:80");
      await socket.opened;
      await socket.closed;
    } catch (caught) {
      error = caught;
    }
    check(error !== undefined, "an error");
  },
  { not: ["workerd"] },
);
