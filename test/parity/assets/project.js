/* Writes a project of cases.js to disk, for wrangler and drover alike. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @param {string} folder @param {import("./cases.d.ts").Project} project */
export function writeProject(folder, project) {
  const { name, assets, main, date = "2026-01-01", flags = [], services } = project;
  const config = {
    name,
    compatibility_date: date,
    ...(flags.length > 0 && { compatibility_flags: flags }),
    ...(main !== undefined && { main: "index.js" }),
    assets: { directory: "./public", ...assets },
    ...(services !== undefined && { services }),
  };
  write(folder, "wrangler.json", JSON.stringify(config, null, 2));
  if (main !== undefined) write(folder, "index.js", main);
  mkdirSync(join(folder, "public"), { recursive: true });
  for (const [path, text] of Object.entries(project.files))
    write(folder, join("public", path), text);
}

function write(folder, path, text) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
