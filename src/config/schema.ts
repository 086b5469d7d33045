/**
 * The small schema language of configs and its checker: types, required fields, choices, exclusive
 * fields, unknown keys. What the keys are is in config-schema.ts and binding-kinds.ts.
 */

import { nearest } from "../util/nearest.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";

export type Schema =
  | { readonly kind: "any" | "number" | "boolean" | "table" }
  | {
      readonly kind: "string";
      readonly pattern?: RegExp;
      /** Completes "to be of type string, ..." where `pattern` is given. */
      readonly rule?: string;
      readonly choices?: readonly string[];
    }
  | { readonly kind: "array"; readonly items: Schema }
  | { readonly kind: "record"; readonly values: Schema }
  | {
      readonly kind: "object";
      readonly fields: Fields;
      readonly required: readonly string[];
      /** Extra keys pass in silence. */
      readonly open: boolean;
    }
  | { readonly kind: "either"; readonly options: readonly Schema[] }
  /** Reports for itself; true if the value fits. */
  | {
      readonly kind: "custom";
      readonly check: (value: unknown, path: ConfigPath, diagnostics: Diagnostics) => boolean;
    };

export type Fields = Readonly<Record<string, Schema>>;

export const any: Schema = { kind: "any" };
export const string: Schema = { kind: "string" };
export const number: Schema = { kind: "number" };
export const boolean: Schema = { kind: "boolean" };
/** A table whose content nobody checks. */
export const table: Schema = { kind: "table" };

export function choice(...choices: string[]): Schema {
  return { kind: "string", choices };
}

export function array(items: Schema): Schema {
  return { kind: "array", items };
}

export function record(values: Schema): Schema {
  return { kind: "record", values };
}

export function either(...options: Schema[]): Schema {
  return { kind: "either", options };
}

/** A table with known `fields`; unknown ones warn. */
export function object(fields: Fields, ...required: string[]): Schema {
  return { kind: "object", fields, required, open: false };
}

/** A table with known `fields` that may have any others. */
export function openObject(fields: Fields, ...required: string[]): Schema {
  return { kind: "object", fields, required, open: true };
}

/**
 * Reports to `diagnostics` where `value` differs from `schema`.
 * @returns true if it fits (unknown keys do not count)
 */
export function check(
  schema: Schema,
  value: unknown,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  switch (schema.kind) {
    case "any":
      return true;
    case "array":
      if (!Array.isArray(value)) return mismatch(schema, value, path, diagnostics);
      return value
        .map((item, index) => check(schema.items, item, [...path, index], diagnostics))
        .every(Boolean);
    case "record":
      if (!isTable(value)) return mismatch(schema, value, path, diagnostics);
      return Object.entries(value)
        .map(([key, item]) => check(schema.values, item, [...path, key], diagnostics))
        .every(Boolean);
    case "object":
      if (!isTable(value)) return mismatch(schema, value, path, diagnostics);
      return checkFields(schema, value, path, diagnostics);
    case "either": {
      const fitting = schema.options.find((option) => fitsRoughly(option, value));
      if (fitting === undefined) return mismatch(schema, value, path, diagnostics);
      return check(fitting, value, path, diagnostics);
    }
    case "string":
      return checkString(schema, value, path, diagnostics);
    case "custom":
      return schema.check(value, path, diagnostics);
    default:
      return fitsRoughly(schema, value) || mismatch(schema, value, path, diagnostics);
  }
}

/** Warns about each key of `value` that is not in `known`, with the nearest one that is. Keys in `elsewhere` belong to the top level. */
export function warnUnknownKeys(
  value: Readonly<Record<string, unknown>>,
  known: Iterable<string>,
  path: ConfigPath,
  diagnostics: Diagnostics,
  elsewhere: ReadonlySet<string> = new Set(),
): void {
  const names = new Set(known);
  for (const key of Object.keys(value)) {
    if (names.has(key)) continue;
    if (elsewhere.has(key)) {
      const message = `Unexpected fields found in ${formatPath(path)} field: "${key}". It can only be set at the top level.`;
      diagnostics.warn(message, [...path, key]);
      continue;
    }
    const suggestion = nearest(key, names);
    const where = path.length === 0 ? "top-level" : formatPath(path);
    const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
    diagnostics.warn(`Unexpected fields found in ${where} field: "${key}".${hint}`, [...path, key]);
  }
}

function checkFields(
  schema: Extract<Schema, { kind: "object" }>,
  value: Record<string, unknown>,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  let valid = true;
  for (const key of schema.required) {
    if (value[key] !== undefined) continue;
    diagnostics.error(`"${formatPath([...path, key])}" is a required field.`, path, "value");
    valid = false;
  }
  for (const [key, field] of Object.entries(schema.fields)) {
    if (value[key] === undefined) continue;
    valid = check(field, value[key], [...path, key], diagnostics) && valid;
  }
  if (!schema.open) warnUnknownKeys(value, Object.keys(schema.fields), path, diagnostics);
  return valid;
}

function checkString(
  schema: Extract<Schema, { kind: "string" }>,
  value: unknown,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  if (typeof value !== "string") return mismatch(schema, value, path, diagnostics);
  if (schema.choices !== undefined && !schema.choices.includes(value)) {
    const suggestion = nearest(value, schema.choices);
    const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
    diagnostics.error(
      `Expected "${formatPath(path)}" field to be one of ${JSON.stringify(schema.choices)} but got ${JSON.stringify(value)}.${hint}`,
      path,
      "value",
    );
    return false;
  }
  if (schema.pattern !== undefined && !schema.pattern.test(value)) {
    return mismatch(schema, value, path, diagnostics);
  }
  return true;
}

function mismatch(
  schema: Schema,
  value: unknown,
  path: ConfigPath,
  diagnostics: Diagnostics,
): false {
  if (schema.kind === "array" && schema.items.kind === "custom") {
    diagnostics.error(notAnArray(path, value), path, "value");
    return false;
  }
  const hint =
    value instanceof Date
      ? " TOML reads this as a date: put it in quotes to make it a string."
      : "";
  diagnostics.error(
    `Expected "${formatPath(path)}" to be of type ${nameOf(schema)} but got ${show(value)}.${hint}`,
    path,
    "value",
  );
  return false;
}

/** What wrangler says of a section of bindings that is no list. */
export function notAnArray(path: ConfigPath, value: unknown): string {
  return `The field "${formatPath(path)}" should be an array but got ${show(value)}.`;
}

function nameOf(schema: Schema): string {
  switch (schema.kind) {
    case "table":
    case "record":
      return "object";
    case "either":
      return schema.options.map(nameOf).join(" or ");
    case "array":
      return schema.items.kind === "any" ? "array" : `${nameOf(schema.items)}[]`;
    case "string":
      return schema.rule === undefined ? "string" : `string, ${schema.rule}`;
    default:
      return schema.kind;
  }
}

/** The outer type only: enough to choose between alternatives. */
function fitsRoughly(schema: Schema, value: unknown): boolean {
  switch (schema.kind) {
    case "any":
      return true;
    case "array":
      return Array.isArray(value);
    case "table":
    case "record":
    case "object":
      return isTable(value);
    case "either":
      return schema.options.some((option) => fitsRoughly(option, value));
    default:
      return typeof value === schema.kind;
  }
}

function show(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value) ?? String(value);
}
