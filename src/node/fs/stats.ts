/** `fs.Stats` and `statfs` (spec/node.md 5.1): fixed numbers but for kind, size and mtime. */
import type { FsNode, StandardNode } from "./nodes.ts";

const FORMAT = {
  file: 0o100000,
  folder: 0o040000,
  link: 0o120000,
  device: 0o020000,
  standard: 0o020000,
} as const;
type Kind = keyof typeof FORMAT;
type Numbers = Readonly<Record<string, number>>;

const FORMAT_BITS = 0o170000;
const FIFO = 0o010000;
const SOCKET = 0o140000;
const BLOCK = 0o060000;

/** Whoever has it may construct. */
const key = Symbol("Stats");

export class Stats {
  declare readonly mode: number | bigint;
  declare readonly size: number | bigint;
  declare readonly mtimeMs: number | bigint;

  constructor(token?: unknown, numbers?: Numbers, isBig?: boolean) {
    if (token !== key || numbers === undefined) throw new TypeError("Illegal constructor");
    const show = (value: number): number | bigint => (isBig ? BigInt(Math.trunc(value)) : value);
    for (const [name, value] of Object.entries(numbers)) Reflect.set(this, name, show(value));
    for (const name of TIMES) {
      const ns = BigInt(Math.trunc(numbers[`${name}Ms`] as number)) * 1_000_000n;
      Reflect.set(this, `${name}Ns`, isBig ? ns : undefined);
    }
    for (const name of TIMES) Reflect.set(this, name, new Date(numbers[`${name}Ms`] as number));
  }

  isBlockDevice(): boolean {
    return is(this, BLOCK);
  }
  isCharacterDevice(): boolean {
    return is(this, FORMAT.device);
  }
  isDirectory(): boolean {
    return is(this, FORMAT.folder);
  }
  isFIFO(): boolean {
    return is(this, FIFO);
  }
  isFile(): boolean {
    return is(this, FORMAT.file);
  }
  isSocket(): boolean {
    return is(this, SOCKET);
  }
  isSymbolicLink(): boolean {
    return is(this, FORMAT.link);
  }
}

const TIMES = ["atime", "mtime", "ctime", "birthtime"] as const;

function is(stats: Stats, format: number): boolean {
  return (Number(stats.mode) & FORMAT_BITS) === format;
}

export function statsOf(node: FsNode | StandardNode, isBig: boolean): Stats {
  const numbers = {
    dev: node.kind === "device" ? 1 : 0,
    ino: 0,
    mode: FORMAT[node.kind as Kind] | (canWrite(node) ? 0o666 : 0o444),
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size: node.kind === "file" ? node.size : 0,
    blksize: 0,
    blocks: 0,
    atimeMs: 0,
    mtimeMs: node.mtime,
    ctimeMs: node.mtime,
    birthtimeMs: 0,
  };
  return new Stats(key, numbers, isBig);
}

export function canWrite(node: FsNode | StandardNode): boolean {
  if (node.kind === "file" || node.kind === "folder") return node.isWritable;
  return node.kind !== "link";
}

const FILE_SYSTEM = ["type", "bsize", "blocks", "bfree", "bavail", "files", "ffree"];

export function statfsResult(isBig: boolean): Record<string, number | bigint> {
  return Object.fromEntries(FILE_SYSTEM.map((name) => [name, isBig ? 0n : 0]));
}
