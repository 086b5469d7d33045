/**
 * The modules of a bundle that are no ES modules: their values, computed once each, and CommonJS with
 * its scope. Used by linker.ts, one per thread.
 */
import vm from "node:vm";
import type { BundledFile } from "../../isolate/bundle-paths.ts";
import { runAsImporter } from "../../isolate/invocation.ts";
import { HiddenMap } from "../../util/hidden.ts";
import type { Registry } from "./registry.ts";
import { compileWithPlace } from "./syntax-place.ts";
import { compileWasm } from "./wasm.ts";

export interface ModuleValuesOptions {
  readonly registry: Registry;
  /** `set_tostring_tag`. */
  readonly hasTags: boolean;
  /** `require` in the module called `importer`. */
  readonly require: (args: readonly unknown[], importer: string) => unknown;
  /** What `import()` in the module called `importer` does; as `vm` wants it. */
  readonly importer: (importer: string) => never;
}

/** How far a module is. */
type State =
  | { readonly type: "running"; readonly module: CommonJsModule }
  | { readonly type: "done"; readonly value: unknown }
  | { readonly type: "failed"; readonly error: unknown };

/** What CommonJS sees as `module`. */
interface CommonJsModule {
  readonly path: string;
  exports: unknown;
}

type Run = (this: unknown, ...args: unknown[]) => unknown;

export class ModuleValues {
  readonly #options: ModuleValuesOptions;
  readonly #states: Map<string, State> = new Map();
  readonly #compiled: HiddenMap<string, Run> = new HiddenMap();
  readonly #modulePrototype: object;

  constructor(options: ModuleValuesOptions) {
    this.#options = options;
    const tag = { value: "CommonJsModuleObject", configurable: true };
    this.#modulePrototype = Object.create(
      Object.prototype,
      options.hasTags ? { [Symbol.toStringTag]: tag } : {},
    ) as object;
  }

  /** The default export. Throws what computing it threw, again and again. */
  valueOf(name: string, file: BundledFile): unknown {
    const state = this.#states.get(name) ?? this.#compute(name, file);
    if (state.type === "failed") throw state.error;
    return state.type === "running" ? state.module.exports : state.value;
  }

  /** CommonJS that is being evaluated. */
  isRunning(name: string): boolean {
    return this.#states.get(name)?.type === "running";
  }

  /** Throws if it cannot be. */
  compile(name: string, file: BundledFile): void {
    const { kind } = file.source;
    if (kind === "commonjs") this.#compileCommonJs(name, file);
    else if (kind === "json" || kind === "wasm") this.valueOf(name, file);
  }

  #compute(name: string, file: BundledFile): State {
    let state: State;
    try {
      state = { type: "done", value: this.#make(name, file) };
    } catch (error) {
      state = { type: "failed", error };
    }
    this.#states.set(name, state);
    return state;
  }

  #make(name: string, file: BundledFile): unknown {
    switch (file.source.kind) {
      case "commonjs":
        return this.#runCommonJs(name, file);
      case "json":
        return JSON.parse(textOf(file));
      case "text":
        return textOf(file);
      case "data":
        return new Uint8Array(bytesOf(file)).buffer;
      case "wasm":
        return compileWasm(bytesOf(file));
      case "script":
      case "esm":
        throw new Error(`${name} has no value: it is an ES module.`);
    }
  }

  #runCommonJs(name: string, file: BundledFile): unknown {
    const { registry, require } = this.#options;
    const run = this.#compileCommonJs(name, file);
    const { filename, path } = registry.commonJsPaths(name);
    const module: CommonJsModule = Object.assign(Object.create(this.#modulePrototype) as object, {
      path,
      exports: {},
    });
    this.#states.set(name, { type: "running", module });
    const scope = [
      module,
      module.exports,
      Object.defineProperty((...args: unknown[]) => require(args, name), "name", {
        value: "require",
        configurable: true,
      }),
      filename,
      filename.slice(0, filename.lastIndexOf("/")) || "/",
    ];
    const start = (): unknown => Reflect.apply(run, globalThis, scope);
    if (registry.runsCommonJsAsImporter) runAsImporter(start);
    else start();
    return module.exports;
  }

  #compileCommonJs(name: string, file: BundledFile): Run {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const run = compileWithPlace(file.url, () =>
      vm.compileFunction(
        textOf(file),
        ["module", "exports", "require", "__filename", "__dirname"],
        { filename: file.url, importModuleDynamically: this.#options.importer(name) },
      ),
    ) as Run;
    this.#compiled.set(name, run);
    return run;
  }
}

/** What `require` and code of CommonJS see as the namespace of a module that V8 has none of. */
export function namespaceOf(exports: Readonly<Record<string, unknown>>): object {
  const namespace = Object.assign(Object.create(null) as object, exports);
  Object.defineProperty(namespace, Symbol.toStringTag, { value: "Module" });
  return Object.seal(namespace);
}

export function textOf({ source: { contents } }: BundledFile): string {
  return typeof contents === "string" ? contents : Buffer.from(contents).toString("utf8");
}

function bytesOf({ source: { contents } }: BundledFile): Uint8Array<ArrayBuffer> {
  return typeof contents === "string" ? Buffer.from(contents) : new Uint8Array(contents);
}
