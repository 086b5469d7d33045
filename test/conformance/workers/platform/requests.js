import { behaviour, equal, rejects, throws } from "../harness.js";
import { page } from "./pages.js";

/* 4: arguments of Request; 7: what fetch sends and follows */

const NEWEST = { dates: ["newest"] };
const SINCE_2025 = { dates: ["newest", "2025"] };

behaviour("4", "methods", () => {
  for (const [given, method] of [
    ["get", "GET"],
    ["Delete", "DELETE"],
    ["BAN", "BAN"],
    ["QUERY", "QUERY"],
  ]) {
    equal(new Request("http://a", { method: given }).method, method);
  }
  for (const method of ["CONNECT", "foo", "TRACK", "M-SEARCH", ""]) {
    const text = `Invalid HTTP method string: ${method}`;
    throws(() => new Request("http://a", { method }), "TypeError", text);
  }
});

behaviour(
  "4",
  "all methods are made upper case",
  () => equal(new Request("http://a", { method: "patch" }).method, "PATCH"),
  SINCE_2025,
);

behaviour(
  "4",
  "only common methods were made upper case",
  () => {
    const text = "Invalid HTTP method string: patch";
    throws(() => new Request("http://a", { method: "patch" }), "TypeError", text);
  },
  { dates: ["2024"] },
);

behaviour(
  "4",
  "the URL of a Request is checked when it is made",
  () => {
    for (const url of ["foo", "", "/a", "http:", "//a/b"]) {
      throws(() => new Request(url), "TypeError", `Invalid URL: ${url}`);
    }
  },
  SINCE_2025,
);

behaviour(
  "4",
  "a Request took anything as its URL, as it was written, until it was fetched",
  async ({ env }) => {
    for (const url of ["foo", "", "/a", "http:", "http://a b/", "//a/b"]) {
      equal([new Request(url).url, new Request(new Request(url)).url], [url, url]);
      const text = `Fetch API cannot load: ${url}`;
      await rejects(() => fetch(url), "TypeError", text);
      await rejects(() => fetch(new Request(url)), "TypeError", text);
      await rejects(() => env.SELF.fetch(url), "TypeError", text);
    }
    await rejects(() => fetch("foo:bar"), "TypeError", "Fetch API cannot load: foo:bar");
  },
  { dates: ["2024"] },
);

behaviour("4", "redirect is follow or manual", () => {
  equal(new Request("http://a", { redirect: "FOLLOW" }).redirect, "follow");
  equal(new Request("http://a", { redirect: "manual" }).redirect, "manual");
  for (const redirect of ["error", 5, null]) {
    throws(
      () => new Request("http://a", { redirect }),
      "TypeError",
      'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make sense at the edge; use "manual" and check the response status code).',
    );
  }
});

behaviour(
  "4",
  "cache is no-store or no-cache",
  () => {
    equal(new Request("http://a", { cache: "no-store" }).cache, "no-store");
    equal(new Request("http://a", { cache: "no-cache" }).cache, "no-cache");
    for (const cache of ["default", "", null, "reload"]) {
      const text = `Unsupported cache mode: ${cache}`;
      throws(() => new Request("http://a", { cache }), "TypeError", text);
    }
  },
  SINCE_2025,
);

behaviour(
  "4",
  "there was no cache option",
  () => {
    const text = "The 'cache' field on 'RequestInitializerDict' is not implemented.";
    throws(() => new Request("http://a", { cache: "no-store" }), "Error", text);
  },
  { dates: ["2024"] },
);

behaviour("4", "other options are checked", () => {
  const request = (init) => () => new Request("http://a", init);
  throws(
    request({ integrity: "x" }),
    "TypeError",
    "Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.",
  );
  const coding = "encodeResponseBody: unexpected value: x";
  throws(request({ encodeResponseBody: "x" }), "TypeError", coding);
  throws(
    request({ cf: 5 }),
    "TypeError",
    "Incorrect type for the 'cf' field on 'RequestInitializerDict': the provided value is not of type 'Object'.",
  );
  for (const fetcher of [5, {}, { fetch() {} }]) {
    throws(
      request({ fetcher }),
      "TypeError",
      "Incorrect type for the 'fetcher' field on 'RequestInitializerDict': the provided value is not of type 'Fetcher'.",
    );
  }
  throws(
    request({ signal: 5 }),
    "TypeError",
    "Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'.",
  );
  throws(
    request({ body: "" }),
    "TypeError",
    "Request with a GET or HEAD method cannot have a body.",
  );
});

