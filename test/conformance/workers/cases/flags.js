import { behaviour, equal } from "../harness.js";

/* 9: a Worker with compatibility date 2024-01-01 in front of the callee */

async function dated(env, probe) {
  const { ok, value, error } = await (await env.DATED.fetch(`http://dated/${probe}`)).json();
  return ok ? value : error;
}

behaviour("9", "without rpc a binding has no wildcard methods", async ({ env }) => {
  const members = await dated(env, "members");
  equal([members.method, members.isIn, members.fetch], ["undefined", false, "function"]);
});

behaviour("9", "before 2024-03-26 bindings have get, put and delete", async ({ env }) => {
  const members = await dated(env, "members");
  equal([members.get, members.put, members.delete], ["function", "function", "function"]);
});

behaviour("9", "get gives text, other types on demand, null for 404", async ({ env }) => {
  const found = await dated(env, "get");
  equal(found, ["GET /a?b=c", "GET /a", "GET /a", "GET /a", { json: true }, null]);
});

behaviour("9", "get of a failing URL throws", async ({ env }) => {
  equal(
    await dated(env, "get-failing"),
    "Error: HTTP GET request failed: 500 Internal Server Error",
  );
});

behaviour("9", "put and delete give nothing", async ({ env }) => {
  equal([await dated(env, "put"), await dated(env, "delete")], [[null, null], undefined]);
});

behaviour("9", "after that date they are RPC names", async ({ peer }) => {
  let error;
  try {
    await peer.get("x");
  } catch (caught) {
    error = caught;
  }
  equal(error?.message, 'The RPC receiver does not implement the method "get".');
});

behaviour("9", "handlers share one ctx if the flag says so", async ({ env }) => {
  equal([await dated(env, "context"), await dated(env, "context")], [true, true]);
});

behaviour("9", "before 2024-06-03 a Request keeps its URL as it was written", async ({ env }) => {
  const written = ["http://my-url.com", "HTTP://A.com:80/b/../%7e"];
  equal(await dated(env, "urls"), written);
  const normalized = written.map((url) => new Request(url).url);
  equal(normalized, ["http://my-url.com/", "http://a.com/%7e"]);
});
