/**
 * Links and evaluates a bundle from memory (design.md, Decisions): modules of the bundle, what the
 * runtime provides (`cloudflare:*`) and permitted Node modules; nothing else resolves, dynamic
 * import() included. One per thread, used once.
 */
import { dirname } from "node:path";
import vm from "node:vm";
import type { BuiltinLookup, ModuleNamespace } from "../../isolate/builtin-module.ts";
import { evaluateLate } from "../../isolate/invocation.ts";
import type { Bundle, BundleModule } from "../../protocol/bundle.ts";
import { HiddenMap } from "../../util/hidden.ts";
import { compileWithPlace } from "./syntax-place.ts";
import { compileWasm } from "./wasm.ts";

export interface LinkerOptions {
  readonly bundle: Bundle;
  readonly builtin: BuiltinLookup;
  /** `new_module_registry`: error texts and members of import.meta. */
  readonly newModuleRegistry: boolean;
  /** The entry exports nothing: it is about to be evaluated as a service worker. */
  readonly onServiceWorker: () => void;
  /**
   * Scripts say that they have a source map: V8 stops for debuggers that want to set breakpoints
   * before such a script runs.
   */
  readonly namesMaps: boolean;
  /**
   * Modules of a dynamic Worker, below BUNDLE_ROOT: all of them are compiled at once, and errors name
   * them as production does.
   */
  readonly isDynamic: boolean;
  /** The entry begins with a `debugger` statement. */
  readonly breaksAtStart: boolean;
}

/** In front of the first line, whose columns stay what they are in the source map. */
const BREAK = "debugger;";

/** Root of import.meta.url and of error texts, as in production. */
export const BUNDLE_ROOT = "file:///bundle/";

export class Linker {
  readonly #options: LinkerOptions;
  readonly #entry: BundleModule;
  /** By URL; additional modules are resolved against the entry. */
  readonly #sources: HiddenMap<string, BundleModule> = new HiddenMap();
  readonly #modules: HiddenMap<string, vm.Module> = new HiddenMap();
  readonly #commonJs: Map<string, { exports: unknown }> = new Map();

  constructor(options: LinkerOptions) {
    this.#options = options;
    const [entry, ...others] = options.bundle.modules;
    if (entry === undefined) throw new Error("The bundle has no entry module.");
    this.#entry = entry;
    this.#sources.set(entry.name, entry);
    for (const module of others) {
      // Relative to the entry with or without "./"; URLs stay what they are.
      this.#sources.set(new URL(module.name, entry.name).href, module);
    }
  }

  /** Link and evaluate the entry. Throws what the Worker throws at start-up. */
  async load(): Promise<ModuleNamespace> {
    if (this.#entry.kind === "script") {
      this.#runScript(this.#entry);
      return {};
    }
    if (this.#options.isDynamic) this.#compileAll();
    const module = this.#bundleModule(this.#entry.name, this.#entry);
    await this.#link(module);
    if (Reflect.ownKeys(module.namespace).every((key) => typeof key === "symbol")) {
      this.#options.onServiceWorker();
    }
    await this.#evaluate(module);
    return module.namespace as ModuleNamespace;
  }

  /** In the global scope, not as a module: sloppy unless it says otherwise. */
  #runScript(source: BundleModule): void {
    this.#options.onServiceWorker();
    const { code, columnOffset } = this.#debuggable(source.name, source);
    const run = vm.compileFunction(code, [], {
      filename: source.name,
      columnOffset,
      importModuleDynamically: ((specifier: string) =>
        this.#importDynamically(specifier, source.name)) as never,
    });
    run.call(globalThis);
  }

  /** Also what nobody imports. */
  #compileAll(): void {
    for (const [url, source] of this.#sources) {
      if (source.kind === "esm") this.#bundleModule(url, source);
      else if (source.kind === "commonjs") this.#compileCommonJs(url, source);
      else this.#valueOf(url, source);
    }
  }

