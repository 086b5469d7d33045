/** State that other tools read back: GET /write. */
export async function write({ KV, DB, R2, LIMIT }) {
  await seed();
  await LIMIT.limit({ key: "kept", delta: 5 });
  await KV.put("kept", "value é", { metadata: { by: "a Worker" } });
  await KV.put("large", new Uint8Array(1_000_000).fill(1));
  await KV.put("gone", "x");
  await KV.delete("gone");

  await DB.exec("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT, real REAL, bytes, empty)");
  const insert = DB.prepare("INSERT INTO kept VALUES (?, ?, ?, ?, NULL)");
  await R2.put("kept/object.txt", "value é", { httpMetadata: { contentType: "text/plain" } });
  const part = new Uint8Array(5 * 1024 * 1024).fill(65);
  const upload = await R2.createMultipartUpload("kept/parts");
  await upload.complete([await upload.uploadPart(1, part), await upload.uploadPart(2, "end")]);
  await R2.put("gone", "x");
  await R2.delete("gone");

  await DB.batch([insert.bind(1, "é", 1.5, [1, 2]), insert.bind(2, 5, 2, null)]);
}

/** What only a Worker can leave. */
export async function seed() {
  const headers = { "cache-control": "max-age=1000000000", etag: '"seeded"', "x-own": "é" };
  const cache = await caches.open("seeded");
  await cache.put("https://cache.example/seeded", new Response("cached é", { headers }));
}
