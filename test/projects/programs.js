/*
 * Of the projects: those around packages from npm that nobody here wrote (issue 12), and what is asked of each.
 */

const json = { "content-type": "application/json" };
const posted = (path, body, headers = {}) => ({
  method: "POST",
  path,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});
const graphql = (query, variables, headers) => posted("/graphql", { query, variables }, headers);
const order = {
  id: "0d9e6f3c-6c1e-4b8e-9d55-2f7f6f0b7a11",
  mail: "ada@example.com",
  at: "2026-01-02T03:04:05Z",
  lines: [{ sku: "ABC-1", count: "2" }],
  payment: { kind: "card", last4: "1234" },
};
const paths = (...all) => all.map((path) => ({ path }));

const upload = new FormData();
upload.set(
  "operations",
  JSON.stringify({
    query: "mutation ($file: File!) { read(file: $file) }",
    variables: { file: null },
  }),
);
upload.set("map", '{"0":["variables.file"]}');
upload.set("0", new File(["contents"], "a.txt", { type: "text/plain" }));

const callback = "https://client.example.com/done";
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const form = (path, fields, headers = {}) => ({
  method: "POST",
  path,
  headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  body: Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join("&"),
});
const bearer = { authorization: "Bearer {token}" };
const cookie = { cookie: "{cookie}" };
const auth = (path, body, headers = {}) =>
  posted(`/api/auth/${path}`, body, { origin: "{origin}", ...headers });

