/**
 * What the modules of a bundle are called in production: paths below the root of the code ("index.js",
 * "lib/a.js"). The loader's registries and `/bundle` of node:fs show nothing of where they lie here.
 */
import type { Bundle, BundleModule } from "../protocol/bundle.ts";
import { moduleUrl } from "../util/module-url.ts";

export interface BundledFile {
  readonly source: BundleModule;
  /** What V8, stacks and source maps know it by. */
  readonly url: string;
  /** Below the root of the code, without a slash in front. */
  readonly path: string;
}

/** In the order of the bundle: the entry first. */
export function bundledFiles({ modules }: Bundle): BundledFile[] {
  const entry = modules[0]?.name ?? "";
  const urls = modules.map(({ name }) => moduleUrl(name, entry));
  const root = rootOf(urls);
  return modules.map((source, index) => {
    const url = urls[index] ?? "";
    const path = decodedPath(url.slice(root.length));
    // The bundled entry is a virtual file beside its source (bundle/esbuild-options.ts).
    return { source, url, path: index === 0 ? path.replace(/\.bundle\.js$/, ".js") : path };
  });
}

/** Of a URL's path. A `%` that escapes nothing stands for itself: a file may be called "100%.txt". */
export function decodedPath(path: string): string {
  return path.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/** Where dynamic Workers are; else the entry's folder, or the one that holds what lies above it. */
function rootOf([entry = "", ...others]: readonly string[]): string {
  const dynamic = "file:///bundle/";
  let root = entry.startsWith(dynamic) ? dynamic : new URL(".", entry).href;
  while (root !== "file:///" && !others.every((url) => url.startsWith(root))) {
    root = new URL("..", root).href;
  }
  return root;
}
