/**
 * What the two module registries of production differ in (spec/platform.md 14): names of modules, the
 * texts of what is missing or refused, and what `require` gives. Contract only; path-registry.ts and
 * url-registry.ts are the older and the newer one, linker.ts asks them.
 */

/** How a module is asked for: texts differ. */
export type ModuleRequest =
  | { readonly how: "static"; readonly importer: string }
  | { readonly how: "dynamic" }
  | { readonly how: "require" };

/** `with { ... }` of an import. */
export type ImportAttributes = Readonly<Record<string, string>>;

export interface Registry {
  /** All modules of the bundle are compiled at start, also those that nobody imports. */
  readonly compilesAll: boolean;
  /** What a handler imports may wait; else it fails as top-level code of the Worker does. */
  readonly awaitsLateModules: boolean;
  /** CommonJS that is imported in a handler is code of that handler, not of module scope. */
  readonly runsCommonJsAsImporter: boolean;

  /** The name of a module of the bundle, from its path below the root ("lib/a.js"). */
  nameOf(path: string): string;
  /** What `specifier` means in the module called `importer`; undefined: it leads out of the root. */
  resolve(specifier: string, importer: string): string | undefined;
  /** The name under which the bundle has the module: one file may be several modules. */
  fileOf(name: string): string;
  /** `name`: what `resolve` said. */
  missing(specifier: string, name: string | undefined, request: ModuleRequest): Error;

  /** What an import with these attributes fails with before its module is looked for. */
  refusedAttributes(attributes: ImportAttributes): Error | undefined;
  /** ... and when it was found. */
  refusedType(attributes: ImportAttributes, specifier: string, isJson: boolean): Error | undefined;

  /** Of what is no WebAssembly. */
  noSource(specifier: string, name: string, request: ModuleRequest): Error;
  /** `import.source()`: an Error if there is no such thing. */
  refusedDynamicSource(): Error | undefined;

  /** `__filename` and `module.path` of the CommonJS module of this name. */
  commonJsPaths(name: string): { readonly filename: string; readonly path: string };
  /** `require` of an ES module. */
  required(namespace: object): unknown;
  /** `require` of what is no ES module, of which `value` is the default export. */
  requiredValue(value: unknown, namespace: () => object): unknown;
  /** `require` of a built-in module. */
  requiredBuiltin(exports: Readonly<Record<string, unknown>>, namespace: () => object): unknown;
  /** `require` of an ES module that is being evaluated: an Error, or undefined to go on. */
  circular(name: string): Error | undefined;
  /** `require` of an ES module that waits. */
  waiting(name: string): Error;

  /** Members of import.meta. */
  meta(name: string, isEntry: boolean): object;
  /** The Worker's modules wait for what never comes. */
  unsettled(entry: string): Error;
}