/** @type {Record<string, { configs: string[], migrate?: string, requests: import("./ask.js").Asked[] }>} */
export const PROGRAMS = {
  "hono-rpc": {
    configs: ["wrangler.jsonc", "api/wrangler.jsonc"],
    requests: [
      ...paths("/rpc", "/stream/text", "/stream/sse", "/stream/pipe", "/stream/error", "/jsx"),
      { path: "/cors/a", headers: { origin: "https://example.com" } },
      { method: "OPTIONS", path: "/cors/a", headers: { origin: "https://example.com" } },
      { path: "/etag" },
      { path: "/etag", headers: { "if-none-match": '"8e1ec218dc7ecaadd65388fba9b6723ce114268a"' } },
      { path: "/cookies" },
      { path: "/cookies", headers: cookie },
      { path: "/token", keep: { token: /(ey\S+)/ } },
      { path: "/me" },
      { path: "/me", headers: bearer },
      { path: "/me", headers: { authorization: "Bearer a.b.c" } },
      { path: "/ws", send: ["one", "é", new Uint8Array([1, 2, 255]), "url"] },
      { path: "/ws", send: ["bye"] },
      { path: "/ws" },
      { path: "/nope" },
    ],
  },
  "itty-jose-zod": {
    configs: ["wrangler.jsonc"],
    requests: [
      ...paths(
        "/hello",
        "/hello/a%20b",
        "/files/a/b/c.txt?x=1&x=2&y=",
        "/html",
        "/teapot",
        "/broken",
      ),
      ...paths("/error", "/params/1/%C3%A9", "/nope", "/content"),
      posted("/content", { a: 1 }),
      form("/content", { a: "1", b: "x+y" }),
      { method: "POST", path: "/content", headers: { "content-type": "text/plain" }, body: "text" },
      { path: "/hello", headers: { origin: "https://example.com" } },
      { method: "OPTIONS", path: "/hello", headers: { origin: "https://example.com" } },
      posted("/shapes", order),
      posted("/shapes", { ...order, tags: "x", link: "no", mail: 1, at: "2026", lines: [] }),
      posted("/shapes", { ...order, lines: [order.lines[0], order.lines[0]] }),
      posted("/shapes", { ...order, payment: { kind: "cash" } }),
      ...paths("/keys/hmac", "/keys/sign", "/keys/encrypt", "/keys/direct", "/keys/published"),
      ...paths("/keys/remote", "/keys/local", "/keys/none"),
    ],
  },
  "graphql-yoga": {
    configs: ["wrangler.jsonc"],
    requests: [
      graphql("mutation ($text: String!) { add(text: $text) { id text } }", { text: "héllo" }),
      graphql("{ notes { id length bytes: length(unit: BYTES) __typename } }"),
      { path: "/graphql?query=%7B%20notes(first%3A%200)%20%7B%20id%20%7D%20%7D" },
      graphql("{ fails }"),
      graphql("{ hidden agent }", {}, { "x-agent": "me" }),
      graphql("{ nothing }"),
      graphql("{ notes {"),
      graphql("{ __schema { queryType { name } types { name } } }"),
      { path: "/graphql?query=mutation%20%7B%20add(text%3A%20%22x%22)%20%7B%20id%20%7D%20%7D" },
      graphql("subscription { countdown(from: 2) }", {}, { accept: "text/event-stream" }),
      { method: "POST", path: "/graphql", body: upload },
      { method: "POST", path: "/graphql", headers: json, body: "no json" },
      { method: "DELETE", path: "/graphql" },
      { method: "OPTIONS", path: "/graphql", headers: { origin: "https://example.com" } },
      ...paths("/graphql/health", "/nope"),
    ],
  },
  "react-stream": {
    configs: ["wrangler.jsonc"],
    requests: paths(
      "/stream",
      "/ready",
      "/broken",
      "/shell",
      "/abort",
      "/static",
      "/string",
      "/nope",
    ),
  },
  capnweb: {
    configs: ["wrangler.jsonc", "server/wrangler.jsonc"],
    requests: [
      ...paths("/batch", "/socket", "/map", "/streams", "/native", "/over-native", "/rpc", "/nope"),
      { path: "/rpc", send: ["no json"] },
    ],
  },
  sentry: {
    configs: ["wrangler.jsonc"],
    requests: paths(
      ...["/", "/items?count=1", "/captures", "/items?count=3", "/spans", "/items?count=5"],
      ...["/later", "/items?count=2", "/fails", "/items?count=2", "/object", "/items?count=2"],
    ),
  },
  "oauth-provider": {
    configs: ["wrangler.jsonc"],
    requests: [
      ...paths("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"),
      ...paths(
        "/api/things",
        "/nope",
        "/authorize",
        "/authorize?client_id=none&response_type=code",
      ),
      {
        ...posted("/oauth/register", {
          client_name: "Client",
          redirect_uris: [callback],
          token_endpoint_auth_method: "none",
        }),
        keep: { client: /"client_id":"([^"]+)"/, issued: /"client_id_issued_at":(\d+)/ },
      },
      posted("/oauth/register", { client_name: "Client", redirect_uris: ["javascript:1"] }),
      {
        path: `/authorize?response_type=code&client_id={client}&redirect_uri=${encodeURIComponent(callback)}&scope=read%20offline_access&state=s&code_challenge=${challenge}&code_challenge_method=S256`,
        keep: { code: /[?&]code=([^&\s]+)/ },
      },
      form("/oauth/token", {
        grant_type: "authorization_code",
        code: "{code}",
        client_id: "{client}",
        redirect_uri: encodeURIComponent(callback),
        code_verifier: "x".repeat(43),
      }),
      {
        ...form("/oauth/token", {
          grant_type: "authorization_code",
          code: "{code}",
          client_id: "{client}",
          redirect_uri: encodeURIComponent(callback),
          code_verifier: verifier,
        }),
        keep: { token: /"access_token":"([^"]+)"/, refresh: /"refresh_token":"([^"]+)"/ },
      },
      { path: "/api/things", headers: bearer },
      { path: "/api/things", headers: { authorization: "Bearer ada:x:y" } },
      ...paths("/grants", "/keys"),
      {
        ...form("/oauth/token", {
          grant_type: "refresh_token",
          refresh_token: "{refresh}",
          client_id: "{client}",
        }),
        keep: { token: /"access_token":"([^"]+)"/, refresh: /"refresh_token":"([^"]+)"/ },
      },
      { path: "/api/more?a=b", headers: bearer },
      form("/oauth/token", { grant_type: "password" }),
    ],
  },
  "better-auth": {
    configs: ["wrangler.jsonc"],
    requests: [
      ...paths("/api/auth/ok", "/me", "/api/auth/get-session"),
      {
        ...auth("sign-up/email", { name: "Ada", email: "ada@example.com", password: "analytical" }),
        keep: { token: /"token":"([^"]+)"/, id: /"id":"([^"]+)"/, time: /"createdAt":"([^"]+)"/ },
      },
      { path: "/me", headers: cookie },
      auth("sign-up/email", { name: "B", email: "b@example.com", password: "short" }),
      auth("sign-up/email", { name: "B", email: "no", password: "long enough" }),
      auth("sign-in/email", { email: "ada@example.com", password: "differential" }),
      {
        ...auth("sign-in/email", { email: "ada@example.com", password: "analytical" }),
        keep: { token: /"token":"([^"]+)"/ },
      },
      { path: "/me", headers: cookie },
      auth("update-user", { name: "Ada L." }, cookie),
      auth("sign-out", {}, { ...cookie, origin: "https://evil.example" }),
      auth("sign-out", {}, cookie),
      { path: "/me", headers: cookie },
      ...paths("/tables", "/api/auth/nope"),
    ],
  },
  "auth-d1": {
    configs: ["wrangler.jsonc"],
    migrate: "auth",
    requests: [
      ...paths("/api/auth/ok", "/notes", "/counts"),
      {
        ...auth("sign-up/email", { name: "Ada", email: "ada@example.com", password: "analytical" }),
        keep: { token: /"token":"([^"]+)"/, id: /"id":"([^"]+)"/, time: /"createdAt":"([^"]+)"/ },
      },
      auth("sign-up/email", { name: "Eve", email: "ada@example.com", password: "analytical" }),
      // With the same statement each: one that fails leaves nothing to the next.
      ...["engine", "loom", "engine", "card", "card", "mill"].map((body) => ({
        method: "POST",
        path: "/notes",
        headers: cookie,
        body,
      })),
      { path: "/notes", headers: cookie },
      auth("change-password", { currentPassword: "wrong one", newPassword: "difference" }, cookie),
      auth("sign-out", {}, cookie),
      { path: "/notes", headers: cookie },
      {
        ...auth("sign-in/email", { email: "ada@example.com", password: "analytical" }),
        keep: { token: /"token":"([^"]+)"/ },
      },
      { path: "/counts" },
      auth("delete-user", { password: "analytical" }, cookie),
      ...paths("/counts", "/api/auth/nope"),
    ],
  },
};
