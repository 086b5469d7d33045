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

/* 5 */

for (const outcome of outcomes) {
  behaviour("5", `${outcome.name} is refused at module scope`, () => {
    equal(outcome.error?.message, text);
    equal(outcome.error?.name, "Error");
  });
}
