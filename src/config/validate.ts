/** Checks a whole config file against the tables of keys; reports, never throws. */
import { checkAssets } from "./assets.ts";
import {
  BINDING_ITEMS,
  DEPRECATED_KEYS,
  INHERITABLE_FIELDS,
  NOT_INHERITABLE_FIELDS,
  REDIRECTED_FIELDS,
  REMOVED_KEYS,
  TOP_LEVEL_FIELDS,
} from "./config-schema.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isEmpty, isTable } from "./document.ts";
import { check, type Fields, table, warnUnknownKeys } from "./schema.ts";

const SHARED_FIELDS: Fields = { ...INHERITABLE_FIELDS, ...NOT_INHERITABLE_FIELDS };

/**
 * Checks the top level and, if chosen, one environment. Other environments are not looked at: what
 * wrangler starts, drover starts.
 */
export function validateConfig(
  value: Readonly<Record<string, unknown>>,
  environment: string | undefined,
  diagnostics: Diagnostics,
): void {
  checkSection(
    value,
    { ...TOP_LEVEL_FIELDS, ...REDIRECTED_FIELDS, ...SHARED_FIELDS },
    [],
    diagnostics,
  );
  const environments = value.env;
  if (environment === undefined || !isTable(environments)) return;
  const chosen = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (chosen === undefined) return;
  if (!isTable(chosen)) check(table, chosen, ["env", environment], diagnostics);
  else checkSection(chosen, SHARED_FIELDS, ["env", environment], diagnostics);
}

function checkSection(
  section: Readonly<Record<string, unknown>>,
  fields: Fields,
  path: ConfigPath,
  diagnostics: Diagnostics,
): void {
  for (const [key, schema] of Object.entries(fields)) {
    if (section[key] !== undefined) check(schema, section[key], [...path, key], diagnostics);
  }
  for (const { path: keys, schema } of BINDING_ITEMS) {
    const item = keys.reduce<unknown>((at, key) => (isTable(at) ? at[key] : undefined), section);
    if (item !== undefined) check(schema, item, [...path, ...keys], diagnostics);
  }
  const removed = Object.entries(REMOVED_KEYS).filter(([key]) => section[key] !== undefined);
  for (const [key, reason] of removed) diagnostics.error(reason, [...path, key]);
  const deprecated = Object.entries(DEPRECATED_KEYS).filter(([key]) => section[key] !== undefined);
  for (const [key, reason] of deprecated) diagnostics.warn(reason, [...path, key]);
  const known = [
    ...Object.keys(fields),
    ...Object.keys(REMOVED_KEYS),
    ...Object.keys(DEPRECATED_KEYS),
  ];
  const elsewhere = path.length === 0 ? [] : Object.keys(TOP_LEVEL_FIELDS);
  warnUnknownKeys(section, known, path, diagnostics, new Set(elsewhere));
  for (const key of ["route", "account_id"]) {
    if (section[key] !== "") continue;
    const message = `The "${key}" field in your configuration is an empty string and will be ignored.\nPlease remove the "${key}" field from your configuration.`;
    diagnostics.warn(message, [...path, key]);
  }
  if (!isEmpty(section.route) && section.routes !== undefined) {
    diagnostics.error('Expected exactly one of the following fields ["routes","route"].', [
      ...path,
      "route",
    ]);
  }
  if (!isEmpty(section.migrations) && declaresDurableObjects(section.exports)) {
    diagnostics.error(
      "`migrations` and `exports` are mutually exclusive. Choose one or the other to declare your Durable Object lifecycle, but not both.",
      [...path, "exports"],
    );
  }
  if (section.unsafe !== undefined) {
    diagnostics.warn('"unsafe" fields are experimental and may change or break at any time.', [
      ...path,
      "unsafe",
    ]);
  }
  if (!isEmpty(section.pages_build_output_dir)) {
    diagnostics.error(
      "This is the configuration of a Pages project, which cannot be run as a Worker.\nFor Pages, please run `wrangler pages dev` instead.",
      [...path, "pages_build_output_dir"],
    );
  }
  if (isTable(section.dev)) {
    checkPort(section.dev.port, [...path, "dev", "port"], diagnostics);
    checkPort(section.dev.inspector_port, [...path, "dev", "inspector_port"], diagnostics);
  }
  checkAssets(section.assets, [...path, "assets"], diagnostics);
  checkVars(section.vars, [...path, "vars"], diagnostics);
  checkDate(section.compatibility_date, [...path, "compatibility_date"], diagnostics);
  checkServices(section.services, [...path, "services"], diagnostics);
}

/** Entries for other entrypoints (`type: "worker"`, ...) go with migrations. */
function declaresDurableObjects(exports: unknown): boolean {
  if (!isTable(exports)) return false;
  return Object.values(exports).some((entry) => isTable(entry) && entry.type === "durable-object");
}

function checkVars(vars: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (!isTable(vars)) return;
  for (const [name, value] of Object.entries(vars)) {
    checkNoDates(value, [...path, name], diagnostics);
  }
}

/** TOML dates have no JSON form; a value for a Worker must have one. */
function checkNoDates(value: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (value instanceof Date) {
    diagnostics.error(
      `Expected "${formatPath(path)}" to be a string or JSON but got a date. Put it in quotes: ${path.at(-1)} = "${value.toISOString()}".`,
      path,
      "value",
    );
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const part = Array.isArray(value) ? Number(key) : key;
      checkNoDates(item, [...path, part], diagnostics);
    }
  }
}

function checkPort(value: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (typeof value !== "number") return;
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return;
  const message = `Expected "${formatPath(path)}" to be a port number from 0 to 65535 but got ${value}.`;
  diagnostics.error(message, path, "value");
}

function checkDate(value: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (typeof value !== "string") return;
  const problem = describeDateProblem(value);
  if (problem !== undefined) diagnostics.error(problem, path, "value");
}

/** Why `value` is no compatibility date; undefined if it is one. */
export function describeDateProblem(value: string): string | undefined {
  if (/[\u2013\u2014]/.test(value)) {
    return `"compatibility_date" field should use ISO-8601 accepted hyphens (-) rather than en-dashes (–) or em-dashes (—): ${JSON.stringify(value.replace(/[\u2013\u2014]/g, "-"))}.`;
  }
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(value);
  if (isDate && !Number.isNaN(Date.parse(`${value}T00:00:00Z`))) return undefined;
  return `"compatibility_date" field should be a valid ISO-8601 date (YYYY-MM-DD), but got ${JSON.stringify(value)}.`;
}

function checkServices(value: unknown, path: ConfigPath, diagnostics: Diagnostics): void {
  if (!Array.isArray(value)) return;
  for (const [index, item] of value.entries()) {
    if (!isTable(item)) continue;
    checkNoDates(item.props, [...path, index, "props"], diagnostics);
    if (item.environment === undefined) continue;
    diagnostics.warn(
      `Deprecation: "${formatPath([...path, index, "environment"])}" is ignored. Name the Worker of the environment instead: service = "${String(item.service)}-${String(item.environment)}".`,
      [...path, index, "environment"],
    );
  }
}
