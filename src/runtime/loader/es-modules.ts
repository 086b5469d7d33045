/**
 * The ES modules of a bundle as V8 and Node's `vm` want to be treated: compiled once, linked one graph
 * at a time and never again where that failed, evaluated at once as far as they wait for nothing. Made
 * by linker.ts, one per thread, which knows what their imports lead to.
 */
import vm from "node:vm";
import type { ModuleNamespace } from "../../isolate/builtin-module.ts";
import type { BundledFile } from "../../isolate/bundle-paths.ts";
import { HiddenMap } from "../../util/hidden.ts";
import { textOf } from "./module-values.ts";
import type { ImportAttributes, ModuleRequest } from "./registry.ts";
import { SOURCE, withoutSourcePhases } from "./source-phase.ts";
import { compileWithPlace } from "./syntax-place.ts";

/** Whether it is a module, as far as its syntax goes. */
function parses(code: string): boolean {
  try {
    new vm.SourceTextModule(code);
    return true;
  } catch {
    return false;
  }
}

export interface EsModulesOptions {
  /** They may be required: each tells when its code has run. */
  readonly areRequired: boolean;
  /** The text of a script, with what a debugger that is there wants to be in it. */
  readonly debuggable: (file: BundledFile, text: string) => { code: string; columnOffset: number };
  readonly meta: (name: string) => object;
  readonly resolve: (
    specifier: string,
    importer: string,
    attributes: ImportAttributes,
    request: ModuleRequest,
  ) => vm.Module;
  /** The WebAssembly.Module behind a source phase import. */
  readonly sourceOf: (specifier: string, importer: string, request: ModuleRequest) => unknown;
  /** What `import()` in the module called `importer` does; as `vm` wants it. */
  readonly importer: (importer: string) => never;
}

interface EsModule {
  readonly name: string;
  readonly module: vm.SourceTextModule;
  /** Specifiers that it imports the source of. */
  readonly sources: ReadonlySet<string>;
  /** What it imports, as far as that was found. */
  readonly imports: vm.Module[];
  /** What keeps it from being linked: Node must not try again. */
  failure?: { readonly error: unknown };
  /** Its code was run to its end. */
  isDone: boolean;
  /** It waits, or waited, for something. */
  isAsync: boolean;
  /** What the code that was added to it imports: Node crashes where nobody keeps it. */
  own?: vm.Module;
}

/** What code that was added to a module imports; `DONE` is called at its end. */
const OWN = "drover:loader";
const DONE = "__dr_done__";

export class EsModules {
  readonly #options: EsModulesOptions;
  readonly #all: HiddenMap<vm.Module, EsModule> = new HiddenMap();
  /** The same; lists with modules in them are walked by index, where no method of user code is called. */
  readonly #list: EsModule[] = [];
  /** One at a time: two graphs may share modules. */
  #lastLink: Promise<void> = Promise.resolve();

  constructor(options: EsModulesOptions) {
    this.#options = options;
  }

  /** Throws a SyntaxError that names the place. */
  compile(name: string, file: BundledFile): vm.Module {
    const { areRequired, debuggable, importer, meta } = this.#options;
    const phases = withoutSourcePhases(textOf(file), parses);
    const own =
      phases.isDynamic || areRequired
        ? `\nimport { source as ${SOURCE}, done as ${DONE} } from "${OWN}";${DONE}();`
        : "";
    const { code, columnOffset } = debuggable(file, phases.code + own);
    const module = compileWithPlace(
      file.url,
      () =>
        new vm.SourceTextModule(code, {
          identifier: file.url,
          columnOffset,
          initializeImportMeta: (object) => {
            Object.assign(object, meta(name));
          },
          importModuleDynamically: importer(name),
        }),
    );
    const esModule: EsModule = {
      name,
      module,
      sources: phases.specifiers,
      imports: [],
      isDone: false,
      isAsync: false,
    };
    this.#all.set(module, esModule);
    this.#list[this.#list.length] = esModule;
    return module;
  }

