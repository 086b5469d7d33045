/**
 * Links and evaluates a bundle from memory (design.md, Decisions): modules of the bundle, what the
 * runtime provides (`cloudflare:*`) and permitted Node modules; nothing else resolves, dynamic
 * import() included. One per thread, used once. How modules are named, and what is said of those that
 * are missing, is a matter of the registry (registry.ts).
 */
import vm from "node:vm";
import type { BuiltinLookup, ModuleNamespace } from "../../isolate/builtin-module.ts";
import { type BundledFile, bundledFiles, decodedPath } from "../../isolate/bundle-paths.ts";
import { evaluateLate } from "../../isolate/invocation.ts";
import type { Bundle } from "../../protocol/bundle.ts";
import { HiddenMap } from "../../util/hidden.ts";
import { wrongParameter } from "../../web/streams/arguments.ts";
import { EsModules, syntheticModule, valueModule } from "./es-modules.ts";
import { ModuleValues, namespaceOf, textOf } from "./module-values.ts";
import type { ImportAttributes, ModuleRequest, Registry } from "./registry.ts";
import { settled } from "./settled.ts";
import { BUNDLE_ROOT } from "./url-registry.ts";

export interface LinkerOptions {
  readonly bundle: Bundle;
  readonly builtin: BuiltinLookup;
  readonly registry: Registry;
  /** `set_tostring_tag`. */
  readonly hasTags: boolean;
  /** The entry exports nothing: it is about to be evaluated as a service worker. */
  readonly onServiceWorker: () => void;
  /**
   * Scripts say that they have a source map: V8 stops for debuggers that want to set breakpoints
   * before such a script runs.
   */
  readonly namesMaps: boolean;
  /** The entry begins with a `debugger` statement. */
  readonly breaksAtStart: boolean;
}

/** A module of the bundle, under its name in the registry. */
interface Named {
  readonly name: string;
  readonly file: BundledFile;
}

/** In front of the first line, whose columns stay what they are in the source map. */
const BREAK = "debugger;";

export class Linker {
  readonly #options: LinkerOptions;
  readonly #entry: Named;
  /** Of the bundle, by their names. */
  readonly #files: HiddenMap<string, BundledFile> = new HiddenMap();
  readonly #modules: HiddenMap<string, vm.Module> = new HiddenMap();
  /** Of the runtime, by specifier. */
  readonly #builtins: HiddenMap<string, vm.Module> = new HiddenMap();
  /** ES modules may be required: all are linked at start. */
  readonly #areRequired: boolean;
  readonly #esModules: EsModules;
  readonly #values: ModuleValues;

