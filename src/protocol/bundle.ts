/**
 * What one build of one Worker consists of. Made in the session process (bundle/), carried to the
 * host process over IPC and on to the Worker's thread, which links it from memory (runtime/loader).
 */

/**
 * How the thread turns `contents` into a module; see spec/wrangler.md 4.6. "script": an entry in
 * service-worker format that imports nothing.
 */
export type ModuleKind = "esm" | "commonjs" | "script" | "json" | "text" | "data" | "wasm";

export interface BundleModule {
  /**
   * Specifier base of this module. For the bundled entry an absolute `file://` URL (what stacks
   * show before source mapping); for additional modules the specifier that importers use,
   * relative to the entry ("./<sha1>-name.txt"), resolved against the importer's `name`.
   */
  readonly name: string;
  readonly kind: ModuleKind;
  /** Source text for esm, commonjs, json and text; bytes for data and wasm. */
  readonly contents: string | Uint8Array;
  /** Source map (JSON bytes) of an esm or commonjs module; read only when a stack needs it. */
  readonly sourceMap?: Uint8Array;
}

/** Text module beside an entry in service-worker format: the global of that name, for Workers Sites. */
export const SITE_MANIFEST = "__STATIC_CONTENT_MANIFEST";

export interface Bundle {
  /** Content hash over all modules: equal hash, nothing to reload. */
  readonly hash: string;
  /** `modules[0]` is the entry. */
  readonly modules: readonly BundleModule[];
}
