/**
 * What a Worker exports and how each export is reached (spec/rpc.md 1.5). Pure over the module
 * namespace of the evaluated bundle; asked once, then looked up per invocation.
 */
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "./entrypoint-classes.ts";
import { HANDLER_NAMES } from "./handler-names.ts";

type Constructor = new (ctx: object, env: object) => object;

/** One export that can be invoked. */
export type Entrypoint =
  | {
      readonly kind: "class" | "workflow" | "durable-object" | "legacy-durable-object";
      readonly name: string;
      readonly constructor: Constructor;
    }
  | { readonly kind: "object"; readonly name: string; readonly handlers: object };

/**
 * The reachable exports by name, in the order of the module's (sorted) export names. Throws for
 * what the main module must not export, as production does when such a Worker starts.
 */
export function findEntrypoints(
  namespace: Readonly<Record<string, unknown>>,
): Map<string, Entrypoint> {
  const found = new Map<string, Entrypoint>();
  for (const name of Object.keys(namespace)) {
    assertExportable(name, namespace[name]);
    const entrypoint = classify(name, namespace[name]);
    if (entrypoint !== undefined) found.set(name, entrypoint);
  }
  return found;
}

export function describeEntrypoints(
  entrypoints: ReadonlyMap<string, Entrypoint>,
): EntrypointInfo[] {
  return [...entrypoints.values()].map((entrypoint) => ({
    name: entrypoint.name,
    kind: entrypoint.kind,
    methods: methodsOf(entrypoint),
  }));
}

/** "default (fetch), Admin" for error messages. */
export function listEntrypoints(entrypoints: ReadonlyMap<string, Entrypoint>): string {
  return [...entrypoints.keys()].join(", ") || "nothing that can be called";
}

function classify(name: string, value: unknown): Entrypoint | undefined {
  if (typeof value === "function") {
    if (!isClass(value)) return undefined;
    return { kind: classKind(value), name, constructor: value as unknown as Constructor };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // Apps of frameworks are instances with a fetch member; other objects are data.
  if (name !== "default" && !isHandlerObject(value)) return undefined;
  return { kind: "object", name, handlers: value };
}

/** Production's words, then which export it is and what to do. */
function assertExportable(name: string, value: unknown): void {
  const refusal = exportRefusal(name, value);
  if (refusal === undefined) return;
  throw new TypeError(
    `${refusal}\n${
      name === "default"
        ? "The default export must be an object with handlers, such as { fetch(request, env, ctx) { ... } }, or a class that extends WorkerEntrypoint."
        : `The main module may export nothing but handlers and classes: move "${name}" to another module, or do not export it.`
    }`,
  );
}

function exportRefusal(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return "Cannot initialize N7workerd3api15ExportedHandlerE with required members from an undefined or null value.";
  }
  if (typeof value === "function") return undefined;
  if (typeof value !== "object") {
    return `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`;
  }
  // Namespaces of modules are such objects.
  if (isObjectAtHeart(value)) return undefined;
  return "Exported value's prototype chain does not end in Object.";
}

function isObjectAtHeart(value: object): boolean {
  let last = value;
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) last = at;
  return last === Object.prototype;
}

function isHandlerObject(value: object): boolean {
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  return HANDLER_NAMES.some((name) => typeof Reflect.get(value, name) === "function");
}

function isClass(value: object): boolean {
  for (let proto: object | null = value; proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (proto === WorkerEntrypoint || proto === DurableObject || proto === WorkflowEntrypoint) {
      return true;
    }
  }
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function classKind(
  value: object,
): "class" | "workflow" | "durable-object" | "legacy-durable-object" {
  for (let proto: object | null = value; proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (proto === WorkerEntrypoint) return "class";
    if (proto === DurableObject) return "durable-object";
    if (proto === WorkflowEntrypoint) return "workflow";
  }
  return "legacy-durable-object";
}

function methodsOf(entrypoint: Entrypoint): string[] {
  const start =
    entrypoint.kind === "object"
      ? entrypoint.handlers
      : (entrypoint.constructor.prototype as object | null);
  const names = new Set<string>();
  for (let at = start; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    if (at === Object.prototype || BASES.has(at)) break;
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (key === "constructor") continue;
      if (typeof descriptor.value === "function" || descriptor.get !== undefined) names.add(key);
    }
  }
  return [...names];
}

const BASES: ReadonlySet<object> = new Set([
  WorkerEntrypoint.prototype,
  DurableObject.prototype,
  WorkflowEntrypoint.prototype,
]);
