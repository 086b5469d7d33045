/** Asks a running Worker of this folder every probe; what exchange.js and the test have in common. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} origin where the Worker answers
 * @returns {Promise<Record<string, unknown>>} answers by `<where>/<probe>`
 */
export async function askAll(origin) {
  const list = await (await fetch(`${origin}/list`)).json();
  const answers = {};
  for (const where of ["inside", "outside"]) {
    for (const probe of list[where]) {
      const response = await fetch(`${origin}/${where}/${probe}/${probe.toLowerCase()}`);
      answers[`${where}/${probe}`] = await response.json();
    }
  }
  return answers;
}

/**
 * What the probe of stored kinds has left in the state folder of a project.
 * @param {string} folder
 * @param {(path: string) => any} openDatabase
 * @returns {Record<string, string>} bytes in hex, by kind
 */
export function storedBytes(folder, openDatabase) {
  const objects = join(folder, ".wrangler/state/v3/do/probe-Sql");
  const stored = {};
  for (const file of readdirSync(objects).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))) {
    const database = openDatabase(join(objects, file));
    const table = "SELECT 1 FROM sqlite_master WHERE name = '_cf_KV'";
    const rows = "SELECT key, value FROM _cf_KV WHERE key LIKE 'kind:%'";
    if (database.prepare(table).get() !== undefined) {
      for (const [key, value] of database.prepare(rows).all()) {
        stored[key.slice("kind:".length)] = Buffer.from(value).toString("hex");
      }
    }
    database.close();
  }
  return stored;
}
