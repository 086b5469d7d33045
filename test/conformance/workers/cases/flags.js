import { behaviour, equal, eventually } from "../harness.js";

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

/* 9: a Worker with compatibility date 2022-01-01 and the flag "rpc" */

const ancient = async (env, probe) => (await env.ANCIENT.fetch(`http://ancient/${probe}`)).json();

behaviour("9", "before 2022-11-30 streams have no constructors", async ({ env }) => {
  const refusal = (name) =>
    `Error: To use the new ${name}() constructor, enable the streams_enable_constructors compatibility flag. Refer to the docs for more information: https://developers.cloudflare.com/workers/platform/compatibility-dates/#compatibility-flags`;
  equal(await ancient(env, "constructors"), [
    refusal("ReadableStream"),
    refusal("WritableStream"),
    "undefined",
    true,
  ]);
});

behaviour("9", "before 2022-11-30 a TransformStream passes bytes through", async ({ env }) => {
  equal(await ancient(env, "transform"), "as it is");
});

behaviour("9", "streams of such a Worker travel like all others", async ({ env }) => {
  equal(await ancient(env, "streams"), ["there", "and back"]);
});

behaviour("9", "before 2023-03-01 cookies are one header", async ({ env }) => {
  const [entries, all, method] = await ancient(env, "cookies");
  equal(entries, [
    ["a", "1"],
    ["set-cookie", "x=1, y=2"],
  ]);
  equal([all, method], [["x=1", "y=2"], "undefined"]);
});

/* 9: unhandled_rejection_after_microtask_checkpoint */

const unhandled = [];
addEventListener("unhandledrejection", (event) => {
  unhandled.push(event.reason?.message);
  if (event.reason?.message.startsWith("handled in")) event.preventDefault();
});

behaviour(
  "9",
  "a rejection that the same turn handles is not unhandled",
  async () => {
    const promise = Promise.reject(new Error("handled in time"));
    for (let turn = 0; turn < 10; turn += 1) await null;
    promise.catch(() => {});
    const late = Promise.reject(new Error("handled in vain"));
    await eventually(() => unhandled.includes("handled in vain"), true, "unhandledrejection");
    late.catch(() => {});
    equal(unhandled.includes("handled in time"), false);
  },
  { date: "modern" },
);
