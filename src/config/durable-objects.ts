/**
 * The Durable Object classes that a config declares, and how each stores (spec/durable-objects.md 1):
 * `migrations` replayed from the beginning, or the `exports` map; classes that are only bound. Each
 * fault is told in wrangler's words, where it stands.
 */
import type { DurableObjectClassSpec } from "../protocol/worker-spec.ts";
import type { FoundBinding } from "./bindings.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { type ConfigPath, isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";

type Storage = DurableObjectClassSpec["storage"];
type Item = Readonly<Record<string, unknown>>;

export interface DurableObjectInputs {
  /** The Worker's own name: bindings that name it are its own. */
  readonly name: string;
  readonly config: EffectiveConfig;
  readonly found: readonly FoundBinding[];
}

export const BINDINGS_KEY = "durable_objects.bindings";

/** In the order declared; classes that are bound and not declared last. */
export function resolveDurableObjects(
  inputs: DurableObjectInputs,
  diagnostics: Diagnostics,
): DurableObjectClassSpec[] {
  const { config } = inputs;
  const classes = declaredStorage(config, diagnostics);
  const undeclared = boundClasses(inputs).filter(({ name }) => !classes.has(name));
  const [first] = undeclared;
  if (first !== undefined) {
    diagnostics.warn(undeclaredText(undeclared, config), config.pathOf(first.path));
  }
  for (const { name } of undeclared) classes.set(name, "legacy-kv");
  return [...classes].map(([name, storage]) => ({ name, storage }));
}

/** Names of the classes that the config declares, bound or not. */
export function declaredClasses(config: EffectiveConfig, diagnostics: Diagnostics): string[] {
  return [...declaredStorage(config, diagnostics).keys()];
}

function declaredStorage(config: EffectiveConfig, diagnostics: Diagnostics): Map<string, Storage> {
  return new Map([
    ...replayMigrations(config, diagnostics),
    ...exportedClasses(config, diagnostics),
  ]);
}

/** Class -> kind after all migrations; each run of dev begins anew, tags are not stored. */
function replayMigrations(config: EffectiveConfig, diagnostics: Diagnostics): Map<string, Storage> {
  const classes = new Map<string, Storage>();
  const { migrations } = config.raw;
  for (const [index, migration] of (Array.isArray(migrations) ? migrations : []).entries()) {
    if (!isTable(migration)) continue;
    const at = (key: string): ConfigPath => config.pathOf(["migrations", index, key]);
    const fail = (key: string, name: string, text: string): void =>
      diagnostics.error(`Cannot apply ${key} migration to ${text} class ${name}`, at(key));
    for (const name of names(migration.deleted_classes)) {
      if (!classes.delete(name)) fail("deleted_classes", name, "non-existent");
    }
    for (const { from, to } of renames(migration.renamed_classes)) {
      const storage = classes.get(from);
      if (storage === undefined) {
        fail("renamed_classes", from, "non-existent");
        continue;
      }
      classes.delete(from);
      classes.set(to, storage);
    }
    for (const [key, storage] of [
      ["new_classes", "legacy-kv"],
      ["new_sqlite_classes", "sqlite"],
    ] as const) {
      for (const name of names(migration[key])) {
        if (classes.has(name)) fail(key, name, "existing");
        classes.set(name, storage);
      }
    }
  }
  return classes;
}

const STATES = ["created", "deleted", "renamed", "transferred", "expecting-transfer"];
const LIVE: readonly unknown[] = [undefined, "created", "expecting-transfer"];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  created: ["type", "state", "storage", "container"],
  "expecting-transfer": ["type", "state", "storage", "container"],
  deleted: ["type", "state"],
  renamed: ["type", "state", "renamed_to"],
  transferred: ["type", "state", "transferred_to"],
};

/** Live entries of the `exports` map (spec 1.3). */
function exportedClasses(config: EffectiveConfig, diagnostics: Diagnostics): Map<string, Storage> {
  const classes = new Map<string, Storage>();
  const { exports } = config.raw;
  for (const [name, entry] of Object.entries(isTable(exports) ? exports : {})) {
    const path = config.pathOf(["exports", name]);
    if (!isTable(entry)) {
      diagnostics.error(
        `"exports.${name}" should be an object but got ${JSON.stringify(entry)}.`,
        path,
      );
    } else if (checkExport(name, entry, path, diagnostics) && LIVE.includes(entry.state)) {
      if (entry.type === "durable-object") classes.set(name, entry.storage as Storage);
    }
  }
  return classes;
}

