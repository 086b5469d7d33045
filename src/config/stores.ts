/**
 * Bindings to stores of the state folder: which store each names (spec/resources.md 3), and what is
 * said of misshapen ones, in wrangler's words. One entry per section of the config.
 */
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";
import { notAnArray, type Schema, warnUnknownKeys } from "./schema.ts";

type Item = Readonly<Record<string, unknown>>;

export type StoreResourceKind = Extract<BindingSpec, { readonly type: "resource" }>["kind"];

interface StoreKind {
  readonly kind: StoreResourceKind;
  /** Fields that hold the id, the first of them that is set wins; without any, the binding's name. */
  readonly ids: readonly string[];
  /** Field that has to be a string with something in it, if it is there. */
  readonly id: string;
  /** An empty string is an id like any other: what `wrangler d1 create` has not filled in yet. */
  readonly emptyIds?: true;
  /** Other fields, all strings. */
  readonly strings: readonly string[];
  readonly idText: (field: string) => string;
  /** Fields that must be names of buckets, with what stands between them and their value in errors. */
  readonly names?: Readonly<Record<string, string>>;
}

const STORES: Readonly<Record<string, StoreKind>> = {
  kv_namespaces: {
    kind: "kv",
    ids: ["preview_id", "id"],
    id: "id",
    strings: ["preview_id"],
    idText: (field) => `should have a string "${field}" field`,
  },
  r2_buckets: {
    kind: "r2",
    ids: ["preview_bucket_name", "bucket_name"],
    id: "bucket_name",
    strings: ["preview_bucket_name", "jurisdiction"],
    idText: (field) => `should have a string "${field}" field`,
    // wrangler's own spacing.
    names: { bucket_name: "=", preview_bucket_name: "= " },
  },
  d1_databases: {
    kind: "d1",
    ids: ["preview_database_id", "database_id"],
    id: "database_id",
    emptyIds: true,
    strings: [
      "preview_database_id",
      "database_name",
      "migrations_dir",
      "migrations_table",
      "migrations_pattern",
    ],
    idText: (field) => `must have a "${field}" field`,
  },
};

/** Sections of a config that bind stores. */
export const STORE_SECTIONS: readonly string[] = Object.keys(STORES);

/** Checks the whole section of a config; `key` is one of those above. */
export function storeSection(key: string): Schema {
  return {
    kind: "custom",
    check: (value, path, diagnostics) => {
      if (Array.isArray(value)) {
        return value
          .map((item, index) => checkStore(key, item, [...path, index], diagnostics))
          .every(Boolean);
      }
      diagnostics.error(notAnArray(path, value), path, "value");
      return false;
    },
  };
}

/** The binding that an item of a checked section is; undefined if `key` is no such section. */
export function storeBinding(key: string, name: string, item: unknown): BindingSpec | undefined {
  const store = Object.hasOwn(STORES, key) ? STORES[key] : undefined;
  if (store === undefined || !isTable(item)) return undefined;
  const ids = store.ids.map((field) => item[field]).filter((id) => typeof id === "string");
  const id = ids.find((text) => text !== "" || store.emptyIds === true) ?? name;
  return { type: "resource", name, kind: store.kind, id };
}

function checkStore(
  key: string,
  item: unknown,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  const { id, strings, idText, emptyIds, names = {} } = STORES[key] as StoreKind;
  const got = JSON.stringify(item);
  if (!isTable(item)) {
    const section = formatPath(path.slice(0, -1));
    diagnostics.error(`"${section}" bindings should be objects, but got ${got}`, path);
    return false;
  }
  const problems: string[] = [];
  if (typeof item.binding !== "string")
    problems.push('bindings should have a string "binding" field');
  const isId = isFilled(item[id]) || (emptyIds === true && item[id] === "");
  if (item[id] !== undefined && !isId) problems.push(`bindings ${idText(id)}`);
  for (const field of strings) {
    if (item[field] !== undefined && typeof item[field] !== "string") {
      problems.push(`bindings should, optionally, have a string "${field}" field`);
    }
  }
  if (item.remote !== undefined && typeof item.remote !== "boolean") {
    problems.push('should, optionally, have a boolean "remote" field');
  }
  for (const problem of problems) {
    diagnostics.error(`"${formatPath(path)}" ${problem} but got ${got}.`, path);
  }
  const wrongNames = Object.entries(names).filter(
    ([field]) =>
      typeof item[field] === "string" &&
      (field !== id || item[field] !== "") &&
      !BUCKET_NAME.test(item[field]),
  );
  for (const [field, sign] of wrongNames) {
    diagnostics.error(
      `${formatPath(path)}.${field}${sign}${JSON.stringify(item[field])} is invalid. ${BUCKET_NAME_RULE}`,
      [...path, field],
      "value",
    );
  }
  warnUnknownKeys(item as Item, ["binding", id, ...strings, "remote"], path, diagnostics);
  return problems.length === 0 && wrongNames.length === 0;
}

/** What production takes as the name of a bucket, and what it says of others. */
export const BUCKET_NAME: RegExp = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
export const BUCKET_NAME_RULE =
  "Bucket names must begin and end with an alphanumeric character, only contain lowercase letters, numbers, and hyphens, and be between 3 and 63 characters long.";

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
