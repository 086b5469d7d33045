import { endless, endlessNative, said } from "../endless.js";
import { behaviour, equal, eventually, inOwnInvocation, rejects, scene } from "../harness.js";
import { newKey } from "../targets.js";

const lost = "Error: Network connection lost.";
const left = "AbortError: The client has disconnected";
const read = async (peer, key) => [...(await peer.journal(key))];
const page = (path, key) => `http://x${path}?key=${key}`;
const hasSignal = () => Cloudflare.compatibilityFlags.enable_request_signal;

/** A body that `make` makes; `ended` resolves with what its source heard. */
function endingOf(make) {
  const { promise: ended, resolve } = Promise.withResolvers();
  const made = make(resolve);
  return { body: made.readable ?? made, ended };
}

/** Both kinds sent to a page: what their sources heard, and what came back. */
async function send(peer, path, key, init = {}) {
  const heard = [];
  let answer;
  for (const { body, ended } of [endingOf(endless), endingOf(endlessNative)]) {
    answer = await peer.fetch(page(path, key), { ...init, method: "POST", body }).then(
      (response) => response.text(),
      (error) => said(error),
    );
    heard.push(await ended);
  }
  return [...heard, answer];
}

/** Abort a fetch as soon as `text` is in the journal. */
async function abortAfter(peer, key, text, url, init = {}) {
  const controller = new AbortController();
  const response = peer.fetch(url, { ...init, signal: controller.signal });
  const failed = rejects(async () => (await response).text(), "RangeError", "not needed");
  await eventually(async () => (await peer.journal(key)).includes(text), true, text);
  controller.abort(new RangeError("not needed"));
  await failed;
}

/* 1.6: bodies of fetch over a binding end as those of HTTP */

behaviour("1.6", "a request body that nobody reads is cut off by the answer", async ({ peer }) => {
  equal(await send(peer, "/ignore", newKey()), [lost, lost, "ignored"]);
});

behaviour("1.6", "a request body is cut off when the handler throws", async ({ peer }) => {
  equal(await send(peer, "/refuse", newKey()), [lost, lost, "RangeError: refused"]);
});

behaviour("1.6", "the source of a cancelled request body hears no reason", async ({ peer }) => {
  equal(await send(peer, "/cancel", newKey()), [lost, lost, "cancelled"]);
});

behaviour("1.6", "no request body is read after the answer", async ({ peer }) => {
  const key = newKey();
  equal(await send(peer, "/read-late", key), [lost, lost, "early"]);
  await peer.write(key, "go");
  const error = "TypeError: Can't read from request stream after response has been sent.";
  await eventually(() => read(peer, key), ["go", error, error], "journal");
});

behaviour(
  "1.6",
  "reading the body of an aborted request says so",
  async ({ peer }) => {
    const error = "TypeError: Can't read from request stream because client disconnected.";
    for (const [make, heard] of [
      [endless, "nothing"],
      [endlessNative, lost],
    ]) {
      const key = newKey();
      const { body, ended } = endingOf(make);
      await abortAfter(peer, key, "reading", page("/read", key), { method: "POST", body });
      equal(await ended, heard);
      await eventually(async () => (await read(peer, key)).at(-1), error, "journal");
    }
  },
  // There a body whose source failed reads as a short one.
  { not: ["workerd/forwarded"] },
);

behaviour("1.6", "an aborted fetch fails its response body with the reason", async ({ peer }) => {
  const controller = new AbortController();
  const response = await peer.fetch(page("/endless", "none"), { signal: controller.signal });
  const reader = response.body.getReader();
  await reader.read();
  controller.abort(new RangeError("not needed"));
  const failed = async () => {
    for (;;) await reader.read();
  };
  await rejects(failed, "RangeError", "not needed");
  await peer.write("none", "go");
});

for (const [path, heard] of [
  ["/endless", "nothing"],
  ["/endless-native", lost],
]) {
  behaviour("1.6", `the source of a cancelled response body hears ${heard}`, async ({ peer }) => {
    const key = newKey();
    const { body } = await peer.fetch(page(path, key));
    const reader = body.getReader();
    await reader.read();
    await reader.cancel("my reason");
    await eventually(async () => (await read(peer, key)).includes(heard), true, heard);
    await peer.write(key, "go");
  });
}

behaviour(
  "1.6",
  "a response body fails with what its callee was aborted with",
  async ({ peer }) => {
    const key = newKey();
    const response = await peer.fetch(page("/abort-midway", key));
    await peer.write(key, "go");
    const error = await rejects(() => response.text(), "RangeError", "midway");
    equal(error.remote, true);
  },
);

/* 1.6, 7: lengths */

/** A stream of `text` that promises its length. */
function fixed(text) {
  const bytes = new TextEncoder().encode(text);
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const writer = writable.getWriter();
  writer.write(bytes);
  writer.close();
  return readable;
}

/** Content-Length and Transfer-Encoding of a request with this body. */
async function framing(peer, init) {
  const response = await peer.fetch(page("/framing", "none"), { method: "POST", ...init });
  return await response.json();
}

behaviour("1.6", "a body of known length brings Content-Length", async ({ peer }) => {
  equal(await framing(peer, { body: "é" }), ["2", null]);
  equal(await framing(peer, { body: "" }), ["0", null]);
  equal(await framing(peer, { body: new Uint8Array(3) }), ["3", null]);
  equal(await framing(peer, { body: new Response("abcd").body }), ["4", null]);
  equal(await framing(peer, { body: fixed("abcde") }), ["5", null]);
});