  constructor(options: LinkerOptions) {
    this.#options = options;
    const { bundle, registry, hasTags } = options;
    const files = bundledFiles(bundle);
    const [entry] = files;
    if (entry === undefined) throw new Error("The bundle has no entry module.");
    this.#entry = { name: registry.nameOf(entry.path), file: entry };
    for (const file of files) this.#files.set(registry.nameOf(file.path), file);
    this.#areRequired = files.some(mayRequire);
    const importer = (name: string): never => this.#importer(name);
    this.#esModules = new EsModules({
      areRequired: this.#areRequired,
      debuggable: (file, text) => this.#debuggable(file, text),
      meta: (name) => registry.meta(name, name === this.#entry.name),
      resolve: (specifier, from, attributes, request) =>
        this.#resolve(specifier, from, attributes, request),
      sourceOf: (specifier, from, request) => this.#sourceOf(specifier, from, request),
      importer,
    });
    this.#values = new ModuleValues({
      registry,
      hasTags,
      require: (args, from) => this.#require(args, from),
      importer,
    });
  }

  /** Link and evaluate the entry. Throws what the Worker throws at start-up. */
  async load(): Promise<ModuleNamespace> {
    const { name, file } = this.#entry;
    if (file.source.kind === "script") {
      this.#runScript(file);
      return {};
    }
    if (file.source.kind !== "esm") throw new TypeError("Main module must be an ES module.");
    const { registry, onServiceWorker } = this.#options;
    if (registry.compilesAll) this.#compileAll();
    const module = this.#moduleOf(this.#entry);
    await this.#esModules.link(module);
    if (this.#areRequired) await this.#linkAll();
    const { namespace } = module;
    if (Reflect.ownKeys(namespace).every((key) => typeof key === "symbol")) onServiceWorker();
    await settled(this.#esModules.evaluate(module), () => registry.unsettled(name));
    return namespace as ModuleNamespace;
  }

  /** For `createRequire` of node:module: what a module below /bundle gives to `require`. */
  bundled(path: string): { readonly value: unknown } | undefined {
    const root = new URL(BUNDLE_ROOT).pathname;
    if (!path.startsWith(root)) return undefined;
    const name = this.#options.registry.nameOf(decodedPath(path.slice(root.length)));
    const file = this.#files.get(name);
    return file && { value: this.#required({ name, file }) };
  }

  /** In the global scope, not as a module: sloppy unless it says otherwise. */
  #runScript(file: BundledFile): void {
    this.#options.onServiceWorker();
    const { code, columnOffset } = this.#debuggable(file, textOf(file));
    const run = vm.compileFunction(code, [], {
      filename: file.url,
      columnOffset,
      importModuleDynamically: this.#importer(this.#entry.name),
    });
    run.call(globalThis);
  }

  /** Also what nobody imports. */
  #compileAll(): void {
    for (const [name, file] of this.#files) {
      if (file.source.kind === "esm") this.#moduleOf({ name, file });
      else this.#values.compile(name, file);
    }
  }

  /** What cannot be linked fails when it is asked for. */
  async #linkAll(): Promise<void> {
    for (const [name, file] of this.#files) {
      try {
        if (file.source.kind === "esm") await this.#esModules.link(this.#moduleOf({ name, file }));
      } catch {
        // Thrown again then.
      }
    }
  }

  /** As the option of `vm` that is called for `import()`. */
  #importer(importer: string): never {
    const load = (specifier: string, _script: unknown, attributes: ImportAttributes = {}) =>
      this.#importDynamically(specifier, importer, attributes);
    return load as never;
  }

  async #importDynamically(
    specifier: string,
    importer: string,
    attributes: ImportAttributes,
  ): Promise<vm.Module> {
    const { registry } = this.#options;
    const module = this.#resolve(specifier, importer, attributes, { how: "dynamic" });
    await this.#esModules.link(module);
    const evaluation = evaluateLate(() => this.#esModules.evaluate(module));
    await (registry.awaitsLateModules
      ? evaluation
      : settled(evaluation, () => registry.unsettled(this.#entry.name)));
    return module;
  }

  #resolve(
    specifier: string,
    importer: string,
    attributes: ImportAttributes,
    request: ModuleRequest,
  ): vm.Module {
    const { registry } = this.#options;
    const refused = registry.refusedAttributes(attributes);
    if (refused !== undefined) throw refused;
    const name = registry.resolve(specifier, importer);
    const file = this.#fileOf(name);
    const module =
      name !== undefined && file !== undefined
        ? this.#moduleOf({ name, file })
        : this.#builtinModule(specifier);
    if (module === undefined) throw registry.missing(specifier, name, request);
    const isJson = file?.source.kind === "json";
    const wrongType = registry.refusedType(attributes, specifier, isJson);
    if (wrongType !== undefined) throw wrongType;
    return module;
  }

  #fileOf(name: string | undefined): BundledFile | undefined {
    if (name === undefined) return undefined;
    // A file's own name may look like one with a fragment.
    return this.#files.get(name) ?? this.#files.get(this.#options.registry.fileOf(name));
  }

  #builtinModule(specifier: string): vm.Module | undefined {
    const known = this.#builtins.get(specifier);
    if (known !== undefined) return known;
    const exports = this.#options.builtin(specifier);
    if (exports === undefined) return undefined;
    const module = syntheticModule(specifier, exports);
    this.#builtins.set(specifier, module);
    return module;
  }

  #moduleOf({ name, file }: Named): vm.Module {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const module =
      file.source.kind === "esm"
        ? this.#esModules.compile(name, file)
        : valueModule(file.url, () => this.#values.valueOf(name, file));
    this.#modules.set(name, module);
    return module;
  }

  #sourceOf(specifier: string, importer: string, request: ModuleRequest): unknown {
    const { registry } = this.#options;
    const refused = request.how === "dynamic" ? registry.refusedDynamicSource() : undefined;
    if (refused !== undefined) throw refused;
    const name = registry.resolve(specifier, importer);
    const file = this.#fileOf(name);
    if (name === undefined || file === undefined) {
      throw registry.missing(specifier, name, request);
    }
    if (file.source.kind !== "wasm") throw registry.noSource(specifier, name, request);
    return this.#values.valueOf(name, file);
  }

  /** With what a debugger that is there wants to be in a script. */
  #debuggable(file: BundledFile, text: string): { code: string; columnOffset: number } {
    const { namesMaps, breaksAtStart } = this.#options;
    const start = breaksAtStart && file === this.#entry.file ? BREAK : "";
    const hasComment = namesMaps && file.source.sourceMap !== undefined;
    const comment = hasComment ? `\n//# sourceMappingURL=${file.url}.map` : "";
    return { code: start + text + comment, columnOffset: -start.length };
  }

  #require(args: readonly unknown[], importer: string): unknown {
    if (args.length === 0) throw wrongParameter("require", "CommonJsModuleContext", 1, "string");
    const { registry } = this.#options;
    const specifier = String(args[0]);
    const name = registry.resolve(specifier, importer);
    const file = this.#fileOf(name);
    if (name !== undefined && file !== undefined) return this.#required({ name, file });
    const exports = this.#options.builtin(specifier);
    if (exports === undefined) throw registry.missing(specifier, name, { how: "require" });
    return registry.requiredBuiltin(exports, () => namespaceOf(exports));
  }

  #required(named: Named): unknown {
    const { name, file } = named;
    if (file.source.kind === "esm") return this.#requireEsModule(named);
    const isRunning = this.#values.isRunning(name);
    const value = this.#values.valueOf(name, file);
    if (isRunning) return value;
    return this.#options.registry.requiredValue(value, () => namespaceOf({ default: value }));
  }

  /** Modules are evaluated before `evaluate()` returns, unless they wait. */
  #requireEsModule(named: Named): unknown {
    const { registry } = this.#options;
    const module = this.#moduleOf(named);
    this.#esModules.assertLinkable(module);
    if (module.status === "evaluating") {
      const circular = registry.circular(named.name);
      if (circular !== undefined) throw circular;
      return registry.required(module.namespace);
    }
    if (module.status === "linked") this.#esModules.evaluate(module).catch(() => {});
    if (module.status === "errored") throw module.error;
    if (!this.#esModules.isSynchronous(module)) throw registry.waiting(named.name);
    return registry.required(module.namespace);
  }
}

/** CommonJS, and code that makes itself a `require`. */
function mayRequire(file: BundledFile): boolean {
  const { kind } = file.source;
  return kind === "commonjs" || (kind === "esm" && /\bcreateRequire\b/.test(textOf(file)));
}
