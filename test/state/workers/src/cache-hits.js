/** More of spec/resources.md 9: keys, conditions and ranges of hits, bodies. */
import { at, fresh, made, seen } from "./cache-tools.js";
import { outcomes } from "./outcome.js";

export const cases = {
  conditions: async () => {
    const cache = caches.default;
    const modified = "Tue, 01 Jul 2025 10:00:00 GMT";
    await cache.put(at("c/both"), made({ ...fresh, etag: '"tag"', "last-modified": modified }));
    await cache.put(at("c/weak"), made({ ...fresh, etag: 'W/"tag"' }));
    await cache.put(at("c/date"), made({ ...fresh, "last-modified": modified }));
    await cache.put(at("c/none"), made(fresh));
    await cache.put(at("c/404"), made({ ...fresh, etag: '"tag"' }, "gone", 404));
    const match = async (path, headers) => {
      const hit = await cache.match(new Request(at(`c/${path}`), { headers }));
      return [hit.status, await hit.text()];
    };
    const results = {};
    for (const path of ["both", "weak", "date", "none", "404"]) {
      results[path] = await outcomes(
        ...[
          { "if-none-match": '"tag"' },
          { "if-none-match": 'W/"tag"' },
          { "if-none-match": '"other", "tag"' },
          { "if-none-match": "*" },
          { "if-none-match": "tag" },
          { "if-none-match": '"other"' },
          { "if-none-match": "" },
          { "if-modified-since": modified },
          { "if-modified-since": "Wed, 02 Jul 2025 10:00:00 GMT" },
          { "if-modified-since": "Mon, 30 Jun 2025 10:00:00 GMT" },
          { "if-modified-since": "nonsense" },
          { "if-modified-since": "2025-07-02" },
          { "if-modified-since": "Wed, 2 Jul 2025 10:00:00 GMT" },
          { "if-modified-since": "Wed, 02 Jul 2025 10:00:00 UTC" },
          { "if-none-match": '"other"', "if-modified-since": modified },
          { "if-match": '"other"' },
          { "if-unmodified-since": "Mon, 30 Jun 2025 10:00:00 GMT" },
        ].map((headers) => () => match(path, headers)),
      );
    }
    results.whole = await seen(
      await cache.match(new Request(at("c/both"), { headers: { "if-none-match": '"tag"' } })),
    );
    return results;
  },

  ranges: async () => {
    const cache = caches.default;
    await cache.put(
      at("r"),
      made({ ...fresh, etag: '"tag"', "content-type": "text/plain" }, "0123456789"),
    );
    await cache.put(at("r/empty"), made(fresh, ""));
    await cache.put(at("r/404"), made(fresh, "0123456789", 404));
    const get = async (range, path = "r", more = {}) => {
      const hit = await cache.match(new Request(at(path), { headers: { range, ...more } }));
      const type = hit.headers.get("content-type");
      const boundary = /boundary=(.*)$/.exec(type ?? "")?.[1];
      const hide = (text) =>
        boundary === undefined || text === null ? text : text.replaceAll(boundary, "BOUNDARY");
      return [
        hit.status,
        hide(await hit.text()),
        hide(type),
        hit.headers.get("content-range"),
        boundary === undefined && hit.headers.get("content-length"),
      ];
    };
    return {
      list: await outcomes(
        ...[
          "bytes=0-3",
          "bytes=4-",
          "bytes=-3",
          "bytes=0-0",
          "bytes=9-9",
          "bytes=5-100",
          "bytes=10-",
          "bytes=20-30",
          "bytes=3-1",
          "bytes=-0",
          "bytes=-100",
          "bytes=0-",
          "foo",
          "bytes=",
          "bytes=a-b",
          "items=0-1",
          "BYTES=0-1",
          " bytes = 0 - 1 ",
          "bytes=0-1, 3-4",
          "bytes=0-1,20-30",
          "bytes=20-30,40-50",
          "bytes=0-9",
          "",
        ].map((range) => () => get(range)),
      ),
      empty: await outcomes(
        () => get("bytes=0-1", "r/empty"),
        () => get("bytes=-1", "r/empty"),
        () => get("bytes=0-", "r/empty"),
      ),
      404: await get("bytes=0-3", "r/404"),
      condition: await get("bytes=0-3", "r", { "if-none-match": '"tag"' }),
      ifRange: await get("bytes=0-3", "r", { "if-range": '"other"' }),
      headers: await seen(
        await cache.match(new Request(at("r"), { headers: { range: "bytes=1-2" } })),
      ),
      unusable: await seen(
        await cache.match(new Request(at("r"), { headers: { range: "bytes=20-" } })),
      ),
    };
  },

  "bodies that are used or fail": async () => {
    const cache = caches.default;
    const response = made(fresh);
    const putting = cache.put(at("u"), response);
    const used = response.bodyUsed;
    await putting;
    await cache.put(at("f"), made(fresh, "old"));
    const failing = new ReadableStream({
      type: "bytes",
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new RangeError("broken")),
    });
    const texts = new ReadableStream({
      start: (controller) => {
        controller.enqueue("text");
        controller.close();
      },
    });
    const mine = made(fresh, "cloned");
    const copy = mine.clone();
    await cache.put(at("clone"), copy);
    return [
      used,
      response.bodyUsed,
      ...(await outcomes(
        () => cache.put(at("f"), made(fresh, failing)),
        () => cache.match(at("f")).then((hit) => hit.text()),
        () => cache.put(at("t"), made(fresh, texts)),
        () => cache.match(at("t")),
        () => mine.text(),
        () => cache.match(at("clone")).then((hit) => hit.text()),
        () => cache.put(at("not"), made({}, "unstored")),
        () => cache.put(at("f"), made({ "cache-control": "no-store" }, "new")),
        () => cache.match(at("f")).then((hit) => hit.text()),
      )),
    ];
  },

  "passing a hit on": async () => {
    const cache = caches.default;
    await cache.put(at("p"), made({ ...fresh, "content-length": "4" }));
    const hit = await cache.match(at("p"));
    const copy = new Response(hit.body, hit);
    copy.headers.set("x", "y");
    await cache.put(at("p2"), copy);
    const again = await cache.match(at("p2"));
    const twice = await cache.match(at("p"));
    await cache.put(at("p3"), twice);
    return [await seen(again), (await cache.match(at("p3")))?.status];
  },

  "a method off its object": async () => {
    const { put, match } = caches.default;
    const { open } = caches;
    return outcomes(
      () => put(at("a"), made(fresh)),
      () => match.call({}, at("a")),
      () => open("a"),
      () => new Cache(),
      () => new CacheStorage(),
      () => structuredClone(caches.default),
    );
  },

  "options of fetch": () =>
    outcomes(
      () => new Request(at("a"), { cache: "no-store" }).cache,
      () => new Request(at("a"), { cache: "no-cache" }).cache,
      () => new Request(at("a"), { cache: "reload" }).cache,
      () => new Request(at("a"), { cache: "force-cache" }).cache,
      () => new Request(at("a"), { cache: "default" }).cache,
    ),
};
