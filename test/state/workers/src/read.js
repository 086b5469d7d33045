/** What the seeded state holds (test/state/seed.js): GET /read. */
import { head } from "./bucket.js";

export async function read({ KV, DB, R2, SEEDED }) {
  const { keys } = await KV.list();
  return {
    secret: await SEEDED.get(),
    cache: await cached(),
    kv: {
      list: keys.map(({ expiration, ...key }) => ({ ...key, expires: expiration !== undefined })),
      text: await KV.get("text"),
      file: await KV.get("dir/file.bin", "arrayBuffer"),
      metadata: await KV.getWithMetadata("with-metadata"),
    },
    r2: {
      list: (await R2.list({ include: ["httpMetadata"] })).objects.map(head),
      file: await R2.get("dir/file.bin").then((object) => object.arrayBuffer()),
    },
    d1: {
      migrations: await DB.prepare("SELECT id, name FROM d1_migrations").raw(),
      notes: await DB.prepare("SELECT * FROM notes").raw(),
    },
  };
}

/** What seed() of write.js left. */
export async function cached() {
  const hit = await (await caches.open("seeded")).match("https://cache.example/seeded");
  if (hit === undefined) return "miss";
  const headers = [...hit.headers].filter(([name]) => name !== "date");
  return [hit.status, headers, await hit.text()];
}

/** What write() of write.js left that no command of wrangler shows. */
export async function kept({ LIMIT }) {
  return { cache: await cached(), limit: await LIMIT.limit({ key: "kept" }) };
}
