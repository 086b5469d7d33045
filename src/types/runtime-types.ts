/**
 * The runtime part: types of what production offers, from the package `@cloudflare/workers-types`
 * (spec/devtools-types.md 8). The project's own is taken; drover brings one along for projects that
 * have none.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { resolveCompat } from "../compat/resolve.ts";
import { typesError } from "./errors.ts";

export interface RuntimeTypes {
  /** `// Runtime types generated with ...`: what `--check` compares. */
  readonly header: string;
  readonly text: string;
  /** Where they came from, for the terminal. */
  readonly source: string;
}

const PACKAGE = "@cloudflare/workers-types";

/**
 * @param root folder of the config: where the project's packages are looked for
 * @throws UserError RUNTIME_TYPES_NOT_FOUND
 */
export function readRuntimeTypes(
  root: string,
  date: string,
  flags: readonly string[],
): RuntimeTypes {
  const own = findPackage(root, PACKAGE);
  const folder = own ?? bundledPackage();
  if (folder === undefined) {
    throw typesError(
      "RUNTIME_TYPES_NOT_FOUND",
      `The package ${PACKAGE} was not found, which has the types of the runtime.`,
      `Install it with "npm i -D ${PACKAGE}", or pass --include-runtime=false to generate the types of env alone.`,
    );
  }
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    version: string;
  };
  const text = readFileSync(join(folder, chooseEntry(folder, date, flags), "index.d.ts"), "utf8");
  return {
    header: runtimeHeader(`${PACKAGE}@${version}`, date, flags),
    text: lacksNodeTypes(root, date, flags) ? text : withoutNodeValues(text),
    source: `${PACKAGE} ${version}${own === undefined ? " (drover's own copy: the project has none)" : ""}`,
  };
}

/** Whether `@types/node` should be installed and is not. */
export function lacksNodeTypes(root: string, date: string, flags: readonly string[]): boolean {
  return (
    resolveCompat(date, flags).nodejs_compat === true &&
    findPackage(root, "@types/node") === undefined
  );
}

function runtimeHeader(source: string, date: string, flags: readonly string[]): string {
  return `// Runtime types generated with ${source} ${date} ${[...flags].sort().join(",")}`;
}

/** Version 4 has a folder for each date that changed something, version 5 one text for all. */
function chooseEntry(folder: string, date: string, flags: readonly string[]): string {
  const dated = readdirSync(folder).filter((name) => /^\d{4}-\d\d-\d\d$/.test(name));
  if (flags.includes("experimental") && existsSync(join(folder, "experimental"))) {
    return "experimental";
  }
  if (dated.length === 0) return ".";
  return (
    dated
      .filter((name) => name <= date)
      .sort()
      .at(-1) ?? "oldest"
  );
}

/** Nearest `node_modules/<name>` from `root` upwards. */
function findPackage(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

function bundledPackage(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * Without `Buffer`, `process`, `global`, `setImmediate` and `clearImmediate`: the package types them
 * loosely, and they stand in the way of `@types/node`, or are not there without Node compatibility.
 */
function withoutNodeValues(text: string): string {
  return text
    .replace(/^(?: {2}|declare var )(?:Buffer|process): any;\n/gm, "")
    .replace(/^(?: {2}|declare var )global: ServiceWorkerGlobalScope;\n/gm, "")
    .replace(
      /^(?: {2}|declare function )(?:setImmediate|clearImmediate)\([^)]*(?:\([^)]*\)[^)]*)*\): \w+;\n/gm,
      "",
    );
}
