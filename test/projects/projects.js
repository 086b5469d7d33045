/*
 * The projects of this folder, and what is asked of each, one after the other (ask.js says how). Knows
 * neither drover nor wrangler.
 */
import { PROGRAMS } from "./programs.js";

const post = (path, body, method = "POST") => ({
  method,
  path,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const put = (path, body, headers = {}) => ({ method: "PUT", path, body, headers });
const cookie = { cookie: "{cookie}" };

/** @type {Record<string, { configs: string[], migrate?: string, requests: import("./ask.js").Asked[] }>} */
export const PROJECTS = {
  ...PROGRAMS,
  "d1-drizzle": {
    configs: ["wrangler.jsonc"],
    migrate: "blog",
    requests: [
      { path: "/users" },
      post("/users", [
        { name: "Ada", email: "ada@example.com" },
        { name: "Grace", email: "grace@example.com" },
      ]),
      post("/users", { name: "Other", email: "ada@example.com" }),
      post("/posts", { title: "On engines", authorId: 1, tags: ["history", "é"] }),
      post("/posts", { title: "On compilers", authorId: 2 }),
      post("/posts", { title: "On nobody", authorId: 9 }),
      post("/posts", { authorId: 1 }),
      { path: "/posts" },
      { path: "/posts?q=comp" },
      post("/publish?id=2", ""),
      post("/publish?id=2", ""),
      { path: "/users" },
      { method: "DELETE", path: "/users?id=1" },
      { path: "/posts" },
      { path: "/nope" },
    ],
  },
  "r2-files": {
    configs: ["wrangler.toml"],
    requests: [
      put("/readme.txt", "0123456789", {
        "content-type": "text/plain",
        "cache-control": "max-age=60",
        "x-user": "ada",
      }),
      put("/dir/%C3%A9.bin", "nested", { "content-disposition": "attachment" }),
      put("/readme.txt", "other", { "if-none-match": "*" }),
      { path: "/" },
      { path: "/readme.txt" },
      { method: "HEAD", path: "/readme.txt" },
      ...["bytes=2-4", "bytes=-3", "bytes=8-", "bytes=0-99", "bytes=20-", "bytes=4-2"].map(
        (range) => ({
          path: "/readme.txt",
          headers: { range },
        }),
      ),
      { path: "/readme.txt", headers: { "if-none-match": '"781e5e245d69b566979b86e28d23f2c7"' } },
      { path: "/readme.txt", headers: { "if-none-match": '"another"' } },
      { path: "/dir/%C3%A9.bin" },
      { method: "DELETE", path: "/readme.txt" },
      { path: "/readme.txt" },
      { path: "/" },
      { method: "PATCH", path: "/readme.txt" },
    ],
  },
  "kv-sessions": {
    configs: ["wrangler.json"],
    requests: [
      { path: "/" },
      { path: "/login?user=ada" },
      { path: "/", headers: cookie },
      { ...post("/", "apples"), headers: cookie },
      { ...post("/", "pears"), headers: cookie },
      { path: "/online" },
      { path: "/login?user=grace" },
      { path: "/", headers: cookie },
      { path: "/online" },
      { path: "/logout", headers: cookie },
      { path: "/online" },
      { path: "/", headers: { cookie: "session=forged" } },
    ],
  },
  "hono-assets": {
    configs: ["wrangler.jsonc", "api/wrangler.jsonc"],
    requests: [
      { path: "/" },
      { path: "/app.js" },
      { path: "/some/page", headers: { "sec-fetch-mode": "navigate" } },
      { path: "/api/todos" },
      post("/api/todos", { text: "write tests" }),
      post("/api/todos", {}),
      { path: "/api/todos" },
      { path: "/api/echo/a%20b?q=1" },
      { path: "/api/nope" },
      { method: "HEAD", path: "/" },
    ],
  },
  "url-shortener": {
    configs: ["web/wrangler.jsonc", "admin/wrangler.jsonc", "stats/wrangler.jsonc"],
    requests: [
      { path: "/cf" },
      put("/admin/cf", "https://example.com/a?b=c#d", { "x-user": "ada" }),
      put("/admin/bad", "no url"),
      { path: "/cf" },
      { path: "/cf" },
      { path: "/stats/cf" },
      { path: "/stats/none" },
      { path: "/admin/" },
      { method: "DELETE", path: "/admin/cf" },
      { path: "/cf" },
    ],
  },
};
