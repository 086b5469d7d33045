/**
 * The migrations of a database: which files, where, in which order, and the table that says which of
 * them were applied (spec/resources.md 7.3). For `drover d1 migrations` and the test API.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, posix, resolve, sep } from "node:path";
import { ExitCode, UserError } from "../util/errors.ts";
import { globToRegExp } from "../util/glob.ts";

export interface MigrationSettings {
  /** Absolute. */
  readonly folder: string;
  readonly table: string;
  /** Of a path below the folder, with slashes. */
  readonly matches: (name: string) => boolean;
}

/**
 * `item`: of `d1_databases`; `root`: the config's folder.
 *
 * @throws UserError FLAG_VALUE for a pattern outside of the folder
 */
export function migrationSettings(
  item: Readonly<Record<string, unknown>>,
  root: string,
): MigrationSettings {
  const text = (key: string): string | undefined =>
    typeof item[key] === "string" && item[key] !== "" ? item[key] : undefined;
  const directory = text("migrations_dir") ?? "./migrations";
  return {
    folder: resolve(root, directory),
    table: text("migrations_table") ?? "d1_migrations",
    matches: matcher(directory, text("migrations_pattern")),
  };
}

function matcher(directory: string, pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return (name) => /^[^/]*\.sql$/.test(name);
  const inside = posix.relative(posix.normalize(directory), posix.normalize(pattern));
  if (inside.startsWith("..") || inside === "") {
    const text = `\`migrations_pattern\` "${pattern}" must start with \`migrations_dir\` "${directory}".`;
    throw new UserError("FLAG_VALUE", text, { exitCode: ExitCode.config });
  }
  const expression = globToRegExp(inside);
  return (name) => expression.test(name);
}

/** All migrations in the order in which they are applied; undefined if there is no folder. */
export function listMigrations({ folder, matches }: MigrationSettings): string[] | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((name) => name.split(sep).join("/"))
    .filter(matches)
    .sort(inOrder);
}

/** What there is to say where there is no folder. */
export function noMigrationsText({ folder }: MigrationSettings): string {
  return `No migrations present at ${folder}.`;
}

/** The table of applied migrations, as SQL that wrangler runs too. */
export interface MigrationTable {
  /** Unless it is there. */
  readonly create: string;
  /** The names of those that were applied, one a row. */
  readonly applied: string;
  /** Says that `file` was applied; belongs into one transaction with its statements. */
  record(file: string): string;
}

export function migrationTable({ table }: MigrationSettings): MigrationTable {
  const name = `"${table.replaceAll('"', '""')}"`;
  return {
    create: `CREATE TABLE IF NOT EXISTS ${name}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`,
    applied: `SELECT name FROM ${name} ORDER BY id;`,
    record: (file) => `INSERT INTO ${name} (name) values ('${file.replaceAll("'", "''")}');`,
  };
}

/** By leading number, those with one first; then by text. */
function inOrder(a: string, b: string): number {
  const difference = numberOf(a) - numberOf(b);
  if (difference < 0 || difference > 0) return difference;
  return a < b ? -1 : Number(a > b);
}

/** Infinity: the name does not begin with one. */
export function numberOf(name: string): number {
  const [digits] = /^\d+/.exec(name) ?? [];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits);
}