  async #link(module: vm.Module): Promise<void> {
    if (module.status !== "unlinked") return;
    await module.link((specifier, { identifier }) => {
      const { isDynamic, newModuleRegistry } = this.#options;
      const more = isDynamic && !newModuleRegistry ? importedFrom(identifier) : "";
      return this.#resolve(specifier, identifier, more);
    });
  }

  async #evaluate(module: vm.Module): Promise<void> {
    await this.#link(module);
    // Evaluating again gives the outcome of the first time.
    await module.evaluate();
  }

  async #importDynamically(specifier: string, importer: string): Promise<vm.Module> {
    const module = this.#resolve(specifier, importer);
    await this.#link(module);
    await evaluateLate(() => module.evaluate());
    return module;
  }

  /** `more`: what the error says behind its text. */
  #resolve(specifier: string, importer: string, more = ""): vm.Module {
    const found = this.#find(specifier, importer);
    if (found !== undefined) return this.#bundleModule(found.url, found.source);
    const known = this.#modules.get(specifier);
    if (known !== undefined) return known;
    const exports = this.#options.builtin(specifier);
    if (exports === undefined) throw new Error(this.#missingText(specifier, importer) + more);
    const module = syntheticModule(specifier, exports);
    this.#modules.set(specifier, module);
    return module;
  }

  /** For `createRequire` of node:module: what a module below /bundle gives to `require`. */
  bundled(path: string): { readonly value: unknown } | undefined {
    const root = new URL(BUNDLE_ROOT).pathname;
    if (!path.startsWith(root)) return undefined;
    const found = this.#find(`./${path.slice(root.length)}`, this.#entry.name);
    return found && { value: this.#valueOf(found.url, found.source) };
  }

  #find(specifier: string, importer: string): { url: string; source: BundleModule } | undefined {
    const { isDynamic, newModuleRegistry } = this.#options;
    const base = this.#sources.has(importer) ? importer : this.#entry.name;
    // In the older registry "/" is the root of the code.
    if (isDynamic && !newModuleRegistry && specifier.startsWith("/")) {
      const url = new URL(`.${specifier}`, BUNDLE_ROOT).href;
      const source = this.#sources.get(url);
      return source && { url, source };
    }
    // Additional modules may be imported by their bare names, from anywhere.
    const bases = /^\.{0,2}\//.test(specifier) ? [base] : [this.#entry.name];
    for (const from of bases) {
      if (!URL.canParse(specifier, from)) continue;
      const url = new URL(specifier, from).href;
      const source = this.#sources.get(url);
      if (source !== undefined) return { url, source };
    }
    return undefined;
  }

  #bundleModule(url: string, source: BundleModule): vm.Module {
    const known = this.#modules.get(url);
    if (known !== undefined) return known;
    const module =
      source.kind === "esm" ? this.#esmModule(url, source) : this.#valueModule(url, source);
    this.#modules.set(url, module);
    return module;
  }

  /** The text of a script, with what a debugger that is there wants to be in it. */
  #debuggable(url: string, source: BundleModule): { code: string; columnOffset: number } {
    const { namesMaps, breaksAtStart } = this.#options;
    const start = breaksAtStart && source === this.#entry ? BREAK : "";
    const hasComment = namesMaps && source.sourceMap !== undefined;
    const comment = hasComment ? `\n//# sourceMappingURL=${url}.map` : "";
    return { code: start + textOf(source) + comment, columnOffset: -start.length };
  }

  #esmModule(url: string, source: BundleModule): vm.Module {
    const { code, columnOffset } = this.#debuggable(url, source);
    return this.#compile(
      url,
      () =>
        new vm.SourceTextModule(code, {
          identifier: url,
          columnOffset,
          initializeImportMeta: (meta) => this.#fillImportMeta(meta, url),
          importModuleDynamically: ((specifier: string) =>
            this.#importDynamically(specifier, url)) as never,
        }),
    );
  }

  /** Errors of code that no bundler has seen name the place. */
  #compile<T>(url: string, compile: () => T): T {
    return this.#options.isDynamic ? compileWithPlace(url, compile) : compile();
  }

  /** A module with only a default export, computed when it is evaluated. */
  #valueModule(url: string, source: BundleModule): vm.Module {
    const value = (): unknown => this.#valueOf(url, source);
    return new vm.SyntheticModule(
      ["default"],
      function (this: vm.SyntheticModule) {
        this.setExport("default", value());
      },
      { identifier: url },
    );
  }

  #valueOf(url: string, source: BundleModule): unknown {
    switch (source.kind) {
      case "commonjs":
        return this.#requireCommonJs(url, source);
      case "json":
        return JSON.parse(textOf(source));
      case "text":
        return textOf(source);
      case "data":
        return new Uint8Array(bytesOf(source)).buffer;
      case "wasm":
        return compileWasm(bytesOf(source));
      case "script":
      case "esm":
        throw new Error(`require() of the ES module "${source.name}" is not supported.`);
    }
  }

  #requireCommonJs(url: string, source: BundleModule): unknown {
    const known = this.#commonJs.get(url);
    if (known !== undefined) return known.exports;
    const module: { exports: unknown } = { exports: {} };
    this.#commonJs.set(url, module);
    const run = this.#compileCommonJs(url, source);
    run.call(module.exports, module, module.exports, (specifier: string) =>
      this.#require(specifier, url),
    );
    return module.exports;
  }

  #compileCommonJs(url: string, source: BundleModule): ReturnType<typeof vm.compileFunction> {
    return this.#compile(url, () =>
      vm.compileFunction(textOf(source), ["module", "exports", "require"], {
        filename: url,
        importModuleDynamically: ((specifier: string) =>
          this.#importDynamically(specifier, url)) as never,
      }),
    );
  }

  #require(specifier: string, importer: string): unknown {
    const found = this.#find(specifier, importer);
    if (found !== undefined) return this.#valueOf(found.url, found.source);
    const exports = this.#options.builtin(specifier);
    if (exports === undefined) throw new Error(this.#missingText(specifier, importer));
    return exports.default ?? exports;
  }

  #fillImportMeta(meta: ImportMeta, url: string): void {
    if (!this.#options.newModuleRegistry) return;
    const isEntry = url === this.#entry.name;
    const folder = new URL(".", this.#entry.name).href;
    const name = url.startsWith(folder) ? url.slice(folder.length) : url;
    const shown = this.#options.isDynamic ? new URL(url) : new URL(name, BUNDLE_ROOT);
    Object.assign(meta, {
      main: isEntry,
      url: shown.href,
      filename: shown.pathname,
      dirname: dirname(shown.pathname),
      resolve: (specifier: string) => new URL(specifier, shown).href,
    });
  }

  #missingText(specifier: string, importer: string): string {
    const { newModuleRegistry, isDynamic } = this.#options;
    const base = isDynamic && this.#sources.has(importer) ? importer : BUNDLE_ROOT;
    const url = URL.canParse(specifier) ? specifier : new URL(specifier, base).href;
    if (newModuleRegistry) return `Module not found: ${url}`;
    return `No such module "${isDynamic ? nameOf(url) : specifier}".`;
  }
}

/** Of a module of a dynamic Worker. */
function nameOf(url: string): string {
  return url.startsWith(BUNDLE_ROOT) ? url.slice(BUNDLE_ROOT.length) : url;
}

function importedFrom(importer: string): string {
  return `\n  imported from "${nameOf(importer)}"`;
}

function syntheticModule(identifier: string, exports: ModuleNamespace): vm.Module {
  const names = Object.keys(exports);
  return new vm.SyntheticModule(
    names,
    function (this: vm.SyntheticModule) {
      for (const name of names) this.setExport(name, exports[name]);
    },
    { identifier },
  );
}

function textOf(source: BundleModule): string {
  const { contents } = source;
  return typeof contents === "string" ? contents : Buffer.from(contents).toString("utf8");
}

function bytesOf(source: BundleModule): Uint8Array<ArrayBuffer> {
  const { contents } = source;
  return typeof contents === "string" ? Buffer.from(contents) : new Uint8Array(contents);
}
