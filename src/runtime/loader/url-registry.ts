/**
 * The registry of `new_module_registry`: modules are named by URLs below file:///bundle/. Texts as
 * recorded in test/parity/modules.
 */
import { dirname } from "node:path";
import type { ImportAttributes, ModuleRequest, Registry } from "./registry.ts";

/** Root of the code, as in production. */
export const BUNDLE_ROOT = "file:///bundle/";

/** Types of attributes that have a meaning, or will have one. */
const TYPES: ReadonlySet<string> = new Set(["json", "text", "bytes"]);

export class UrlRegistry implements Registry {
  readonly compilesAll = false;
  readonly awaitsLateModules = true;
  readonly runsCommonJsAsImporter = true;

  nameOf(path: string): string {
    return plain(new URL(`./${path}`, BUNDLE_ROOT));
  }

  resolve(specifier: string, importer: string): string {
    // What is no URL is found nowhere, and named as it is.
    return URL.canParse(specifier, importer) ? plain(new URL(specifier, importer)) : specifier;
  }

  fileOf(name: string): string {
    return URL.canParse(name) ? name.replace(/[?#].*$/s, "") : name;
  }

  missing(specifier: string, name: string | undefined, request: ModuleRequest): Error {
    const shown = request.how === "require" ? specifier : name;
    return new Error(`Module not found: ${shown}`);
  }

  refusedAttributes(attributes: ImportAttributes): Error | undefined {
    for (const [key, value] of Object.entries(attributes)) {
      if (key !== "type") return new TypeError(`Unsupported import attribute: "${key}"`);
      if (!TYPES.has(value)) return new TypeError(`Unsupported import attribute type: "${value}"`);
    }
    return undefined;
  }

  refusedType({ type }: ImportAttributes, specifier: string, isJson: boolean): Error | undefined {
    if (type === undefined || (type === "json" && isJson)) return undefined;
    return new TypeError(
      type === "json"
        ? `Module "${specifier}" is not of type "json"`
        : `Import attribute type "${type}" is not yet supported`,
    );
  }

  noSource(specifier: string, name: string, request: ModuleRequest): Error {
    const shown = request.how === "static" ? specifier : name;
    return new SyntaxError(`Source phase import not available for module: ${shown}`);
  }

  refusedDynamicSource(): Error | undefined {
    return undefined;
  }

  commonJsPaths(name: string): { filename: string; path: string } {
    return { filename: new URL(name).pathname, path: name };
  }

  required(namespace: object): unknown {
    return namespace;
  }

  requiredValue(value: unknown): unknown {
    return value;
  }

  requiredBuiltin(exports: Readonly<Record<string, unknown>>, namespace: () => object): unknown {
    return exports.default ?? namespace();
  }

  circular(name: string): Error | undefined {
    return new Error(`Circular dependency when resolving module: ${name}`);
  }

  waiting(name: string): Error {
    return new Error(`Top-level await is not supported in this context for module: ${name}`);
  }

  meta(name: string, isEntry: boolean): object {
    const { pathname } = new URL(name);
    return {
      main: isEntry,
      url: name,
      filename: pathname,
      dirname: dirname(pathname),
      // Its length is 0.
      resolve: (...args: unknown[]) => {
        if (args.length === 0) {
          throw new TypeError("import.meta.resolve requires a specifier argument");
        }
        return new URL(String(args[0]), name).href;
      },
    };
  }

  unsettled(entry: string): Error {
    return new Error(
      `Use of top-level await in a synchronously required module is restricted to promises that are resolved synchronously. This includes any top-level awaits in the entrypoint module for a worker. Specifier: "${entry}".`,
    );
  }
}

/** Escapes of what needs none are undone: "count%65d.js" is "counted.js", "100%25.js" is "100%.js". */
function plain(url: URL): string {
  const path = url.pathname
    .replace(/%(?!25)[0-9a-f]{2}/gi, (escaped) => {
      const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : escaped;
    })
    .replace(/%25(?![0-9a-f]{2})/gi, "%");
  if (path !== url.pathname) url.pathname = path;
  return url.href;
}
