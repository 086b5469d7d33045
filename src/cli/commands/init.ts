/** `drover init [dir] --template name`: copies templates/<name> into a new or empty folder. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { bold } from "kleur/colors";
import { ExitCode, messageOf, UserError } from "../../util/errors.ts";
import { makeFolder } from "../../util/folders.ts";
import { nearest } from "../../util/nearest.ts";
import type { Terminal } from "../ui/terminal.ts";

export type InitErrorCode =
  /** There is no template of this name. */
  | "INIT_TEMPLATE"
  /** The folder has something in it, or is a file. */
  | "INIT_NOT_EMPTY"
  /** The folder cannot be made or written to. */
  | "INIT_NOT_WRITABLE";

const templates: URL = new URL("../../../templates/", import.meta.url);

/** Files that may be in a folder that counts as empty. */
const HARMLESS = new Set([".git", ".DS_Store"]);

/** @throws UserError InitErrorCode, exit code 2 */
export function runInit(dir: string, template: string, terminal: Terminal): Promise<number> {
  const target = resolve(dir);
  const source = templateDir(template);
  assertEmpty(target, dir);
  copyTemplate(source, target, dir);
  nameProject(target);
  const shown = relative(process.cwd(), target);
  terminal.print(
    [
      `Created ${bold(shown === "" ? "the project" : shown)} from the template ${bold(template)}. Next:`,
      "",
      ...(shown === "" ? [] : [`  cd ${/^[\w./-]+$/.test(shown) ? shown : `"${shown}"`}`]),
      isClone() ? "  npm link drover" : "  npm install",
      "  npm run dev",
      "",
      "npm run smoke starts it, checks it and ends it, as CI would.",
    ].join("\n"),
  );
  return Promise.resolve(ExitCode.ok);
}

function templateDir(name: string): string {
  const all = readdirSync(templates);
  if (all.includes(name)) return fileURLToPath(new URL(name, templates));
  const suggestion = nearest(name, all);
  const guess = suggestion === undefined ? "" : `Did you mean "${suggestion}"? `;
  throw new UserError("INIT_TEMPLATE", `There is no template "${name}".`, {
    exitCode: ExitCode.config,
    hint: `${guess}There are: ${all.join(", ")}.`,
  });
}

function assertEmpty(target: string, shown: string): void {
  if (!existsSync(target)) return;
  let there: string[];
  try {
    there = readdirSync(target).filter((name) => !HARMLESS.has(name));
  } catch {
    there = [basename(target)];
  }
  if (there.length === 0) return;
  throw new UserError(
    "INIT_NOT_EMPTY",
    `${shown === "." ? "This folder" : `The folder ${shown}`} is not empty (${there.slice(0, 3).join(", ")}${there.length > 3 ? ", ..." : ""}).`,
    { exitCode: ExitCode.config, hint: "Name a new folder: drover init my-app" },
  );
}

function copyTemplate(source: string, target: string, shown: string): void {
  try {
    makeFolder(target);
    cpSync(source, target, { recursive: true });
    // npm leaves .gitignore files out of packages.
    renameSync(join(target, "gitignore"), join(target, ".gitignore"));
  } catch (error) {
    throw new UserError(
      "INIT_NOT_WRITABLE",
      `The folder ${shown} cannot be made: ${messageOf(error)}`,
      { exitCode: ExitCode.config, hint: "Name a folder in a place that you may write to." },
    );
  }
}

/** This drover was not installed by npm: `npm install` would look for it in vain. */
function isClone(): boolean {
  return !fileURLToPath(templates).split(sep).includes("node_modules");
}

/** package.json gets the folder's name, as far as npm allows it. */
function nameProject(target: string): void {
  const file = join(target, "package.json");
  const name = basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  // npm installs no package into a project of the same name.
  if (name === "" || name === "drover") return;
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/"name": "[^"]*"/, `"name": ${JSON.stringify(name)}`));
}
