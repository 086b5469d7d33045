/** What the seeded state holds (test/state/seed.js): GET /read. */
export async function read({ KV, DB }) {
  const { keys } = await KV.list();
  return {
    kv: {
      list: keys.map(({ expiration, ...key }) => ({ ...key, expires: expiration !== undefined })),
      text: await KV.get("text"),
      file: await KV.get("dir/file.bin", "arrayBuffer"),
      metadata: await KV.getWithMetadata("with-metadata"),
    },
    d1: {
      migrations: await DB.prepare("SELECT id, name FROM d1_migrations").raw(),
      notes: await DB.prepare("SELECT * FROM notes").raw(),
    },
  };
}
