/** `/bundle`: the Worker's modules under their names in production, read-only (spec/node.md 5.1). */
import type { Bundle, BundleModule } from "../../protocol/bundle.ts";
import { FileNode, type FolderNode, folder } from "./nodes.ts";
import { segmentsOf } from "./tree.ts";

export function bundleFolder({ modules }: Bundle): FolderNode {
  const root = folder(false);
  const entry = modules[0]?.name ?? "";
  for (const module of modules) {
    const segments = segmentsOf(pathOf(module.name, entry));
    const name = segments.pop();
    if (name === undefined) continue;
    let at = root;
    for (const segment of segments) {
      const found = at.entries.get(segment);
      if (found?.kind === "folder") at = found;
      else {
        const made = folder(false);
        at.entries.set(segment, made);
        at = made;
      }
    }
    at.entries.set(name, new FileNode(false, () => bytesOf(module)));
  }
  return root;
}

/** Relative to the entry's folder; what lies above it is moved to the root, as URLs are resolved. */
function pathOf(name: string, entry: string): string {
  const folderUrl = new URL(".", entry).href;
  const url = new URL(name, entry).href;
  const path = url.startsWith(folderUrl) ? url.slice(folderUrl.length) : name;
  const shown = decodeURIComponent(new URL(path, "file:///").pathname);
  // Of the bundled entry, which is a virtual file beside the source (bundle/esbuild-options.ts).
  return url === entry ? shown.replace(/\.bundle\.js$/, ".js") : shown;
}

function bytesOf({ contents }: BundleModule): Uint8Array {
  return typeof contents === "string" ? Buffer.from(contents) : contents;
}
