/** State that other tools read back: GET /write. */
export async function write({ KV }) {
  await KV.put("kept", "value é", { metadata: { by: "a Worker" } });
  await KV.put("large", new Uint8Array(1_000_000).fill(1));
  await KV.put("gone", "x");
  await KV.delete("gone");
}
