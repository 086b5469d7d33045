/** Tells whether a build gave anything new. Pure; used by bundler.ts. */
import { createHash } from "node:crypto";
import type { BundleModule } from "../protocol/bundle.ts";

/**
 * Content hash of a bundle. Source maps count: a thread with a stale one would point at wrong
 * lines. Order counts only for the entry; additional modules are named by what they hold.
 */
export function hashModules(modules: readonly BundleModule[]): string {
  const hash = createHash("sha1");
  const [entry, ...others] = modules;
  const sorted = others.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const module of entry === undefined ? [] : [entry, ...sorted]) {
    hash.update(`${module.kind}\0${module.name}\0${module.contents.length}\0`);
    hash.update(module.contents);
    if (module.sourceMap !== undefined) hash.update(module.sourceMap);
  }
  return hash.digest("hex");
}