function checkExport(
  name: string,
  entry: Item,
  path: ConfigPath,
  diagnostics: Diagnostics,
): boolean {
  const say = (text: string, key = ""): false => {
    diagnostics.error(text, key === "" ? path : [...path, key]);
    return false;
  };
  const { type, storage, state = "created" } = entry;
  const got = (value: unknown): string => JSON.stringify(value) ?? "undefined";
  if (type !== "durable-object" && type !== "worker" && type !== "workflow") {
    return say(
      `"exports.${name}.type" must be "durable-object", "worker", or "workflow", but got ${got(type)}.`,
      "type",
    );
  }
  if (type !== "durable-object") return true;
  if (!STATES.some((known) => known === state)) {
    return say(
      `"exports.${name}.state" must be one of "created", "deleted", "renamed", "transferred", or "expecting-transfer" but got ${got(state)}.`,
      "state",
    );
  }
  if (LIVE.includes(state) && storage !== "sqlite" && storage !== "legacy-kv") {
    return say(
      `"exports.${name}.storage" is required for state "${state}" and must be one of sqlite and legacy-kv, but got ${got(storage)}`,
    );
  }
  if (state === "renamed") {
    const to = entry.renamed_to;
    const required = `"exports.${name}.renamed_to" is required for state "renamed" and must be a non-empty string`;
    if (typeof to !== "string" || to === "") return say(`${required}.`);
    if (to === name)
      return say(`${required} cannot equal the source class name "${name}".`, "renamed_to");
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(to)) {
      return say(
        `"exports.${name}.renamed_to" must be a valid JavaScript identifier (got "${to}").`,
        "renamed_to",
      );
    }
  }
  const allowed = ALLOWED[state as string] ?? [];
  const extra = Object.keys(entry).find((key) => !allowed.includes(key));
  if (extra === undefined) return true;
  const list = `${allowed.slice(0, -1).join(", ")}${allowed.length > 2 ? "," : ""} and ${allowed.at(-1)}`;
  return say(
    `"exports.${name}.${extra}" is forbidden on state "${state}".\nAllowed properties are: ${list}.`,
    extra,
  );
}

interface BoundClass {
  readonly name: string;
  readonly path: ConfigPath;
}

/** Classes of this Worker that have a binding here, each once. */
function boundClasses({ name, found }: DurableObjectInputs): BoundClass[] {
  const bound = new Map<string, BoundClass>();
  for (const { kind, item, path } of found) {
    if (kind.key !== BINDINGS_KEY || !isTable(item)) continue;
    const { class_name: className, script_name: script } = item;
    if (typeof className !== "string" || (script !== undefined && script !== name)) continue;
    if (!bound.has(className)) bound.set(className, { name: className, path });
  }
  return [...bound.values()];
}

function undeclaredText(undeclared: readonly BoundClass[], config: EffectiveConfig): string {
  const list = undeclared.map(({ name }) => name).join(", ");
  if (Array.isArray(config.raw.migrations)) {
    return `The Durable Object class${undeclared.length > 1 ? "es" : ""} ${list} of this Worker are bound, but no migration declares them: they run without SQL (as "new_classes"). Add them to "new_sqlite_classes" of a migration.`;
  }
  const snippet = Object.fromEntries(
    undeclared.map(({ name }) => [name, { type: "durable-object", storage: "sqlite" }]),
  );
  return `In your wrangler configuration file, you have configured \`durable_objects\` exported by this Worker (${list}), but no live \`exports\` entry for them. This may not work as expected until you add a live \`durable-object\` entry to \`exports\` for each. Add the following configuration:\n\n${JSON.stringify({ exports: snippet }, null, 2)}`;
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function renames(value: unknown): { readonly from: string; readonly to: string }[] {
  return (Array.isArray(value) ? value : []).flatMap((item: unknown) =>
    isTable(item) && typeof item.from === "string" && typeof item.to === "string"
      ? [{ from: item.from, to: item.to }]
      : [],
  );
}
