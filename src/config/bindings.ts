/**
 * Turns the binding sections of a checked config and the var files into what the thread's `env` is
 * made from, and into the rows of the bindings table (spec/wrangler.md 1.5).
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BindingSpec, ServiceTarget } from "../protocol/worker-spec.ts";
import { messageOf } from "../util/errors.ts";
import { BINDING_KINDS, type BindingKind } from "./binding-kinds.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { isTable } from "./document.ts";
import type { EffectiveConfig } from "./environments.ts";
import type { StandIn } from "./flags.ts";
import { hyperdriveTarget } from "./hyperdrive.ts";
import { queueBinding } from "./queues.ts";
import { sendEmailBinding } from "./send-email.ts";
import { smallBinding, worksHere } from "./small-bindings.ts";
import { storeBinding } from "./stores.ts";
import type { BindingRow, ResolvedConfig, ServiceBinding, VariableOrigin } from "./types.ts";

type Item = Readonly<Record<string, unknown>>;

/** One binding as found in the config. */
export interface FoundBinding {
  readonly kind: BindingKind;
  readonly name: string;
  readonly item: unknown;
  /** In the effective config: ["services", 0]. */
  readonly path: readonly (string | number)[];
}

export interface ResolvedBindings
  extends Pick<
    ResolvedConfig,
    "bindings" | "services" | "externalDurableObjects" | "rows" | "variables"
  > {
  readonly watchFiles: readonly string[];
}

/** The deployed version is a fiction locally: the same one for the whole session. */
const SESSION_VERSION = { id: randomUUID(), tag: "", timestamp: new Date().toISOString() };

const MAX_VALUE = 40;

/** Every binding of the config, in file order of the sections; misshapen items are left out. */
export function findBindings(raw: Item): FoundBinding[] {
  const found: FoundBinding[] = [];
  const order = Object.keys(raw);
  const kinds = BINDING_KINDS.map((kind) => ({ kind, keys: kind.key.split(".") }));
  kinds.sort((a, b) => order.indexOf(a.keys[0] ?? "") - order.indexOf(b.keys[0] ?? ""));
  for (const { kind, keys } of kinds) {
    const value = keys.reduce<unknown>((at, key) => (isTable(at) ? at[key] : undefined), raw);
    if (kind.shape === "map" && isTable(value)) {
      for (const [name, item] of Object.entries(value)) {
        found.push({ kind, name, item, path: [...keys, name] });
      }
    } else if (kind.shape === "list" && Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        const name = isTable(item) ? item[kind.nameField] : undefined;
        if (typeof name === "string") found.push({ kind, name, item, path: [...keys, index] });
      }
    } else if (kind.shape === "single" && isTable(value)) {
      const name = value[kind.nameField];
      if (typeof name === "string") found.push({ kind, name, item: value, path: keys });
    }
  }
  return found;
}

/** Reports names that are used by more than one binding. */
export function checkUniqueNames(
  found: readonly FoundBinding[],
  config: EffectiveConfig,
  diagnostics: Diagnostics,
): void {
  const groups = new Map<string, FoundBinding[]>();
  for (const binding of found) {
    groups.set(binding.name, [...(groups.get(binding.name) ?? []), binding]);
  }
  for (const [name, group] of groups) {
    const second = group[1];
    if (second === undefined) continue;
    const order = group.map(({ kind }) => BINDING_KINDS.indexOf(kind)).sort((a, b) => a - b);
    const kinds = [...new Set(order.map((index) => BINDING_KINDS[index]?.resource))];
    const what = kinds.length === 1 ? `multiple ${kinds[0]}` : kinds.join(" and ");
    diagnostics.error(
      `${name} assigned to ${what} bindings.\n` +
        "Bindings must have unique names, so that they can all be referenced in the worker.\n" +
        "Please change your bindings to have unique names.",
      config.pathOf(second.path),
    );
  }
}

