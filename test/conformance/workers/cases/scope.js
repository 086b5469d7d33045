import { env, RpcStub } from "cloudflare:workers";
import { behaviour, equal, rejects } from "../harness.js";

const text =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";

/** What happens when these are done while the module is evaluated. */
const refused = {
  setTimeout: () => setTimeout(() => {}, 0),
  "AbortSignal.timeout": () => AbortSignal.timeout(1),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(1)),
  fetch: () => fetch("http://127.0.0.1:1/"),
  "fetch of a binding": () => env.PEER.fetch("http://x/"),
  "fetch of a binding with a bad URL": () => env.PEER.fetch("::"),
  "a property of a binding": () => env.PEER.getter,
  "then of a property of a binding": () => env.PEER.getter.then(() => {}),
  "structuredClone of a binding": () => structuredClone(env.PEER),
  "caches.default.match": () => caches.default.match("http://x/"),
  "new RpcStub": () => new RpcStub(() => 1),
  "a call on a binding": () => env.PEER.add(1, 2),
  "a response with a text": () => new Response(""),
  "a response with bytes": () => new Response(new Uint8Array(1)),
  "a response with a Blob": () => new Response(new Blob(["x"])),
  "Response.json": () => Response.json({}),
  "Response.redirect": () => Response.redirect("http://x/"),
  "a request with a body": () => new Request("http://x/", { method: "POST", body: "x" }),
  "new IdentityTransformStream": () => new IdentityTransformStream(),
  "new FixedLengthStream": () => new FixedLengthStream(1),
  "new CompressionStream": () => new CompressionStream("gzip"),
  "new DecompressionStream": () => new DecompressionStream("gzip"),
  "blob.stream": () => new Blob(["x"]).stream(),
  "new WebSocketPair": () => new WebSocketPair(),
};
const allowed = {
  "a response without a body": () => new Response(null).clone().text(),
  "a request without a body": () => new Request("http://x/"),
  "a response with a stream made in JavaScript": () => new Response(new ReadableStream({})),
  "Response.error": () => Response.error(),
  "new TransformStream": () => new TransformStream(),
  "new TextDecoderStream": () => new TextDecoderStream(),
  "blob.text": () => new Blob(["x"]).text(),
  "new AbortController": () => new AbortController().abort(),
  "caches.open": () => caches.open("x"),
  "crypto.subtle.digest": () => crypto.subtle.digest("SHA-1", new Uint8Array(1)),
};

/** @returns what it fails with, later or at once */
const outcomeOf = async (run) => {
  try {
    await run();
  } catch (error) {
    return error;
  }
};
const outcomesOf = (tried) =>
  Object.entries(tried).map(([name, run]) => ({ name, outcome: outcomeOf(run) }));
const refusals = outcomesOf(refused);
const permissions = outcomesOf(allowed);

/** @returns whether it throws at once */
const throwsNow = (run) => {
  try {
    run()?.catch(() => {});
  } catch {
    return true;
  }
  return false;
};
const atOnce = {
  call: throwsNow(() => env.PEER.add(1, 2)),
  deepCall: throwsNow(() => env.PEER.inner.deep.add()),
  badCall: throwsNow(() => env.PEER.echo(Symbol("x"))),
  property: throwsNow(() => env.PEER.getter.then(() => {})),
  fetch: throwsNow(() => env.PEER.fetch("http://x/")),
};

/* 5 */

for (const { name, outcome } of refusals) {
  behaviour("5", `${name} is refused at module scope`, async () => {
    const error = await outcome;
    equal(error?.message, text);
    equal(error?.name, "Error");
  });
}

for (const { name, outcome } of permissions) {
  behaviour("5", `${name} is allowed at module scope`, async () => {
    equal(await outcome, undefined);
  });
}

behaviour("5", "a call on a binding at module scope throws, others reject", () => {
  equal(atOnce, { call: true, deepCall: true, badCall: true, property: false, fetch: false });
});

const property = env.PEER.getter;

behaviour("5", "a property made at module scope can be read in an invocation", async () => {
  equal(await property, "from a getter");
});

behaviour("1.6", "fetch of a binding without a request is a TypeError", async ({ peer }) => {
  const text =
    "Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.";
  await rejects(() => peer.fetch(), "TypeError", text);
});