  /** What keeps a module from being linked is thrown each time. */
  link(module: vm.Module): Promise<void> {
    const linked = this.#lastLink.then(async () => {
      this.assertLinkable(module);
      if (module.status !== "unlinked") return;
      try {
        await module.link(async (specifier, referrer, extra) => {
          try {
            return this.#resolve(specifier, referrer, attributesOf(extra));
          } catch (error) {
            // Node goes on with the rest of the graph: what fails is told when that is at its end.
            await new Promise((resolve) => setImmediate(resolve));
            throw error;
          }
        });
      } catch (error) {
        this.#spreadFailures();
        throw error;
      }
    });
    this.#lastLink = linked.catch(() => {});
    return linked;
  }

  assertLinkable(module: vm.Module): void {
    const failure = this.#all.get(module)?.failure;
    if (failure !== undefined) throw failure.error;
  }

  /** All of it that waits for nothing has run when this returns. Again: the outcome of the first time. */
  evaluate(module: vm.Module): Promise<void> {
    const evaluation = module.evaluate();
    if (this.#options.areRequired) {
      for (let index = 0; index < this.#list.length; index++) {
        const esModule = this.#list[index] as EsModule;
        if (esModule.module.status === "evaluated" && !esModule.isDone) esModule.isAsync = true;
      }
    }
    return evaluation;
  }

  /** Whether a module that was evaluated did so at once. Known of modules that may be required. */
  isSynchronous(module: vm.Module): boolean {
    const esModule = this.#all.get(module);
    return esModule?.isDone === true && !esModule.isAsync;
  }

  #resolve(specifier: string, referrer: vm.Module, attributes: ImportAttributes): vm.Module {
    const importer = this.#all.get(referrer);
    if (importer === undefined) throw new Error(`${referrer.identifier} is no ES module.`);
    if (specifier === OWN) return this.#ownModule(importer);
    const { resolve, sourceOf } = this.#options;
    const request: ModuleRequest = { how: "static", importer: importer.name };
    try {
      if (importer.sources.has(specifier)) sourceOf(specifier, importer.name, request);
      const module = resolve(specifier, importer.name, attributes, request);
      this.assertLinkable(module);
      // Node has an error of its own for those.
      if (module.status === "errored") throw module.error;
      importer.imports[importer.imports.length] = module;
      return module;
    } catch (error) {
      importer.failure ??= { error };
      throw error;
    }
  }

  /** Whoever imports what cannot be linked cannot be linked either. */
  #spreadFailures(): void {
    let isDone = false;
    while (!isDone) {
      isDone = true;
      for (let index = 0; index < this.#list.length; index++) {
        const importer = this.#list[index] as EsModule;
        const failure = importer.failure ?? this.#failureOf(importer.imports);
        if (failure === importer.failure || failure === undefined) continue;
        importer.failure = failure;
        isDone = false;
      }
    }
  }

  /** The first of what keeps one of `modules` from being linked. */
  #failureOf(modules: readonly vm.Module[]): EsModule["failure"] {
    for (let index = 0; index < modules.length; index++) {
      const failure = this.#all.get(modules[index] as vm.Module)?.failure;
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** For the code that was added to a module. */
  #ownModule(importer: EsModule): vm.Module {
    importer.own ??= syntheticModule(OWN, {
      source: async (specifier: unknown) =>
        this.#options.sourceOf(String(specifier), importer.name, { how: "dynamic" }),
      done: () => {
        importer.isDone = true;
      },
    });
    return importer.own;
  }
}

/** Node 20 has a second name for them. */
function attributesOf(extra: object): ImportAttributes {
  const attributes: unknown = Reflect.get(extra, "attributes");
  return typeof attributes === "object" && attributes !== null
    ? (attributes as ImportAttributes)
    : {};
}

/** A module with only a default export, computed when it is evaluated. */
export function valueModule(identifier: string, value: () => unknown): vm.Module {
  return new vm.SyntheticModule(
    ["default"],
    function (this: vm.SyntheticModule) {
      this.setExport("default", value());
    },
    { identifier },
  );
}

/** A module with these exports. */
export function syntheticModule(identifier: string, exports: ModuleNamespace): vm.Module {
  const names = Object.keys(exports);
  return new vm.SyntheticModule(
    names,
    function (this: vm.SyntheticModule) {
      for (const name of names) this.setExport(name, exports[name]);
    },
    { identifier },
  );
}
