/**
 * `npm pack`, then `npm i` of the file into an empty folder, then what a new user does there:
 * `npx drover`, a project of each template, its smoke test. CI runs it; it needs the npm registry.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "drover-package-"));

/** @param {string} cwd @param {string} command @param {...string} args */
function run(cwd, command, ...args) {
  console.log(`$ ${command} ${args.join(" ")}`);
  // The variables that npm sets for this script would lead npm there into this clone.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name)),
  );
  execFileSync(command, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] });
}

try {
  const project = join(folder, "project");
  mkdirSync(project);
  run(root, "npm", "pack", "--silent", "--pack-destination", folder);
  const file = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (file === undefined) throw new Error("npm pack left no file.");
  run(project, "npm", "install", "--no-audit", "--no-fund", join(folder, file));
  run(project, "npx", "drover", "--version");
  for (const template of ["single", "two-workers"]) {
    run(project, "npx", "drover", "init", template, "--template", template);
    const configs = readdirSync(join(project, template), { recursive: true, encoding: "utf8" })
      .filter((name) => /wrangler\.(toml|jsonc?)$/.test(name))
      .flatMap((name) => ["-c", join(template, name)]);
    run(project, "npx", "drover", "smoke", ...configs);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
