/** Operations of `node:fs` on whole files, and opening them. Synchronous (spec/node.md 5.2). */
import {
  bytesToWrite,
  checkMode,
  descriptorOf,
  encodingOf,
  flagsOf,
  integerOf,
  type OpenFlags,
  optionsOf,
} from "./arguments.ts";
import type { Descriptor } from "./descriptors.ts";
import { fsError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import type { FsNode } from "./nodes.ts";
import type { Path } from "./paths.ts";

export type Operations = Record<string, (...args: never[]) => unknown>;

export function contentOperations(files: FileSystem): Operations {
  function readFileSync(path: unknown, given?: unknown): string | Buffer {
    const options = optionsOf(given);
    const encoding = encodingOf(options);
    flagsOf(options.flag);
    const bytes = typeof path === "number" ? readOpen(path) : readPath(path);
    return encoding === undefined || encoding === "buffer" ? bytes : bytes.toString(encoding);
  }

  function readPath(given: unknown): Buffer {
    const node = files.node(files.path(given), true, "readAll");
    if (node.kind === "folder") throw fsError("EISDIR", "readAll");
    return node.kind === "file" ? node.slice() : Buffer.alloc(0);
  }

  function readOpen(fd: number): Buffer {
    const { node, isReadable } = files.descriptors.get(descriptorOf(fd), "fread");
    if (!isReadable) throw fsError("EBADF", "fread");
    if (node.kind === "folder") throw fsError("EISDIR", "fread");
    return node.kind === "file" ? node.slice() : Buffer.alloc(0);
  }

  /** The number of bytes. */
  function writeFileSync(path: unknown, data: unknown, given?: unknown): number {
    return write(path, data, given, "w");
  }

  function appendFileSync(path: unknown, data: unknown, given?: unknown): number {
    return write(path, data, given, "a");
  }

  function write(path: unknown, data: unknown, given: unknown, fallback: "w" | "a"): number {
    const options = optionsOf(given);
    const encoding = encodingOf(options);
    checkMode(options.mode, "options.mode");
    const flags = flagsOf(options.flag, fallback);
    const bytes = bytesToWrite(data, encoding);
    if (typeof path === "number") {
      const open = files.descriptors.get(descriptorOf(path), "fwrite");
      if (!open.isWritable) throw fsError("EBADF", "fwrite");
      if (fallback === "a") put(open.node, bytes, true, "fwrite");
      else replaceOpen(open, bytes);
      return bytes.byteLength;
    }
    const target = files.path(path);
    const { node } = files.place(target, true, "writeAll");
    if (node === undefined) assertCreatable(target);
    else if (flags.isExclusive) throw fsError("EEXIST", "writeAll");
    put(files.writableFile(target, "writeAll"), bytes, flags.appends, "writeAll");
    return bytes.byteLength;
  }

  /** Not below a name with a slash at its end, nor where a link to nothing is. */
  function assertCreatable(target: Path): void {
    if (target.text.endsWith("/")) throw fsError("ENOENT", "writeAll", target.text);
    const { node } = files.place(target, false, "writeAll");
    if (node !== undefined) throw fsError("EEXIST", "writeAll");
  }

  function replaceOpen(open: Descriptor, bytes: Buffer): void {
    put(open.node, bytes, false, "fwrite");
    open.position = bytes.byteLength;
  }

  function put(node: Descriptor["node"], bytes: Buffer, appends: boolean, syscall: string): void {
    if (node.kind === "file") {
      if (appends) node.write(node.size, bytes);
      else node.replace(bytes);
    } else if (node.kind === "standard") files.writeStandard(node.fd, bytes);
    else if (node.kind === "device") assertDeviceTakes(node, syscall);
    else throw fsError("EISDIR", syscall);
  }

  function openSync(path: unknown, flags?: unknown, mode?: unknown): number {
    const target = files.path(path);
    const parsed = flagsOf(flags);
    checkMode(mode);
    return files.descriptors.open(openNode(target.text, target, parsed), parsed);
  }

  function openNode(shown: string, target: Path, flags: OpenFlags): FsNode {
    const { node } = files.place(target, true, "open");
    if (node !== undefined && flags.creates && flags.isExclusive) {
      throw fsError("EEXIST", "open", shown);
    }
    if (node === undefined && !flags.creates) throw fsError("ENOENT", "open", shown);
    if (!flags.isWritable && node !== undefined) return node;
    const file = files.writableFile(target, "open", shown);
    if (file.kind === "file" && flags.truncates) file.truncate(0);
    return file;
  }

  function closeSync(fd: unknown): void {
    files.descriptors.close(descriptorOf(fd));
  }

  function truncateSync(path: unknown, length: unknown = 0): void {
    const size = integerOf("len", length ?? 0);
    if (typeof path === "number") {
      ftruncateSync(path, size);
      return;
    }
    const node = files.node(files.path(path), true, "ftruncate");
    truncate(node, size);
  }

  function ftruncateSync(fd: unknown, length: unknown = 0): void {
    const { node, isWritable } = files.descriptors.get(descriptorOf(fd), "ftruncate");
    const size = integerOf("len", length ?? 0);
    if (!isWritable) throw fsError("EINVAL", "ftruncate");
    truncate(node, size);
  }

  function syncNothing(fd: unknown): void {
    files.descriptors.get(descriptorOf(fd), "fstat");
  }

  return {
    appendFileSync,
    closeSync,
    fdatasyncSync: (fd: unknown) => syncNothing(fd),
    fsyncSync: (fd: unknown) => syncNothing(fd),
    ftruncateSync,
    openSync,
    readFileSync,
    truncateSync,
    writeFileSync,
  };
}

function truncate(node: Descriptor["node"], size: number): void {
  if (node.kind === "folder") throw fsError("EISDIR", "ftruncate");
  if (node.kind !== "file") return;
  if (!node.isWritable) throw fsError("EPERM", "ftruncate");
  node.truncate(size);
}

/** `/dev/null` and `/dev/zero` swallow what they are given. */
export function assertDeviceTakes(node: FsNode, syscall: string): void {
  if (node.kind !== "device" || node.name === "null" || node.name === "zero") return;
  throw fsError("EPERM", syscall);
}
