/**
 * Operations of `node:fs` that ask what is there. Modes and owners are checked and fixed; `utimes`
 * sets one time, mtime (spec/node.md 5.1). Synchronous.
 */
import { invalidType, nodeError } from "../errors.ts";
import { checkBoolean, checkMode, descriptorOf, integerOf, optionsOf } from "./arguments.ts";
import { constants } from "./constants.ts";
import type { Operations } from "./contents.ts";
import { fsError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";
import { canWrite, type Stats, statfsResult, statsOf } from "./stats.ts";

export function metadataOperations(files: FileSystem): Operations {
  function stat(path: unknown, given: unknown, follow: boolean, syscall: string) {
    const options = optionsOf(given);
    const isBig = checkBoolean("bigint", options.bigint);
    const mayMiss = options.throwIfNoEntry === false;
    const target = files.path(path);
    const { node } = files.place(target, follow, syscall);
    if (node !== undefined) return statsOf(node, isBig);
    if (mayMiss) return undefined;
    throw fsError("ENOENT", syscall, target.text);
  }

  function statSync(path: unknown, options?: unknown): Stats | undefined {
    return typeof path === "number" ? fstatSync(path, options) : stat(path, options, true, "stat");
  }

  function lstatSync(path: unknown, options?: unknown): Stats | undefined {
    return typeof path === "number"
      ? fstatSync(path, options)
      : stat(path, options, false, "lstat");
  }

  function fstatSync(fd: unknown, given?: unknown): Stats {
    const { node } = files.descriptors.get(descriptorOf(fd), "fstat");
    return statsOf(node, checkBoolean("bigint", optionsOf(given).bigint));
  }

  function existsSync(path: unknown): boolean {
    try {
      return files.place(files.path(path), true, "access").node !== undefined;
    } catch {
      return false;
    }
  }

  /** Production has one answer for what is missing and for what is not permitted. */
  function accessSync(path: unknown, mode: unknown = constants.F_OK): void {
    const wanted = integerOf("mode", mode ?? constants.F_OK, 7);
    const target = files.path(path);
    const { node } = files.place(target, true, "access");
    const isRefused =
      node === undefined ||
      (wanted & constants.X_OK) !== 0 ||
      ((wanted & constants.W_OK) !== 0 && !canWrite(node));
    if (isRefused) throw fsError("ENOENT", "access", target.text);
  }

  const change = (path: unknown, syscall: string): void => {
    if (typeof path === "number") files.descriptors.get(descriptorOf(path), "fstat");
    else files.node(files.path(path), true, syscall);
  };
  const chmod = (path: unknown, mode: unknown): void => {
    checkMode(mode);
    change(path, "chmod");
  };
  const chown = (path: unknown, uid: unknown, gid: unknown): void => {
    integerOf("uid", uid);
    integerOf("gid", gid);
    change(path, "chown");
  };

  function utimes(path: unknown, atime: unknown, mtime: unknown, follow: boolean): void {
    timeOf(atime);
    const time = timeOf(mtime);
    const node = files.node(files.path(path), follow, "utimes");
    if (node.kind !== "file" || node.isWritable) node.mtime = time;
  }

  function futimesSync(fd: unknown, atime: unknown, mtime: unknown): void {
    timeOf(atime);
    files.descriptors.get(descriptorOf(fd), "futimes").node.mtime = timeOf(mtime);
  }

  return {
    accessSync,
    chmodSync: (path: unknown, mode: unknown) => chmod(path, mode),
    chownSync: (path: unknown, uid: unknown, gid: unknown) => chown(path, uid, gid),
    existsSync,
    fchmodSync: (fd: unknown, mode: unknown) => chmod(descriptorOf(fd), mode),
    fchownSync: (fd: unknown, uid: unknown, gid: unknown) => chown(descriptorOf(fd), uid, gid),
    fstatSync,
    futimesSync,
    lchmodSync: (path: unknown, mode: unknown) => chmod(path, mode),
    lchownSync: (path: unknown, uid: unknown, gid: unknown) => chown(path, uid, gid),
    lstatSync,
    lutimesSync: (path: unknown, atime: unknown, mtime: unknown) =>
      utimes(path, atime, mtime, false),
    statSync,
    statfsSync: (path: unknown, given?: unknown) => {
      const isBig = checkBoolean("bigint", optionsOf(given).bigint);
      files.node(files.path(path), true, "statfs");
      return statfsResult(isBig);
    },
    utimesSync: (path: unknown, atime: unknown, mtime: unknown) => utimes(path, atime, mtime, true),
  };
}

/** Milliseconds; numbers are that already, unlike Node's. */
function timeOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string") return new Date(value).getTime();
  if (value instanceof Date) return value.getTime();
  const { message } = invalidType("time", "TYPES", value);
  const types = "one of type string, number, or bigint or an instance of Date";
  throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message.replace("TYPES", types));
}
