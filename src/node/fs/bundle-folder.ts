/** `/bundle`: the Worker's modules under their names in production, read-only (spec/node.md 5.1). */
import { bundledFiles } from "../../isolate/bundle-paths.ts";
import type { Bundle, BundleModule } from "../../protocol/bundle.ts";
import { FileNode, type FolderNode, folder } from "./nodes.ts";
import { segmentsOf } from "./tree.ts";

export function bundleFolder(bundle: Bundle): FolderNode {
  const root = folder(false);
  for (const { path, source } of bundledFiles(bundle)) {
    const segments = segmentsOf(path);
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
    at.entries.set(name, new FileNode(false, () => bytesOf(source)));
  }
  return root;
}

function bytesOf({ contents }: BundleModule): Uint8Array {
  return typeof contents === "string" ? Buffer.from(contents) : contents;
}