behaviour("4", "cf is copied, the signal followed", () => {
  const cf = { a: { b: 1 } };
  const request = new Request("http://a", { cf });
  equal(request.cf, cf);
  equal([request.cf === cf, request.cf.a === cf.a], [false, false]);
  const controller = new AbortController();
  const followed = new Request("http://a", { signal: controller.signal });
  controller.abort("why");
  equal([followed.signal.aborted, followed.signal.reason], [true, "why"]);
});

behaviour("7.1", "data URLs are answered", async () => {
  const response = await fetch("data:text/html,<b>x</b>#fragment");
  equal(
    [response.status, response.statusText, response.url, response.type],
    [200, "OK", "", "default"],
  );
  equal(response.headers.get("content-type"), "text/html");
  equal(await response.text(), "<b>x</b>");
  const plain = await fetch("data:;base64,aGk=");
  equal(plain.headers.get("content-type"), "text/plain;charset=US-ASCII");
  equal(await plain.text(), "hi");
  equal(await (await fetch("data:;base64,%%%")).text(), "");
  equal(await (await fetch("data:text/plain;charset=x,a%20b%zz")).text(), "a b%zz");
  equal((await fetch("data:,x", { method: "POST", body: "y" })).body, null);
  for (const url of ["data:nocomma", "ws://x/", "blob:x", "about:blank"]) {
    await rejects(() => fetch(url), "TypeError", `Fetch API cannot load: ${url}`);
  }
});

page("/requests/echo", async (request) =>
  Response.json({
    method: request.method,
    body: await request.text(),
    headers: Object.fromEntries(request.headers),
  }),
);
page("/requests/redirect", (request) => {
  const { searchParams } = new URL(request.url);
  const location = searchParams.get("to") ?? "/requests/echo#fragment";
  return new Response(null, { status: Number(searchParams.get("status")), headers: { location } });
});

const echo = async (request, path, init) => {
  const response = await fetch(new URL(path, request.url), init);
  return { response, ...(await response.json()) };
};

behaviour("7.3", "redirects", async ({ request }) => {
  const redirected = (status, init) =>
    echo(request, `/requests/redirect?status=${status}`, { body: "b", ...init });
  for (const status of [301, 302, 303]) {
    const { response, method, body, headers } = await redirected(status, { method: "POST" });
    equal([method, body, headers["content-type"]], ["GET", "", "text/plain;charset=UTF-8"]);
    equal(response.redirected, true);
    equal(new URL(response.url).hash, "");
  }
  for (const [status, method] of [
    [307, "POST"],
    [308, "POST"],
    [302, "PUT"],
  ]) {
    const seen = await redirected(status, { method });
    equal([seen.method, seen.body], [method, "b"]);
  }
  const stream = () => ({ method: "POST", body: new Response("b").body });
  equal((await redirected(303, stream())).method, "GET");
  await rejects(
    () => redirected(302, stream()),
    "TypeError",
    "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.",
  );
});

behaviour(
  "7.3",
  "redirects to where nothing can be fetched",
  async ({ request }) => {
    for (const to of ["data:,x", "mailto:a", "http://["]) {
      const path = `/requests/redirect?status=302&to=${encodeURIComponent(to)}`;
      await rejects(
        () => fetch(new URL(path, request.url)),
        "TypeError",
        "Invalid Location header; unable to follow redirect.",
      );
    }
  },
  SINCE_2025,
);

behaviour("7.2", "what is sent beside what was given", async ({ request }) => {
  const empty = await echo(request, "/requests/echo", { method: "POST" });
  equal(empty.headers["content-length"], "0");
  const text = await echo(request, "/requests/echo", { headers: { "x-text": "é日" } });
  equal(text.headers["x-text"], "é日");
  const url = new URL("/requests/echo", request.url);
  url.username = "user";
  url.password = "secret";
  const { headers } = await echo(request, url);
  equal(headers.authorization, undefined);
});

behaviour(
  "7.2",
  "cache modes become headers",
  async ({ request }) => {
    const sent = async (init) => (await echo(request, "/requests/echo", init)).headers;
    const plain = await sent({ cache: "no-store" });
    equal([plain["cache-control"], plain.pragma], ["no-cache", "no-cache"]);
    const kept = await sent({ cache: "no-cache", headers: { "cache-control": "x" } });
    equal([kept["cache-control"], kept.pragma], ["x", "no-cache"]);
  },
  NEWEST,
);
