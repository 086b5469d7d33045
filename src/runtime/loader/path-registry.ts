/**
 * The registry before `new_module_registry`: modules are named by their paths below the root of the
 * code, and "/" is that root. Texts as recorded in test/parity/modules.
 */
import type { ImportAttributes, ModuleRequest, Registry } from "./registry.ts";

export interface PathRegistryOptions {
  /** `export_commonjs_default`: `require` gives the default export, also where there is none. */
  readonly exportsDefault: boolean;
  /** `require_returns_default_export`: ... where there is one, else the namespace. */
  readonly requiresDefault: boolean;
  /** `throw_on_unrecognized_import_assertion`. */
  readonly refusesAttributes: boolean;
}

/** These are looked up as they are, in whichever folder they stand. */
const SCHEME = /^(?:node|cloudflare|workerd|cloudflare-internal|node-internal):/;

export class PathRegistry implements Registry {
  readonly compilesAll = true;
  readonly awaitsLateModules = false;
  readonly runsCommonJsAsImporter = false;
  readonly #options: PathRegistryOptions;

  constructor(options: PathRegistryOptions) {
    this.#options = options;
  }

  nameOf(path: string): string {
    return path;
  }

  resolve(specifier: string, importer: string): string | undefined {
    if (SCHEME.test(specifier)) return specifier;
    const folder = specifier.startsWith("/") ? [] : importer.split("/").slice(0, -1);
    for (const part of specifier.split("/")) {
      if (part === "..") {
        if (folder.pop() === undefined) return undefined;
      } else if (part !== "" && part !== ".") folder.push(part);
    }
    return folder.join("/") || ".";
  }

  fileOf(name: string): string {
    return name;
  }

  missing(specifier: string, name: string | undefined, request: ModuleRequest): Error {
    if (name === undefined) {
      if (request.how === "dynamic") return new Error(`No such module "${specifier}"`);
      const more = request.how === "static" ? `${importedFrom(request)}.` : "";
      return new TypeError(`Invalid module specifier "${specifier}".${more}`);
    }
    return new Error(`No such module "${name}".${importedFrom(request)}`);
  }

  refusedAttributes(attributes: ImportAttributes): Error | undefined {
    if (!this.#options.refusesAttributes || Object.keys(attributes).length === 0) return undefined;
    return new Error("Unrecognized import attributes specified");
  }

  refusedType(): Error | undefined {
    return undefined;
  }

  noSource(_specifier: string, name: string, request: ModuleRequest): Error {
    return new SyntaxError(
      `Source phase import not available for module: ${name}.${importedFrom(request)}`,
    );
  }

  refusedDynamicSource(): Error | undefined {
    return new Error("Not supported");
  }

  commonJsPaths(name: string): { filename: string; path: string } {
    return { filename: `/${name}`, path: `/${name}` };
  }

  required(namespace: object): unknown {
    return this.#givesDefault(namespace) ? Reflect.get(namespace, "default") : namespace;
  }

  requiredValue(value: unknown, namespace: () => object): unknown {
    return this.#givesDefault({ default: value }) ? value : namespace();
  }

  requiredBuiltin(exports: Readonly<Record<string, unknown>>, namespace: () => object): unknown {
    return this.#givesDefault(exports) ? exports.default : namespace();
  }

  #givesDefault(namespace: object): boolean {
    const { exportsDefault, requiresDefault } = this.#options;
    return exportsDefault || (requiresDefault && "default" in namespace);
  }

  circular(): Error | undefined {
    return undefined;
  }

  waiting(): Error {
    return new Error("Top-level await in module is not permitted at this time.");
  }

  meta(): object {
    return {};
  }

  unsettled(): Error {
    return new Error("Top-level await in module is unsettled.");
  }
}

function importedFrom(request: ModuleRequest): string {
  return request.how === "static" ? `\n  imported from "${request.importer}"` : "";
}
