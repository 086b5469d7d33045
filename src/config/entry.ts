/** Finds the file that a Worker starts from and says clearly why there is none. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import type { Diagnostics } from "./diagnostics.ts";
import type { ConfigPath } from "./document.ts";
import { displayPath } from "./source-frame.ts";

export interface EntryInputs {
  /** Absolute; undefined if neither the config nor the command line names one. */
  readonly main: string | undefined;
  /** Where `main` stands in the config; empty if it came from the command line. */
  readonly path: ConfigPath;
  readonly root: string;
  readonly cwd: string;
  /** With a custom build the file may appear later. */
  readonly hasBuildCommand: boolean;
  readonly hasAssets: boolean;
}

const USUAL_ENTRIES = ["src/index.ts", "src/index.js", "src/worker.ts", "index.ts", "index.js"];

/** True for a folder in which nothing looks like a script to start from. */
export function isFolderOfAssets(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return existsSync(join(path, "index.html")) || entriesIn(path).length === 0;
}

function entriesIn(folder: string): string[] {
  return readdirSync(folder).filter((file) => /^(index|worker|main)\.[cm]?[jt]sx?$/.test(file));
}

/** Reports a missing or impossible entry to `diagnostics`. */
export function checkEntry(inputs: EntryInputs, diagnostics: Diagnostics): void {
  const { main, path, root, cwd, hasBuildCommand, hasAssets } = inputs;
  if (main === undefined) {
    if (hasAssets) return;
    const usual = USUAL_ENTRIES.find((file) => existsSync(join(root, file))) ?? "src/index.ts";
    const advice = `Add \`main = "${usual}"\` to the configuration, or name the script on the command line. For static assets, add \`assets = { directory = "./dist" }\`, or use --assets=./dist.`;
    diagnostics.error(
      `Missing entry-point to Worker script or to assets directory\n${advice}`,
      path,
      "key",
      "CONFIG_ENTRY_MISSING",
    );
    return;
  }
  const shown = displayPath(main, cwd);
  const stats = statSync(main, { throwIfNoEntry: false });
  if (stats?.isDirectory()) {
    const inside = entriesIn(main);
    const advice =
      inside.length === 0
        ? `\n\nIf you want to serve a directory of static assets, you can do so by using the \`--assets\` flag. For example:\n\ndrover dev --assets=./${shown}`
        : `\nDid you mean ${inside.map((file) => `"${join(shown, file)}"`).join(" or ")}?`;
    diagnostics.error(
      `The provided entry-point path, "${shown}", points to a directory, rather than a file.${advice}`,
      path,
      "value",
      "CONFIG_ENTRY_IS_DIRECTORY",
    );
  } else if (stats === undefined && !hasBuildCommand) {
    const other = [".ts", ".js", ".mjs", ".tsx", ".jsx"].find((extension) =>
      existsSync(main.slice(0, main.length - extname(main).length) + extension),
    );
    const check =
      path.length === 0
        ? "Check the script on the command line."
        : 'Check the "main" field; if a build step creates the file, set it as "build.command".';
    const advice =
      other === undefined
        ? check
        : `Did you mean "${shown.slice(0, shown.length - extname(shown).length)}${other}"?`;
    diagnostics.error(
      `The entry-point file at "${shown}" was not found.\n${advice}`,
      path,
      "value",
      "CONFIG_ENTRY_NOT_FOUND",
    );
  } else if (extname(main) === ".py") {
    diagnostics.error(
      `The entry-point file at "${shown}" is a Python Worker, which drover cannot run.`,
      path,
      "value",
      "CONFIG_ENTRY_UNSUPPORTED",
    );
  }
}
