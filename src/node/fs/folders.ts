/** Operations of `node:fs` on folders and names. Synchronous (spec/node.md 5.2). */
import { checkBoolean, checkMode, encodingOf, optionsOf } from "./arguments.ts";
import type { Operations } from "./contents.ts";
import { Dir, Dirent } from "./entries.ts";
import { fsError, spokenError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { globPaths } from "./glob.ts";
import { type FolderNode, folder } from "./nodes.ts";
import type { Path } from "./paths.ts";

export function folderOperations(files: FileSystem): Operations {
  /** The first folder that had to be made, if `recursive`. */
  function mkdirSync(path: unknown, given?: unknown): string | undefined {
    const options = typeof given === "object" && given !== null ? optionsOf(given) : {};
    checkMode(typeof given === "object" ? options.mode : given, "mode");
    const target = files.path(path);
    if (checkBoolean("recursive", options.recursive)) return makeAll(target);
    makeOne(target);
    return undefined;
  }

  function makeOne(target: Path): void {
    const place = files.place(target, true, "mkdir");
    if (place.node?.kind === "folder") return;
    if (place.node !== undefined) throw fsError("EEXIST", "mkdir");
    files.folderOf(place, "mkdir", place.name).entries.set(place.name, folder(true));
  }

  function makeAll({ segments }: Path): string | undefined {
    let first: string | undefined;
    for (let count = 1; count <= segments.length; count += 1) {
      const names = segments.slice(0, count);
      const path = { text: `/${names.join("/")}`, segments: names };
      const { node } = files.place(path, true, "mkdir");
      if (node?.kind === "folder") continue;
      if (node !== undefined) {
        throw fsError(count < segments.length ? "ENOTDIR" : "EEXIST", "mkdir");
      }
      makeOne(path);
      first ??= path.text;
    }
    return first;
  }

  function mkdtempSync(prefix: unknown): string {
    const { segments } = files.path(prefix);
    const last = segments.at(-1) ?? "";
    const { parent } = files.place({ text: "", segments }, true, "mkdir");
    files.folderOf({ node: undefined, parent, name: last }, "mkdir", last);
    const path = `/${segments.join("/")}${files.nextTemporary()}`;
    makeOne(files.path(path));
    return path;
  }

  function rmdirSync(path: unknown, given?: unknown): void {
    const isRecursive = checkBoolean("recursive", optionsOf(given).recursive);
    const { node, name, parent } = removable(path, false);
    if (node.kind !== "folder") throw fsError("ENOTDIR", "rm");
    if (!isRecursive && node.entries.size > 0) throw fsError("ENOTEMPTY", "rm", name);
    parent.entries.delete(name);
  }

  /** Nothing happens if nothing has the name, `force` or not. */
  function rmSync(path: unknown, given?: unknown): void {
    const options = optionsOf(given);
    const isRecursive = checkBoolean("recursive", options.recursive);
    checkBoolean("force", options.force);
    const { node, name, parent } = removable(path, true);
    if (node === undefined) return;
    if (node.kind === "folder" && node.entries.size > 0 && !isRecursive) {
      throw fsError("ENOTEMPTY", "rm", name);
    }
    parent.entries.delete(name);
  }

  function removable(path: unknown, mayMiss: boolean) {
    const place = files.place(files.path(path), false, "rm");
    const { node, name, parent } = place;
    if (parent === undefined && node !== undefined) throw fsError("EPERM", "rm");
    const holder = files.folderOf(place, "rm", name, parent?.kind === "folder" ? undefined : name);
    if (node === undefined && !mayMiss) throw fsError("ENOENT", "rm", name);
    return { node: node as NonNullable<typeof node>, name, parent: holder };
  }

  function unlinkSync(path: unknown): void {
    const place = files.place(files.path(path), false, "unlink");
    const { node, name, parent } = place;
    if (parent !== undefined && parent.kind !== "folder") {
      throw spokenError("ENOTDIR", "unlink", "Parent path is not a directory");
    }
    if (node === undefined) throw spokenError("ENOENT", "unlink", "File not found", name);
    const holder = files.folderOf(place, "unlink", name);
    if (node.kind === "folder") throw spokenError("EISDIR", "unlink", "Cannot unlink a directory");
    holder.entries.delete(name);
  }

  function renameSync(from: unknown, to: unknown): void {
    const source = files.path(from);
    const target = files.path(to);
    const old = files.place(source, false, "rename");
    if (old.node === undefined) throw fsError("ENOENT", "rename", source.text);
    const { node } = old;
    const holder = files.folderOf(old, "rename", source.text);
    const place = files.place(target, false, "rename");
    const parent = files.folderOf(place, "rename", place.name);
    if (place.node === node) return;
    if (place.node?.kind === "folder") {
      if (node.kind !== "folder") throw fsError("EISDIR", "rename");
      if (place.node.entries.size > 0) throw fsError("ENOTEMPTY", "rename");
    } else if (place.node !== undefined && node.kind === "folder") {
      throw fsError("ENOTDIR", "rename");
    }
    const isInside = source.segments.every((segment, at) => target.segments[at] === segment);
    if (node.kind === "folder" && isInside) throw fsError("EINVAL", "rename");
    holder.entries.delete(old.name);
    parent.entries.set(place.name, node);
  }

  /** Names; with `recursive`, paths below `path`. */
  function readdirSync(path: unknown, given?: unknown): (string | Buffer | Dirent)[] {
    const options = optionsOf(given);
    const encoding = encodingOf(options);
    const withTypes = checkBoolean("withFileTypes", options.withFileTypes);
    const isRecursive = checkBoolean("recursive", options.recursive);
    const target = files.path(path);
    const shown = (name: string): string | Buffer =>
      encoding === "buffer" ? Buffer.from(name) : name;
    const list: (string | Buffer | Dirent)[] = [];
    const visit = (at: FolderNode, parent: string, prefix: string): void => {
      for (const [name, node] of at.entries) {
        list.push(
          withTypes ? new Dirent(shown(name), parent, node.kind) : shown(`${prefix}${name}`),
        );
        if (isRecursive && node.kind === "folder") {
          visit(node, `${parent === "/" ? "" : parent}/${name}`, `${prefix}${name}/`);
        }
      }
    };
    visit(folderAt(target), withoutEnd(target), "");
    return list;
  }

  /** A link to a folder is no folder here, as in production. */
  function folderAt(target: Path): FolderNode {
    const node = files.node(target, false, "readdir");
    if (node.kind === "link") throw fsError("EINVAL", "readdir", target.text);
    if (node.kind !== "folder") throw fsError("ENOTDIR", "readdir", target.text);
    return node;
  }

  function opendirSync(path: unknown, given?: unknown): Dir {
    const options = optionsOf(given);
    encodingOf(options);
    const target = files.path(path);
    const entries = readdirSync(path, { ...options, withFileTypes: true }) as Dirent[];
    return new Dir(withoutEnd(target), entries);
  }

  function globSync(pattern: unknown, given?: unknown): (string | Dirent)[] {
    const { cwd, exclude, withFileTypes } = optionsOf(given);
    const start = cwd === undefined ? files.path(files.cwd) : files.path(cwd);
    const { node } = files.place(start, true, "readdir");
    if (node?.kind !== "folder") return [];
    return globPaths(node, withoutEnd(start), { pattern, exclude, withFileTypes });
  }

  return {
    globSync,
    mkdirSync,
    mkdtempSync,
    opendirSync,
    readdirSync,
    renameSync,
    rmSync,
    rmdirSync,
    unlinkSync,
  };
}

function withoutEnd({ segments }: Path): string {
  return `/${segments.join("/")}`;
}
