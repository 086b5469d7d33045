/**
 * Rate limits, Secrets Store, Analytics Engine, pipelines and loaders: what a config says of them, and
 * what is said of misshapen entries, in wrangler's words (spec/resources.md 10, 12). One entry per
 * section of the config.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, formatPath, isTable } from "./document.ts";
import { type Schema, warnUnknownKeys } from "./schema.ts";

type Item = Readonly<Record<string, unknown>>;

interface SmallKind {
  /** What wrangler calls the section where an entry is no table. */
  readonly section: string;
  readonly fields: readonly string[];
  /** What is wrong with an entry, each completing `"<place>" bindings ...`. */
  readonly problems: (item: Item) => readonly string[];
  readonly spec: (name: string, item: Item) => BindingSpec;
}

const KINDS: Readonly<Record<string, SmallKind>> = {
  ratelimits: {
    section: "ratelimits",
    fields: ["name", "namespace_id", "simple"],
    problems: (item) => [
      ...missing(item, "must have a string", "name"),
      ...missing(item, "must have a string", "namespace_id"),
      ...simpleProblems(item.simple),
    ],
    spec: (name, item) => rateLimit(name, item),
  },
  secrets_store_secrets: {
    section: "secrets_store_secrets",
    fields: ["binding", "store_id", "secret_name"],
    problems: (item) => missing(item, "must have a string", "binding", "store_id", "secret_name"),
    spec: (name, { store_id: store, secret_name: secret }) => ({
      type: "resource-stub",
      name,
      kind: "secret",
      id: JSON.stringify([store, secret]),
    }),
  },
  analytics_engine_datasets: {
    section: "analytics_engine",
    fields: ["binding", "dataset", "remote"],
    problems: (item) => [
      ...missing(item, "should have a string", "binding"),
      ...(item.dataset === undefined || isFilled(item.dataset)
        ? []
        : ['should, optionally, have a string "dataset" field']),
    ],
    spec: (name, item) => {
      const dataset = typeof item.dataset === "string" ? item.dataset : name;
      return { type: "resource", name, kind: "analytics", id: dataset, settings: { dataset } };
    },
  },
  pipelines: {
    section: "pipeline",
    fields: ["binding", "stream", "pipeline", "remote"],
    problems: (item) => [
      ...missing(item, "must have a string", "binding"),
      ...(isFilled(item.pipeline) ? [] : missing(item, "must have a string", "stream")),
    ],
    spec: (name, item) => ({
      type: "resource-stub",
      name,
      kind: "pipeline",
      id: String(item.stream ?? item.pipeline),
    }),
  },
  worker_loaders: {
    section: "worker_loader",
    fields: ["binding"],
    problems: (item) => missing(item, "must have a string", "binding"),
    spec: (name) => ({ type: "worker-loader", name }),
  },
};

export const SMALL_SECTIONS: readonly string[] = Object.keys(KINDS);

/** Checks the whole section of a config; `key` is one of those above. */
export function smallSection(key: string): Schema {
  return {
    kind: "custom",
    check: (value, path, diagnostics) => {
      if (Array.isArray(value)) {
        return value
          .map((item, index) => checkItem(key, item, [...path, index], diagnostics))
          .every(Boolean);
      }
      const message = `The field "${formatPath(path)}" should be an array but got ${JSON.stringify(value)}.`;
      diagnostics.error(message, path, "value");
      return false;
    },
  };
}

/** The binding that an item of a checked section is; undefined if `key` is no such section. */
export function smallBinding(key: string, name: string, item: unknown): BindingSpec | undefined {
  if (!isTable(item)) return undefined;
  const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
  if (kind !== undefined) return kind.spec(name, item);
  // The form of rate limits before they had a section of their own.
  return key === "unsafe.bindings" && isOldRateLimit(item) ? rateLimit(name, item) : undefined;
}

/** Of a binding whose kind does not work in general. */
export function worksHere(key: string, item: unknown, root: string): boolean {
  if (key === "images") return hasSharp(root);
  return key === "unsafe.bindings" && isOldRateLimit(item);
}

function hasSharp(root: string): boolean {
  try {
    createRequire(join(root, "package.json")).resolve("sharp");
    return true;
  } catch {
    return false;
  }
}

/** An entry of `unsafe.bindings` that works. */
function isOldRateLimit(item: unknown): boolean {
  if (!isTable(item) || item.type !== "ratelimit") return false;
  return simpleProblems(item.simple).length === 0;
}

function rateLimit(name: string, item: Item): BindingSpec {
  const { limit, period } = item.simple as Item;
  const settings = { limit: Number(limit), period: Number(period) };
  const id = isFilled(item.namespace_id) ? String(item.namespace_id) : name;
  return { type: "resource", name, kind: "ratelimit", id, settings };
}

function checkItem(
  key: string,
  item: unknown,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  const { section, fields, problems } = KINDS[key] as SmallKind;
  if (!isTable(item)) {
    const got = JSON.stringify(item);
    diagnostics.error(`"${section}" bindings should be objects, but got ${got}`, path);
    return false;
  }
  const found = problems(item);
  for (const problem of found) {
    const got = JSON.stringify(problem.startsWith('"simple.') ? item.simple : item);
    const what = problem.includes(" but got ") ? problem : `${problem} but got ${got}`;
    diagnostics.error(`"${formatPath(path)}" bindings ${what}.`, path);
  }
  if (key === "pipelines" && item.pipeline !== undefined) {
    diagnostics.warn(
      `The "pipeline" field in "${formatPath(path)}" bindings is deprecated. Use "stream" instead.`,
      [...path, "pipeline"],
    );
  }
  warnUnknownKeys(item, fields, path, diagnostics);
  return found.length === 0;
}

function missing(item: Item, text: string, ...fields: readonly string[]): string[] {
  return fields
    .filter((field) => typeof item[field] !== "string")
    .map((field) => `${text} "${field}" field`);
}

function simpleProblems(simple: unknown): string[] {
  if (!isTable(simple)) return ['must have a "simple" configuration object'];
  const { limit, period } = simple;
  const problems: string[] = [];
  if (typeof limit !== "number") problems.push('"simple.limit" must be a number');
  if (typeof period !== "number") {
    problems.push('"simple.period" is required and must be a number');
  } else if (period !== 10 && period !== 60) {
    problems.push(`"simple.period" must be either 10 or 60 but got ${period}`);
  }
  return problems;
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
