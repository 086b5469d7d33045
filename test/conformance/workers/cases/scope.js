import { env, RpcStub } from "cloudflare:workers";
import { behaviour, equal } from "../harness.js";

const text =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";

/** What happens when these are done while the module is evaluated. */
const tried = {
  setTimeout: () => setTimeout(() => {}, 0),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(1)),
  fetch: () => fetch("http://127.0.0.1:1/"),
  "a Response with a body": () => new Response("text"),
  "Response.json": () => Response.json({}),
  "Response.redirect": () => Response.redirect("http://x/"),
  "a Request with a body": () => new Request("http://x/", { method: "POST", body: "text" }),
  "an IdentityTransformStream": () => new IdentityTransformStream(),
  "a WebSocketPair": () => new WebSocketPair(),
  "AbortSignal.timeout": () => AbortSignal.timeout(1),
  "new RpcStub": () => new RpcStub(() => 1),
  "a call on a binding": () => env.PEER.add(1, 2),
};

const outcomes = Object.entries(tried).map(([name, run]) => {
  const outcome = { name, error: undefined };
  try {
    Promise.resolve(run()).catch((error) => {
      outcome.error = error;
    });
  } catch (error) {
    outcome.error = error;
  }
  return outcome;
});

/** What belongs to no request may be made then. */
const made = [
  new Response(null),
  new Response(new ReadableStream()),
  new Request("http://x/"),
  new Blob(["text"]),
  new Headers({ a: "b" }),
  AbortSignal.any([]),
  new TransformStream(),
];

/* 5 */

behaviour("5", "what belongs to no request can be made at module scope", async () => {
  equal(await made[3].text(), "text");
  equal([made[0].status, made[2].url], [200, "http://x/"]);
});

for (const outcome of outcomes) {
  behaviour("5", `${outcome.name} is refused at module scope`, () => {
    equal(outcome.error?.message, text);
    equal(outcome.error?.name, "Error");
  });
}
