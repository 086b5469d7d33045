/** Cases of spec/resources.md 5.5 and 5.6: list, delete. */
import { empty, head } from "./bucket.js";
import { outcomes } from "./outcome.js";

export const cases = {
  list: async ({ R2 }) => {
    await empty(R2);
    for (const key of ["l/a", "l/b/1", "l/b/2", "l/c", "l/d/x/y", "m", "\u{1F600}", "\uFFFD"])
      await R2.put(key, key, { customMetadata: { k: "v" }, httpMetadata: { contentType: "t/x" } });
    const list = async (options) => {
      const { objects, ...rest } = await R2.list(options);
      return { keys: objects.map(({ key }) => key), ...rest };
    };
    const first = await R2.list({ prefix: "l/", delimiter: "/", limit: 2 });
    return outcomes(
      async () => (await R2.list({ prefix: "m" })).objects.map(head),
      async () =>
        (await R2.list({ prefix: "m", include: ["httpMetadata", "customMetadata"] })).objects.map(
          head,
        ),
      async () =>
        (await R2.list({ prefix: "m", include: ["customMetadata"] })).objects.map(
          ({ customMetadata, httpMetadata }) => [customMetadata, httpMetadata.contentType],
        ),
      () => list(),
      () => list({ prefix: "l/" }),
      () => list({ prefix: "L/" }),
      () => list({ limit: 3 }),
      () => list({ prefix: "l/", delimiter: "/" }),
      () => list({ delimiter: "/" }),
      () => list({ delimiter: "b" }),
      () => list({ delimiter: "" }),
      () => list({ prefix: "l/", delimiter: "/", limit: 1 }),
      () => list({ prefix: "l/", delimiter: "/", limit: 2 }),
      () => list({ prefix: "l/", delimiter: "/", limit: 2, cursor: first.cursor }),
      () => list({ prefix: "l/", startAfter: "l/b/1" }),
      () => list({ startAfter: "zzz" }),
      () => list({ startAfter: "l/b/1", cursor: btoa("l/c") }),
      () => list({ startAfter: "m", cursor: btoa("l/a") }),
      () => list({ startAfter: "l/b", prefix: "l/", delimiter: "/" }),
      () => list({ cursor: "!!" }),
      () => list({ limit: 0 }),
      () => list({ limit: 1001 }),
      () => list({ limit: -1 }),
      () => list({ limit: -2 }),
      () => list({ limit: "2" }),
      () => list({ limit: "x" }),
      () => list({ limit: null }),
      () => list({ limit: 1.5 }),
      () => list({ include: ["foo"] }),
      () => list({ include: [] }),
      () => list({ include: "httpMetadata" }),
      () => list({ prefix: null }),
      () => list({ prefix: 5 }),
      () => list({ delimiter: 5 }),
      () => list({ cursor: null }),
      () => list({ startAfter: 5 }),
      () => list({ prefix: "x".repeat(1025) }),
      () => list(null),
      () => list(5),
      () => list("x"),
    );
  },

  delete: async ({ R2 }) => {
    for (const key of ["d1", "d2", "d3"]) await R2.put(key, key);
    return outcomes(
      () => R2.delete("missing"),
      () => R2.delete("d1"),
      () => R2.head("d1"),
      () => R2.delete(["d2", "missing", "d3"]),
      () => R2.head("d3"),
      () => R2.delete([]),
      () => R2.delete([5]),
      () => R2.delete(["ok", "x".repeat(1025)]),
    );
  },
};
