/**
 * `node:*` as a Worker sees it (spec/node.md): namespaces of exactly production's names, whose
 * objects are the Worker's own: written here, copies of what is pure in Node, or stand-ins that
 * throw. Nothing in them leads to a file, socket, process, hook or registry of the host
 * (spec/node.md 10, SECURITY.md). One registry per thread; a module is made with its first import.
 * Which modules there are is a matter of flags and dates (module-flags.ts).
 */
import type { ModuleNamespace } from "../isolate/builtin-module.ts";
import { hostModule } from "../isolate/own-world.ts";
import { get } from "../util/early.ts";
import { hasModule } from "./module-flags.ts";
import { createModuleMakers, type MakerOptions, type ModuleMaker } from "./module-makers.ts";
import { isDefaultExport } from "./native-copies.ts";
import { emptyValue } from "./refused.ts";
import { type ExportType, surfaceOf } from "./surface.ts";

/** What cannot wait on its own: where nothing else is used, a hang is seen as one. */
const WAITS: ReadonlySet<string> = new Set([
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "zlib",
  "_stream_duplex",
  "_stream_passthrough",
  "_stream_readable",
  "_stream_transform",
  "_stream_writable",
]);

/** `process` without enable_nodejs_process_v2 (spec/node.md 4.1). */
const LEGACY_PROCESS: ReadonlyMap<string, ExportType> = new Map([
  ["env", "object"],
  ["exit", "function"],
  ["features", "object"],
  ["getBuiltinModule", "function"],
  ["nextTick", "function"],
  ["platform", "string"],
]);

export interface NodeModulesOptions extends Omit<MakerOptions, "lookup"> {
  /** The Worker uses a module that may wait without the runtime's knowledge. */
  readonly onHiddenWaits: () => void;
}

/** Looks up a Node module by name, with or without `node:`. */
export function createNodeModules(
  options: NodeModulesOptions,
): (specifier: string) => ModuleNamespace | undefined {
  const { flags } = options;
  const loaded = new Map<string, ModuleNamespace>();
  let makers: Readonly<Record<string, ModuleMaker>> | undefined;

  function lookup(specifier: string): ModuleNamespace | undefined {
    const hasPrefix = specifier.startsWith("node:");
    const name = hasPrefix ? specifier.slice("node:".length) : specifier;
    if (!hasModule(flags, name, hasPrefix)) return undefined;
    const known = loaded.get(name);
    if (known !== undefined) return known;
    const surface = isLegacyProcess(name) ? LEGACY_PROCESS : surfaceOf(name);
    if (surface === undefined) return undefined;
    if (WAITS.has(name)) options.onHiddenWaits();
    makers ??= createModuleMakers({ ...options, lookup });
    const exports = namespaceOf(name, surface, makers[name]?.());
    loaded.set(name, exports);
    return exports;
  }

  function isLegacyProcess(name: string): boolean {
    return name === "process" && flags.enable_nodejs_process_v2 !== true;
  }

  return lookup;
}

/**
 * `made` is the default export itself if it is a function or has a prototype of its own (`process`,
 * `cluster`), else members for a new object.
 */
function namespaceOf(
  module: string,
  surface: ReadonlyMap<string, ExportType>,
  made: object = {},
): ModuleNamespace {
  const isPlain =
    typeof made !== "function" &&
    Object.getPrototypeOf(made) === Object.prototype &&
    !isDefaultExport(made);
  const defaults: object = isPlain ? {} : made;
  const exports: Record<string, unknown> = {};
  for (const [name, type] of surface) {
    let value: unknown = Reflect.get(made, name);
    // Values of Node that this version of it lacks, or has as something else.
    if (typeof value !== type) value = constantOf(module, name, type);
    if (typeof value === "function") nameFunction(value, name);
    exports[name] = value;
    if (isPlain || Reflect.get(made, name) !== value) {
      Object.defineProperty(defaults, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
  exports.default = defaults;
  return exports;
}

/** The bundle numbers functions of one name. */
function nameFunction(fn: object, name: string): void {
  const own = Reflect.get(fn, "name") as unknown;
  if (typeof own !== "string" || own === name || own.replace(/\d+$/, "") !== name) return;
  Object.defineProperty(fn, "name", { value: name, configurable: true });
}

/** A number or text of Node's module of that name, or something that means nothing. */
function constantOf(module: string, name: string, type: ExportType): unknown {
  const native = type === "number" || type === "string" ? hostModule(module) : undefined;
  if (native !== undefined) {
    const own: unknown = get(native, name);
    if (typeof own === type) return own;
    const constants: unknown = get(native, "constants");
    const value = isObject(constants) ? get(constants, name) : undefined;
    if (typeof value === type) return value;
  }
  return emptyValue(module, name, type);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
