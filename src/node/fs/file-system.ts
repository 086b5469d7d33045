/**
 * The file system of one isolate: the trees of its invocations, open files and the working folder.
 * Operations (contents.ts, folders.ts, links.ts, metadata.ts, copies.ts) stand on it. Nothing of it
 * is on a disk. Thread: the Worker's; made with the first use of `node:fs` or `process.chdir`.
 */
import type { Bundle } from "../../protocol/bundle.ts";
import { bundleFolder } from "./bundle-folder.ts";
import { Descriptors } from "./descriptors.ts";
import { fsError } from "./errors.ts";
import { FileNode, type FolderNode, type FsNode } from "./nodes.ts";
import { type Path, parsePath } from "./paths.ts";
import { FileTree, type Place } from "./tree.ts";

export interface FileSystemOptions {
  readonly bundle: Bundle;
  /** What is written to descriptors 1 and 2. */
  readonly writeStandard: (fd: number, bytes: Uint8Array) => void;
}

export class FileSystem {
  readonly descriptors: Descriptors = new Descriptors();
  readonly writeStandard: (fd: number, bytes: Uint8Array) => void;
  readonly #tree: FileTree;
  #cwd = "/bundle";

  constructor({ bundle, writeStandard }: FileSystemOptions) {
    this.#tree = new FileTree(bundleFolder(bundle));
    this.writeStandard = writeStandard;
  }

  /** `process.cwd()`, of the isolate. */
  get cwd(): string {
    return this.#cwd;
  }

  /** `process.chdir()`; error paths have no slash in front, as production's. */
  chdir(directory: string): void {
    if (directory === "") throw fsError("ENOENT", "chdir");
    const path = this.path(directory);
    const shown = path.segments.join("/");
    const { node } = this.place(path, true, "chdir");
    if (node === undefined) throw fsError("ENOENT", "chdir", shown);
    if (node.kind !== "folder") throw fsError("ENOTDIR", "chdir", shown);
    this.#cwd = `/${shown}`;
  }

  path(value: unknown): Path {
    return parsePath(value, this.#cwd);
  }

  place(path: Path, follow: boolean, syscall: string): Place {
    return this.#tree.locate(path.segments, follow, syscall);
  }

  /** What is at the path; throws ENOENT with it. */
  node(path: Path, follow: boolean, syscall: string): FsNode {
    const { node } = this.place(path, follow, syscall);
    if (node === undefined) throw fsError("ENOENT", syscall, path.text);
    return node;
  }

  /** The file at the path, made if it is missing. `shown`: the path of the errors that have one. */
  writableFile(path: Path, syscall: string, shown?: string): FsNode {
    const place = this.place(path, true, syscall);
    if (place.node === undefined) {
      const parent = this.folderOf(place, syscall, path.text, shown);
      const file = new FileNode(true);
      parent.entries.set(place.name, file);
      return file;
    }
    if (place.node.kind === "folder") throw fsError("EISDIR", syscall, shown);
    if (place.node.kind === "file" && !place.node.isWritable) {
      throw fsError("EPERM", syscall, shown);
    }
    return place.node;
  }

  /** The folder in which something may be made. `missing`: path of ENOENT, `shown`: of the others. */
  folderOf({ parent }: Place, syscall: string, missing: string, shown?: string): FolderNode {
    if (parent === undefined) throw fsError("ENOENT", syscall, missing);
    if (parent.kind !== "folder") throw fsError("ENOTDIR", syscall, shown);
    if (!parent.isWritable) throw fsError("EPERM", syscall, shown);
    return parent;
  }

  /** For mkdtemp: a number that this /tmp has not had. */
  nextTemporary(): number {
    return this.#tree.nextTemporary();
  }
}
