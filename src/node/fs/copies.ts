/** `copyFile` and `cp` of `node:fs`. Synchronous (spec/node.md 5.2). */
import { nodeError } from "../errors.ts";
import { checkBoolean, integerOf, optionsOf } from "./arguments.ts";
import { constants } from "./constants.ts";
import type { Operations } from "./contents.ts";
import { fsError, spokenError, unsupported } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { FileNode, type FolderNode, type FsNode, folder } from "./nodes.ts";

interface CopyRules {
  readonly isRecursive: boolean;
  readonly dereference: boolean;
  readonly force: boolean;
  readonly errorOnExist: boolean;
}

export function copyOperations(files: FileSystem): Operations {
  function copyFileSync(from: unknown, to: unknown, mode: unknown = 0): void {
    const flags = integerOf("mode", mode ?? 0, 7);
    if ((flags & constants.COPYFILE_FICLONE_FORCE) !== 0) throw unsupported();
    const source = files.path(from);
    const target = files.path(to);
    const node = files.node(source, true, "copy");
    if (node.kind === "folder") throw fsError("EISDIR", "copy");
    const place = files.place(target, true, "copy");
    if ((flags & constants.COPYFILE_EXCL) !== 0 && place.node !== undefined) {
      throw fsError("EEXIST", "copyFile", target.text);
    }
    if (place.node?.kind === "folder") throw fsError("EISDIR", "copy");
    files.folderOf(place, "copy", place.name).entries.set(place.name, copyOfFile(node));
  }

  function cpSync(from: unknown, to: unknown, given?: unknown): void {
    const options = optionsOf(given);
    if (options.filter !== undefined) throw unsupported();
    const rules = {
      isRecursive: checkBoolean("recursive", options.recursive),
      dereference: checkBoolean("dereference", options.dereference),
      force: options.force !== false,
      errorOnExist: checkBoolean("errorOnExist", options.errorOnExist),
    };
    const source = files.path(from);
    const target = files.path(to);
    if (source.text === target.text) {
      throw new Error("Source and destination paths must not be the same");
    }
    const node = files.node(source, rules.dereference, "cp");
    if (node.kind === "folder") {
      const code = "ERR_FS_EISDIR";
      if (!rules.isRecursive) throw nodeError(Error, code, "Expected a file but found a directory");
      if (source.segments.every((segment, at) => target.segments[at] === segment)) {
        const message = `Cannot copy '${source.text}' to a subdirectory of itself, '${target.text}'`;
        throw nodeError(Error, "ERR_FS_CP_EINVAL", message);
      }
    }
    const name = target.segments.at(-1);
    if (name === undefined) throw fsError("EPERM", "cp");
    copyInto(folderFor(target.segments.slice(0, -1)), name, node, rules);
  }

  /** Made where it is missing. */
  function folderFor(segments: readonly string[]): FolderNode {
    let at: FolderNode | undefined;
    for (let count = 0; count <= segments.length; count += 1) {
      const path = { text: "", segments: segments.slice(0, count) };
      const place = files.place(path, true, "cp");
      let node: FsNode | undefined = place.node;
      if (node === undefined) {
        node = folder(true);
        files.folderOf(place, "cp", place.name).entries.set(place.name, node);
      }
      if (node.kind !== "folder") throw fsError("ENOTDIR", "cp");
      at = node;
    }
    return at as FolderNode;
  }

  function copyInto(parent: FolderNode, name: string, node: FsNode, rules: CopyRules): void {
    const found = parent.entries.get(name);
    if (node.kind === "folder") {
      if (found !== undefined && found.kind !== "folder") {
        const message = "Cannot copy directory to non-directory";
        throw nodeError(Error, "ERR_FS_CP_DIR_TO_NON_DIR", message);
      }
      if (found === undefined) assertWritable(parent);
      const into = found ?? folder(true);
      parent.entries.set(name, into);
      for (const [inner, child] of node.entries) copyInto(into, inner, child, rules);
      return;
    }
    if (found?.kind === "folder") {
      const message = "Cannot copy non-directory to directory";
      throw nodeError(Error, "ERR_FS_CP_NON_DIR_TO_DIR", message);
    }
    assertWritable(parent);
    if (found !== undefined && !rules.force) {
      if (!rules.errorOnExist) return;
      throw spokenError("EEXIST", "cp", `Destination already exists: ${name}`);
    }
    parent.entries.set(name, node.kind === "link" ? { ...node } : copyOfFile(node));
  }

  return { copyFileSync, cpSync };
}

function assertWritable(parent: FolderNode): void {
  if (!parent.isWritable) throw fsError("EPERM", "cp");
}

/** Of a device: an empty file. */
function copyOfFile(node: FsNode): FileNode {
  const copy = new FileNode(true);
  if (node.kind === "file") copy.replace(node.slice());
  return copy;
}
