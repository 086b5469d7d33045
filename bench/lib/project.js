import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A copy of bench/project in a temporary folder, so that edits and .wrangler stay out of the repo. */
export function copyProject() {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  cpSync(fileURLToPath(new URL("../project", import.meta.url)), root, { recursive: true });
  return {
    root,
    configs: [join(root, "client/wrangler.jsonc"), join(root, "service/wrangler.jsonc")],
    clientSource: join(root, "client/src/index.js"),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * One Worker of one file in a temporary folder.
 * @param {object} config beside its `main`
 * @param {string} code
 */
export function writeProject(config, code) {
  const root = mkdtempSync(join(tmpdir(), "drover-bench-"));
  const path = join(root, "wrangler.json");
  writeFileSync(path, JSON.stringify({ ...config, main: "index.js" }));
  writeFileSync(join(root, "index.js"), code);
  return { configs: [path], remove: () => rmSync(root, { recursive: true, force: true }) };
}