behaviour("1.6", "a body of unknown length is chunked", async ({ peer }) => {
  const body = new ReadableStream({ start: (controller) => controller.close() });
  equal(await framing(peer, { body }), [null, "chunked"]);
});

behaviour("1.6", "no body brings no such header, and given ones stay", async ({ peer }) => {
  equal(await framing(peer, {}), [null, null]);
  equal(await framing(peer, { body: "abc", headers: { "content-length": "99" } }), ["99", null]);
  const headers = { "transfer-encoding": "chunked" };
  equal(await framing(peer, { body: "abc", headers }), [null, "chunked"]);
});

behaviour("7", "a stream keeps the length that it promises", async ({ peer }) => {
  equal(await framing(peer, { body: await peer.echo(fixed("abcde")) }), ["5", null]);
  equal(await framing(peer, { body: await peer.echo(new Response("abc").body) }), ["3", null]);
  equal(await framing(peer, { body: await peer.bytes(["abc"]) }), [null, "chunked"]);
});

behaviour("1.6", "an answer has a body wherever there can be one", async ({ peer }) => {
  const bodyless = async (status, method) => {
    const response = await peer.fetch(`http://x/status/${status}?key=none`, { method });
    return response.body === null;
  };
  for (const status of [200, 404]) equal(await bodyless(status, "GET"), false, status);
  for (const status of [204, 205, 304]) equal(await bodyless(status, "GET"), true, status);
  equal(await bodyless(200, "HEAD"), true, "HEAD");
});

/* 9: enable_request_signal, request_signal_passthrough */

behaviour("9", "request.signal fires when the caller aborts its fetch", async ({ peer }) => {
  const key = newKey();
  await abortAfter(peer, key, "started", page("/signal", key));
  // What does not fire needs no pause: the caller's end comes before this call.
  if (hasSignal()) await eventually(async () => (await read(peer, key))[1], `aborted ${left}`, "1");
  await peer.write(key, "go");
  await eventually(async () => (await read(peer, key)).at(-1), `went on ${hasSignal()}`, "journal");
});

scene("leave a fetch", async ({ peer, param }) => {
  peer.fetch(page("/signal", param));
  await eventually(() => read(peer, param), ["started"], "journal");
});

behaviour("9", "request.signal fires when the caller's invocation ends", async ({ env, peer }) => {
  const key = newKey();
  await inOwnInvocation(env, "leave a fetch", key);
  if (hasSignal()) await eventually(async () => (await read(peer, key))[1], `aborted ${left}`, "1");
  await peer.write(key, "go");
  await eventually(async () => (await read(peer, key)).at(-1), `went on ${hasSignal()}`, "journal");
});

behaviour(
  "9",
  "request.signal fires when the response body is cancelled",
  async ({ peer }) => {
    const key = newKey();
    const { body } = await peer.fetch(page("/endless-native", key));
    await body.cancel();
    await eventually(async () => (await read(peer, key)).includes("aborted"), true, "aborted");
    await peer.write(key, "go");
  },
  { date: "modern" },
);

behaviour("9", "request.signal does not fire when all went well", async ({ peer }) => {
  const key = newKey();
  const response = peer.fetch(page("/signal", key));
  await eventually(() => read(peer, key), ["started"], "journal");
  await peer.write(key, "go");
  equal(await (await response).text(), "answered");
  equal(await read(peer, key), ["started", "go", "went on false"]);
});

scene("hand the request on", async ({ peer, ctx, request, param }) => {
  const [way, key] = param.split(" ");
  const url = page("/signal", key);
  const ways = {
    request: async () => (await peer.fetch(new Request(url, request))).text(),
    signal: async () => (await peer.fetch(url, { signal: request.signal })).text(),
    rpc: () => peer.waitForRequest(key, request),
  };
  const sent = ways[way]().then(
    (answer) => peer.write(key, answer),
    (error) => peer.write(key, `failed: ${error}`),
  );
  ctx.waitUntil(sent);
  await sent;
});

for (const way of ["request", "signal", "rpc"]) {
  behaviour("9", `an incoming request's signal stays there (${way})`, async ({ env, peer }) => {
    const key = newKey();
    const controller = new AbortController();
    const init = { signal: controller.signal };
    const scene = inOwnInvocation(env, "hand the request on", `${way} ${key}`, init);
    await eventually(() => read(peer, key), ["started"], "journal");
    controller.abort(new RangeError("not needed"));
    await rejects(() => scene, "RangeError", "not needed");
    await peer.write(key, "go");
    const expected = ["started", "go", "went on false", "answered"];
    await eventually(() => read(peer, key), expected, "journal");
  });

  behaviour("9", `request_signal_passthrough lets it travel (${way})`, async ({ env, peer }) => {
    const key = newKey();
    const controller = new AbortController();
    const relayed = env.RELAY.fetch(`http://relay/${way}?key=${key}`, {
      signal: controller.signal,
    });
    await eventually(() => read(peer, key), ["started"], "journal");
    controller.abort(new RangeError("not needed"));
    await rejects(() => relayed, "RangeError", "not needed");
    // Over RPC the signal is all that travels: the call itself goes on.
    const seen = way === "rpc" ? `aborted ${left}` : `relay: ${left}`;
    await eventually(async () => (await read(peer, key)).includes(seen), true, seen);
    await peer.write(key, "go");
    const end = `went on ${way === "rpc" || hasSignal()}`;
    await eventually(async () => (await read(peer, key)).includes(end), true, end);
  });
}
