/**
 * Source maps are the bulk of a bundle and rarely read: one copy in shared memory serves all
 * threads and generations that carry the bundle (protocol/thread.ts "load").
 */
import type { Bundle, BundleModule } from "../protocol/bundle.ts";

/** The same bundle with its source maps over SharedArrayBuffers. */
export function shareSourceMaps(bundle: Bundle): Bundle {
  if (bundle.modules.every((module) => module.sourceMap === undefined)) return bundle;
  return { ...bundle, modules: bundle.modules.map(shareMap) };
}

function shareMap(module: BundleModule): BundleModule {
  const { sourceMap } = module;
  if (sourceMap === undefined) return module;
  const shared = new Uint8Array(new SharedArrayBuffer(sourceMap.byteLength));
  shared.set(sourceMap);
  return { ...module, sourceMap: shared };
}
