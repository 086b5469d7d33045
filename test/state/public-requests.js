/*
 * Requests to the public addresses of R2 buckets (spec/resources.md 5.8): what wrangler answers is
 * test/state/recorded/r2-public.json, recorded by `npm run parity -- state --record`.
 */
import { request } from "node:http";

const PUBLIC = "/cdn-cgi/local/r2/public";
const ETAG = '"781e5e245d69b566979b86e28d23f2c7"';
const PAST = "Sun, 29 Nov 2020 23:27:42 GMT";
const FUTURE = "Sun, 29 Nov 2099 23:27:42 GMT";

/** @type {(path: string, headers?: Record<string, string>, method?: string) => [string, string, Record<string, string>]} */
const get = (path, headers = {}, method = "GET") => [method, PUBLIC + path, headers];
const plain = (/** @type {Record<string, string>} */ headers, method = "GET") =>
  get("/r2-cases/public-plain", headers, method);

/** Method, path, headers. */
export const PUBLIC_REQUESTS = [
  plain({}),
  plain({}, "HEAD"),
  get("/r2-cases/public%20b/%C3%A9.txt"),
  get("/r2-cases/public-empty"),
  get("/r2-cases/nope"),
  get("/r2-cases/nope", {}, "HEAD"),
  get("/unknown/public-plain"),
  get("/r2-cases/"),
  get("/r2-cases"),
  get("/"),
  get(""),
  get("/r2-cases/%zz"),
  get("/r2-cases/public-plain?x=1"),
  get("/r2-cases//public-plain"),
  plain({}, "PUT"),
  plain({}, "DELETE"),
  plain({ origin: "http://localhost:3000", "access-control-request-method": "GET" }, "OPTIONS"),
  plain({ origin: "http://localhost:3000" }),
  ...[
    ...["bytes=0-3", "bytes=5-", "bytes=-3", "bytes=-30", "bytes=0-100", "bytes=9-9"],
    ...["bytes=-0", "bytes=10-", "bytes=20-30", "bytes=3-1", "bytes=0-1,3-4", "foo", "bytes=a-b"],
    ...["items=0-1", "bytes=", "bytes=-", "Bytes = 0 - 2"],
  ].map((range) => plain({ range })),
  plain({ range: "bytes=2-4" }, "HEAD"),
  get("/r2-cases/public-empty", { range: "bytes=0-1" }),
  ...[ETAG, `W/${ETAG}`, "*", '"x"', `"x", ${ETAG}`].map((etag) =>
    plain({ "if-none-match": etag }),
  ),
  ...[ETAG, `W/${ETAG}`, "*", '"x"', `"x", ${ETAG}`].map((etag) => plain({ "if-match": etag })),
  ...[PAST, FUTURE, "garbage"].flatMap((date) => [
    plain({ "if-modified-since": date }),
    plain({ "if-unmodified-since": date }),
  ]),
  plain({ "if-none-match": ETAG, "if-modified-since": PAST }),
  plain({ "if-none-match": '"x"', "if-modified-since": FUTURE }),
  plain({ "if-match": ETAG, "if-unmodified-since": PAST }),
  plain({ "if-none-match": ETAG, "if-match": '"x"' }),
  plain({ "if-none-match": ETAG, range: "bytes=0-1" }),
  plain({ "if-match": '"x"', range: "bytes=50-" }),
  plain({ "if-range": '"x"', range: "bytes=0-1" }),
  plain({ "if-none-match": ETAG }, "HEAD"),
];

/**
 * @param {string} url of the server
 * @param {readonly [string, string, Record<string, string>]} wanted
 * @returns {Promise<object>} what does not change from one run to the next
 */
export function askPublic(url, [method, path, headers]) {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers, agent: false });
    asked.on("response", async (response) => {
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      const dateless = Object.entries(response.headers)
        .filter(([name]) => !["date", "connection", "keep-alive"].includes(name))
        .map(([name, value]) => [name, name === "last-modified" ? "(date)" : value]);
      resolve({ status: response.statusCode, headers: Object.fromEntries(dateless.sort()), body });
    });
    asked.on("error", reject).end();
  });
}
