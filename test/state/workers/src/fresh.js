/** Empties a D1 database and runs `sql` in it. */
export async function fresh(DB, ...sql) {
  const tables = await DB.prepare(
    "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND sql NOT LIKE '%shadow%'",
  ).all();
  for (const { name, type } of tables.results) await DB.exec(`DROP ${type} IF EXISTS "${name}"`);
  for (const statement of sql) await DB.prepare(statement).run();
}
