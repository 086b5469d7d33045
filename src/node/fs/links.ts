/** Operations of `node:fs` on links. Synchronous (spec/node.md 5.2). */
import { encodingOf, optionsOf } from "./arguments.ts";
import type { Operations } from "./contents.ts";
import { fsError, spokenError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import type { FolderNode } from "./nodes.ts";
import type { Path } from "./paths.ts";
import type { Place } from "./tree.ts";

export function linkOperations(files: FileSystem): Operations {
  /** The target is made absolute. */
  function symlinkSync(target: unknown, path: unknown): void {
    const to = files.path(target).text;
    const place = files.place(files.path(path), false, "link");
    freePlace(place, to).entries.set(place.name, { kind: "link", target: to, mtime: 0 });
  }

  function linkSync(existing: unknown, path: unknown): void {
    const source = files.path(existing);
    const { node } = files.place(source, true, "link");
    if (node === undefined) {
      throw spokenError("ENOENT", "link", "File not found", source.text);
    }
    if (node.kind === "folder")
      throw spokenError("EPERM", "link", "Cannot hardlink to a directory");
    const place = files.place(files.path(path), false, "link");
    freePlace(place, source.text).entries.set(place.name, node);
  }

  function freePlace(place: Place, shown: string): FolderNode {
    if (place.node !== undefined) throw spokenError("EEXIST", "link", "File already exists");
    if (place.parent === undefined) {
      throw spokenError("ENOENT", "link", "Directory does not exist", shown);
    }
    return files.folderOf(place, "link", shown);
  }

  function readlinkSync(path: unknown, given?: unknown): string | Buffer {
    const encoding = encodingOf(optionsOf(given));
    const node = files.node(files.path(path), false, "readlink");
    if (node.kind !== "link") throw fsError("EINVAL", "readlink");
    return encoding === "buffer" ? Buffer.from(node.target) : node.target;
  }

  function realpathSync(path: unknown, given?: unknown): string | Buffer {
    const encoding = encodingOf(optionsOf(given));
    const real = realPath(files.path(path), 0);
    return encoding === "buffer" ? Buffer.from(real) : real;
  }

  function realPath(path: Path, depth: number): string {
    if (depth > 256) throw fsError("ELOOP", "readlink");
    for (let count = 1; count <= path.segments.length; count += 1) {
      const segments = path.segments.slice(0, count);
      const node = files.node({ text: path.text, segments }, false, "readlink");
      if (node.kind !== "link") continue;
      const rest = path.segments.slice(count).join("/");
      return realPath(files.path(`${node.target}/${rest}`), depth + 1);
    }
    return `/${path.segments.join("/")}`;
  }

  Object.defineProperty(realpathSync, "native", { value: realpathSync, writable: true });
  return { linkSync, readlinkSync, realpathSync, symlinkSync };
}