export interface BindingInputs {
  readonly root: string;
  /** The Worker's own name: Durable Objects that name it are not external. */
  readonly name: string;
  readonly config: EffectiveConfig;
  readonly found: readonly FoundBinding[];
  /** From env-files.ts. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Of `secrets`, from env-files.ts. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  /** `--var` */
  readonly vars: Readonly<Record<string, string>>;
  /** What bindings of this Worker lead to instead of the Worker that the config names. */
  readonly standIns: readonly StandIn[];
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

/** Merges config, var files and `--var` in the order documented in env-files.ts. */
export function resolveBindings(inputs: BindingInputs, diagnostics: Diagnostics): ResolvedBindings {
  const { config, found, secrets, vars } = inputs;
  const watchFiles: string[] = [];
  const specs = new Map<string, BindingSpec>();
  const rows = new Map<string, BindingRow & { order: number }>();
  for (const binding of found) {
    const spec = toSpec(binding, inputs, watchFiles, diagnostics);
    if (spec === undefined) continue;
    specs.set(binding.name, spec);
    const { kind, name } = binding;
    rows.set(name, { ...toRow(binding, inputs.root), name, order: BINDING_KINDS.indexOf(kind) });
  }
  for (const [name, value] of Object.entries(secrets)) {
    const existing = specs.get(name);
    if (existing !== undefined && existing.type !== "var") {
      diagnostics.warn(
        `"${name}" is defined in a var file, but is also a ${rows.get(name)?.resource} binding; the binding is used.`,
        config.pathOf(found.find((binding) => binding.name === name)?.path ?? []),
      );
      continue;
    }
    specs.set(name, { type: "secret", name, value });
    rows.set(name, hiddenRow(name));
  }
  for (const [name, value] of Object.entries(vars)) {
    const existing = specs.get(name);
    if (existing !== undefined && existing.type !== "var" && existing.type !== "secret") {
      diagnostics.warn(`--var ${name} replaces the ${rows.get(name)?.resource} binding "${name}".`);
    }
    specs.set(name, { type: "secret", name, value });
    rows.set(name, hiddenRow(name));
  }
  const bindings = [...specs.values()];
  const isLive = (binding: FoundBinding): boolean => !Object.hasOwn(vars, binding.name);
  return {
    bindings,
    services: found
      .filter(({ kind }) => kind.key === "services")
      .filter(isLive)
      .flatMap((binding) => toService(binding, inputs, diagnostics)),
    externalDurableObjects: found
      .filter(({ kind }) => kind.key === "durable_objects.bindings")
      .filter(isLive)
      .flatMap(({ name, item }) => {
        const { class_name: className, script_name: scriptName } = item as Item;
        if (typeof scriptName !== "string" || scriptName === inputs.name) return [];
        return [{ binding: name, className: String(className), scriptName }];
      }),
    rows: [...rows.values()]
      .filter(({ name }) => specs.get(name)?.type !== "service")
      .sort((a, b) => a.order - b.order)
      .map(({ name, value, resource, mode }) => ({ name, value, resource, mode })),
    variables: listVariables(inputs, specs, diagnostics),
    watchFiles,
  };
}

/** Every variable and secret with its places, in the order of `env`. */
function listVariables(
  { config, found, origins, secrets, vars }: BindingInputs,
  specs: ReadonlyMap<string, BindingSpec>,
  diagnostics: Diagnostics,
): VariableOrigin[] {
  const configured = new Map(
    found.filter(({ kind }) => kind.key === "vars").map(({ name, path }) => [name, path]),
  );
  return [...specs.values()].flatMap((spec) => {
    if (spec.type !== "var" && spec.type !== "secret") return [];
    const { name, type, value } = spec;
    const path = configured.get(name);
    const position = path === undefined ? undefined : diagnostics.positionOf(config.pathOf(path));
    const places = [
      ...(path === undefined ? [] : [position ?? "the config"]),
      ...(Object.hasOwn(secrets, name) ? (origins.get(name) ?? []) : []),
      ...(Object.hasOwn(vars, name) ? ["--var"] : []),
    ];
    return [{ name, value: type === "var" ? value : undefined, places }];
  });
}

function toSpec(
  { kind, name, item, path }: FoundBinding,
  { root, config, name: workerName, standIns, processEnv }: BindingInputs,
  watchFiles: string[],
  diagnostics: Diagnostics,
): BindingSpec | undefined {
  switch (kind.key) {
    case "vars":
      return { type: "var", name, value: item };
    case "services":
      return { type: "service", name, target: toTarget(name, item as Item, standIns) };
    case "assets":
      return { type: "assets", name };
    case "durable_objects.bindings": {
      const { class_name: className, script_name: script } = item as Item;
      const service = typeof script === "string" ? script : workerName;
      return { type: "durable-object", name, className: String(className), service };
    }
    case "images":
      return { type: "resource", name, kind: "images", id: root };
    case "queues.producers":
      return queueBinding(name, item as Item);
    case "send_email":
      return sendEmailBinding(name, item as Item, workerName);
    case "version_metadata":
      return { type: "version-metadata", name, ...SESSION_VERSION };
    case "text_blobs":
    case "data_blobs":
    case "wasm_modules": {
      const file = resolve(root, String(item));
      watchFiles.push(file);
      try {
        const bytes = readFileSync(file);
        if (kind.key === "text_blobs") return { type: "text", name, value: bytes.toString("utf8") };
        const type = kind.key === "data_blobs" ? "data" : "wasm";
        return { type, name, value: new Uint8Array(bytes) };
      } catch (error) {
        const message = `Could not read the file of "${name}": ${messageOf(error)}`;
        diagnostics.error(message, config.pathOf(path), "value");
        return undefined;
      }
    }
    case "hyperdrive": {
      const configured = (item as Item).localConnectionString;
      const place = { path: config.pathOf(path), diagnostics };
      const target = hyperdriveTarget(name, configured, processEnv, place);
      return target === undefined ? undefined : { type: "hyperdrive", name, ...target };
    }
    default:
      return (
        storeBinding(kind.key, name, item) ??
        smallBinding(kind.key, name, item) ??
        withoutResource(kind, name)
      );
  }
}

function withoutResource({ resource, remoteClass }: BindingKind, name: string): BindingSpec {
  if (remoteClass !== undefined) return { type: "remote-only", name, className: remoteClass };
  return { type: "unsupported", name, what: resource };
}

function toTarget(name: string, item: Item, standIns: readonly StandIn[]): ServiceTarget {
  const standIn = standIns.find(({ binding }) => binding === name);
  const { entrypoint } = item;
  const isNamed = typeof entrypoint === "string" && standIn?.hasEntrypoints !== false;
  return {
    service: standIn?.name ?? String(item.service),
    ...(isNamed && { entrypoint }),
    ...(isTable(item.props) && { props: item.props }),
  };
}

function toService(
  { name, item, path }: FoundBinding,
  { config, standIns }: BindingInputs,
  diagnostics: Diagnostics,
): ServiceBinding[] {
  const { service, entrypoint, props } = toTarget(name, item as Item, standIns);
  const position = diagnostics.positionOf(config.pathOf(path));
  return [{ binding: name, service, entrypoint, props, position }];
}

function toRow({ kind, item }: FoundBinding, root: string): Omit<BindingRow, "name"> {
  const { resource } = kind;
  if (kind.key === "vars") return { value: showVar(item), resource, mode: "local" };
  const value = kind.value(isTable(item) ? item : { value: item });
  const works = kind.effect === undefined || worksHere(kind.key, item, root);
  return { value, resource, mode: works ? "local" : "not supported" };
}

function hiddenRow(name: string): BindingRow & { order: number } {
  const order = BINDING_KINDS.findIndex(({ key }) => key === "vars");
  return { name, value: '"(hidden)"', resource: "Environment Variable", mode: "local", order };
}

/** Strings in quotes, other JSON without; from 40 characters on cut to 40, "..." included. */
function showVar(value: unknown): string {
  if (typeof value === "string") return `"${truncate(value)}"`;
  return truncate(JSON.stringify(value) ?? String(value));
}

function truncate(text: string): string {
  return text.length < MAX_VALUE ? text : `${text.slice(0, MAX_VALUE - 3)}...`;
}
