/** Cases of spec/resources.md 9, in order: later ones find what earlier ones stored. */
import { at, fresh, headersOf, made, seen } from "./cache-tools.js";
import { outcomes } from "./outcome.js";

async function isStored(path, response, init) {
  const cache = caches.default;
  await cache.put(new Request(at(path), init), response);
  const hit = await cache.match(at(path));
  return hit === undefined ? "miss" : [hit.status, await hit.text()];
}

export const cases = {
  shape: async () => ({
    storage: [caches.constructor.name, Object.keys(caches), Object.prototype.toString.call(caches)],
    cache: [caches.default.constructor.name, Reflect.ownKeys(caches.default).length],
    same: Object.is(await caches.open("a"), await caches.open("a")),
    lengths: ["put", "match", "delete"].map((name) => caches.default[name].length),
  }),

  "a hit": async () => {
    const cache = caches.default;
    const put = await cache.put(
      at("hit?q=1"),
      new Response("text é", {
        status: 200,
        statusText: "Fine",
        headers: {
          "Cache-Control": "max-age=60",
          "X-Own": "a, b",
          ETag: '"e"',
          Connection: "close",
          "Keep-Alive": "x",
          "Transfer-Encoding": "x",
          Trailer: "x",
          TE: "x",
          Upgrade: "x",
          "Proxy-Connection": "x",
          "CF-Cache-Status": "OWN",
          Age: "3",
        },
      }),
    );
    const hit = await cache.match(at("hit?q=1"));
    let immutable;
    try {
      hit.headers.set("a", "b");
    } catch (error) {
      immutable = `${error.constructor.name}: ${error.message}`;
    }
    return {
      put,
      immutable,
      hit: await seen(hit),
      other: await seen(await cache.match(at("hit"))),
      fragment: await seen(await cache.match(at("hit?q=1#x"))).then((it) => it.status),
      request: await seen(
        await cache.match(new Request(at("hit?q=1"), { headers: { accept: "x" } })),
      ).then((it) => it.status),
      urlObject: await seen(await cache.match(new URL(at("hit?q=1")))).then((it) => it.status),
    };
  },

  "kinds of bodies": async () => {
    const results = {};
    const bodies = {
      none: null,
      empty: "",
      text: "text",
      bytes: new Uint8Array([0, 1, 255]),
      stream: new Response("stream").body,
      form: new URLSearchParams({ a: "b" }),
    };
    for (const [name, body] of Object.entries(bodies)) {
      await caches.default.put(at(`body/${name}`), new Response(body, { headers: fresh }));
      const hit = await caches.default.match(at(`body/${name}`));
      results[name] = [
        hit.body === null,
        new Uint8Array(await hit.arrayBuffer()),
        headersOf(hit).filter(([key]) => key.startsWith("content")),
      ];
    }
    return results;
  },

  "which headers store": async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const anHourAgo = new Date(Date.now() - 3_600_000).toUTCString();
    const list = {
      none: {},
      etag: { etag: '"x"' },
      public: { "cache-control": "public" },
      "max-age=60": fresh,
      "max-age=0": { "cache-control": "max-age=0" },
      "no-store": { "cache-control": "no-store, max-age=60" },
      "no-cache": { "cache-control": "no-cache, max-age=60" },
      private: { "cache-control": "private, max-age=60" },
      "s-maxage": { "cache-control": "max-age=0, s-maxage=60" },
      "s-maxage=0": { "cache-control": "max-age=60, s-maxage=0" },
      "expires later": { expires: inAnHour },
      expired: { expires: anHourAgo },
      "expires 0": { expires: "0" },
      "expires and max-age": { expires: anHourAgo, "cache-control": "max-age=60" },
      "set-cookie": { ...fresh, "set-cookie": "a=b" },
      "private cookie": {
        "cache-control": "max-age=60, private=Set-Cookie",
        "set-cookie": "a=b",
        "x-kept": "y",
      },
      "private cookie quoted": {
        "cache-control": 'private="set-cookie", max-age=60',
        "set-cookie": "a=b",
      },
      "last-modified": { "last-modified": anHourAgo },
      immutable: { "cache-control": "immutable" },
      "public immutable": { "cache-control": "public, immutable" },
      age: { ...fresh, age: "100" },
      "age 10": { ...fresh, age: "10" },
      pragma: { pragma: "no-cache" },
      "pragma with max-age": { ...fresh, pragma: "no-cache" },
      "cdn-cache-control": { "cdn-cache-control": "max-age=60" },
      "cloudflare-cdn-cache-control": { "cloudflare-cdn-cache-control": "max-age=60" },
      vary: { ...fresh, vary: "accept" },
      "stale-while-revalidate and max-age": {
        "cache-control": "max-age=60, stale-while-revalidate=60",
      },
      "bad max-age": { "cache-control": "max-age=x" },
      "negative max-age": { "cache-control": "max-age=-5" },
      "upper case": { "cache-control": "MAX-AGE=60" },
      "no-store upper": { "cache-control": "No-Store, max-age=60" },
      "must-revalidate": { "cache-control": "must-revalidate, max-age=60" },
      "proxy-revalidate": { "cache-control": "proxy-revalidate, max-age=60" },
      date: { ...fresh, date: anHourAgo },
    };
    const results = {};
    for (const [name, headers] of Object.entries(list))
      results[name] = await isStored(`stores/${name}`, made(headers));
    return results;
  },

  "what is cut off": async () => {
    await caches.default.put(
      at("cut"),
      made({
        "cache-control": "max-age=60, private=Set-Cookie",
        "set-cookie": "a=b",
        "x-kept": "y",
      }),
    );
    await caches.default.put(
      at("cut2"),
      made({ "cache-control": "private=set-cookie, max-age=60", "set-cookie": "a=b" }),
    );
    return [
      await seen(await caches.default.match(at("cut"))),
      await seen(await caches.default.match(at("cut2"))),
    ];
  },

  "which statuses store": async () => {
    const results = {};
    for (const status of [
      200, 201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 403,
      404, 405, 410, 414, 418, 429, 500, 501, 502, 503, 504,
    ]) {
      const isEmpty = [204, 205, 304].includes(status);
      results[status] = await outcomes(() =>
        isStored(`status/${status}`, made(fresh, isEmpty ? null : "body", status)),
      );
    }
    return results;
  },

  "authorized requests": async () => {
    const results = {};
    for (const control of [
      "max-age=60",
      "public, max-age=60",
      "s-maxage=60",
      "must-revalidate, max-age=60",
    ]) {
      results[control] = await isStored(`auth/${control}`, made({ "cache-control": control }), {
        headers: { authorization: "x" },
      });
    }
    results["request's own cache-control"] = await isStored("auth/own", made(fresh), {
      headers: { "cache-control": "no-store" },
    });
    results["request's own no-cache"] = await isStored("auth/own2", made(fresh), {
      headers: { "cache-control": "no-cache", pragma: "no-cache" },
    });
    await caches.default.put(at("auth/m"), made(fresh));
    const match = async (headers) =>
      (await caches.default.match(new Request(at("auth/m"), { headers }))) !== undefined;
    results.match = [
      await match({ "cache-control": "no-cache" }),
      await match({ "cache-control": "max-age=0" }),
      await match({ "cache-control": "only-if-cached" }),
      await match({ authorization: "x" }),
      await match({ pragma: "no-cache" }),
      await match({ "cache-control": "no-store" }),
    ];
    return results;
  },

  "what put refuses": async () => {
    const cache = caches.default;
    const used = made(fresh);
    await used.text();
    const locked = made(fresh);
    locked.body.getReader();
    return outcomes(
      () => cache.put(),
      () => cache.put(at("a")),
      () => cache.put(at("a"), "x"),
      () => cache.put(at("a"), null),
      () => cache.put(undefined, made(fresh)),
      () => cache.put(null, made(fresh)),
      () => cache.put(5, made(fresh)),
      () => cache.put({}, made(fresh)),
      () => cache.put("/foo", made(fresh)),
      () => cache.put("foo", made(fresh)),
      () => cache.put("ftp://x/y", made(fresh)),
      () => cache.put("data:text/plain,x", made(fresh)),
      () => cache.put(new Request(at("a"), { method: "POST" }), made(fresh)),
      () => cache.put(new Request(at("a"), { method: "HEAD" }), made(fresh)),
      () => cache.put(at("a"), made(fresh, "x", 206)),
      () => cache.put(at("a"), made({ ...fresh, vary: "*" })),
      () => cache.put(at("a"), made({ ...fresh, vary: "accept, *" })),
      () => cache.put(at("a"), made({ ...fresh, vary: "a*b" })),
      () => cache.put(at("a"), Response.error()),
      () => cache.put(at("a"), used),
      () => cache.put(at("a"), locked),
      () =>
        cache.put(at("a"), new Response(null, { status: 101, webSocket: new WebSocketPair()[0] })),
      () => cache.put(at("a"), made(fresh, null, 304)),
      () => cache.put(at("a"), made(fresh), "more"),
      () =>
        cache
          .match(at("a"))
          .then(seen)
          .then(({ status }) => status),
    );
  },

  "arguments of the others": async () => {
    const cache = caches.default;
    await cache.put(at("m"), made(fresh));
    const match = (...args) => cache.match(...args).then((hit) => hit !== undefined);
    return outcomes(
      () => cache.match(),
      () => cache.match(null),
      () => cache.match("/x"),
      () => cache.delete(),
      () => cache.delete("/x"),
      () => match(new Request(at("m"), { method: "POST" })),
      () => match(new Request(at("m"), { method: "HEAD" })),
      () => match(new Request(at("m"), { method: "POST" }), { ignoreMethod: true }),
      () => match(at("m"), { ignoreMethod: 1 }),
      () => match(at("m"), { ignoreSearch: true }),
      () => match(at("m"), { ignoreSearch: false }),
      () => match(at("m"), { ignoreSearch: undefined }),
      () => match(at("m"), { ignoreVary: true }),
      () => match(at("m"), { cacheName: "x" }),
      () => match(at("m"), { other: 1 }),
      () => match(at("m"), null),
      () => match(at("m"), 5),
      () => match(at("m"), "x"),
      () => cache.delete(new Request(at("m"), { method: "POST" })),
      () => cache.delete(new Request(at("m"), { method: "PURGE" })),
      () => cache.delete(at("m"), { ignoreVary: true }),
      () => cache.delete(at("m"), 5),
      () => cache.delete(new Request(at("m"), { method: "POST" }), { ignoreMethod: true }),
      () => cache.delete(at("m")),
      () => cache.delete(at("never")),
      () => match(at("m")),
    );
  },

  "not implemented": () => {
    const cache = caches.default;
    return outcomes(
      () => cache.add(at("a")),
      () => cache.addAll([]),
      () => cache.matchAll(),
      () => cache.keys(),
      () => caches.match(at("a")),
      () => caches.has("a"),
      () => caches.delete("a"),
      () => caches.keys(),
      () => cache.add(),
      () => caches.match(),
      () => caches.has(),
      () => caches.delete(),
      () => cache.addAll(),
      () => caches.match(at("a"), 5),
    );
  },

  open: async () => {
    const named = await caches.open("one");
    await named.put(at("named"), made(fresh, "in one"));
    const other = await caches.open("two é/../x");
    await other.put(at("named"), made(fresh, "in two"));
    return outcomes(
      () =>
        caches
          .open("one")
          .then((cache) => cache.match(at("named")))
          .then((hit) => hit.text()),
      () => other.match(at("named")).then((hit) => hit.text()),
      () => caches.default.match(at("named")),
      () => caches.open(""),
      () =>
        caches
          .open("")
          .then((cache) => cache.put(at("e"), made(fresh)))
          .then(() => caches.open(""))
          .then((cache) => cache.match(at("e")))
          .then((hit) => hit?.status),
      () => caches.open("x".repeat(1023)).then((cache) => cache.constructor.name),
      () => caches.open("x".repeat(1024)),
      () => caches.open("é".repeat(512)).then((cache) => cache.constructor.name),
      () => caches.open(),
      () => caches.open(5).then((cache) => cache.constructor.name),
      () => caches.open(Symbol("x")),
      () => caches.open("default").then((cache) => cache.match(at("m2"))),
    );
  },

  keys: async () => {
    const cache = caches.default;
    const keyed = (path, cacheKey) => new Request(at(path), { cf: { cacheKey } });
    await cache.put(keyed("k/1", "own-key"), made(fresh, "keyed"));
    const text = (key) => cache.match(key).then((hit) => hit?.text());
    return outcomes(
      () => text(at("k/1")),
      () => text(keyed("k/2", "own-key")),
      () => text(keyed("k/2", "")),
      () => cache.delete(at("k/1")),
      () => cache.delete(keyed("k/3", "own-key")),
      () => cache.put(keyed("k/4", 5), made(fresh, "number")),
      () => text(at("k/4")),
      () => text(keyed("k/9", 5)),
      () => text(keyed("k/9", "5")),
      () => cache.put(at("k/é?ü#f"), made(fresh, "unicode")),
      () => text(at("k/%C3%A9?%C3%BC")),
      () => cache.put("HTTPS://CACHE.example:443/K/../up", made(fresh, "normal")),
      () => text("https://cache.example/up"),
      () => cache.put("http://cache.example/up", made(fresh, "http")),
      () => text("https://cache.example/up"),
    );
  },
};
