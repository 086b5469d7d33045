/**
 * What a module that is not in the bundle (`cloudflare:*`, `node:*`) looks like to the loader.
 * Types only: the rooms that provide modules (node/, runtime/loader) know them, the linker uses them.
 */

/** The exports of an evaluated module, by name. */
export type ModuleNamespace = Readonly<Record<string, unknown>>;

/**
 * The value of the bundle's module at this path ("/bundle/text.txt"), as `require` gives it; undefined
 * if there is none.
 */
export type BundledLookup = (path: string) => { readonly value: unknown } | undefined;

/** The exports of the built-in module of that name; undefined if there is none. */
export type BuiltinLookup = (specifier: string) => ModuleNamespace | undefined;
