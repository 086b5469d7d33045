/** Operations of `node:fs` on open files: bytes from and to a position. Synchronous. */
import { currentInvocation } from "../../isolate/invocation.ts";
import { nodeError } from "../errors.ts";
import { descriptorOf, integerOf, outOfRange, targetOf, viewOf } from "./arguments.ts";
import { assertDeviceTakes, type Operations } from "./contents.ts";
import type { Descriptor } from "./descriptors.ts";
import { fsError } from "./errors.ts";
import type { FileSystem } from "./file-system.ts";

interface Span {
  readonly offset?: unknown;
  readonly length?: unknown;
  readonly position?: unknown;
}

type RandomFill = (view: Uint8Array) => unknown;

export function transferOperations(files: FileSystem, random: RandomFill): Operations {
  function readSync(fd: unknown, buffer: unknown, ...rest: unknown[]): number {
    const open = files.descriptors.get(descriptorOf(fd), "read");
    const target = targetOf(buffer);
    const { offset, length, position } = spanOf(rest);
    const from = offset === undefined || offset === null ? 0 : integerOf("offset", offset);
    const room = target.byteLength - from;
    const count = length === undefined || length === null ? room : integerOf("length", length);
    if (count > room) throw outOfRange("length", `<= ${room}`, count);
    if (!open.isReadable) throw fsError("EBADF", "read");
    return readInto(open, target.subarray(from, from + count), positionOf(position));
  }

  function readInto(open: Descriptor, into: Uint8Array, position: number | undefined): number {
    const { node } = open;
    if (node.kind === "folder") throw fsError("EISDIR", "read");
    if (node.kind === "device") return readDevice(node.name, into);
    if (node.kind !== "file") return 0;
    const count = node.read(position ?? open.position, into);
    if (position === undefined) open.position += count;
    return count;
  }

  function readDevice(name: string, into: Uint8Array): number {
    if (name === "null") return 0;
    if (name !== "random") into.fill(0);
    // Nothing random at module scope.
    else if (currentInvocation() === undefined) return 0;
    else random(into);
    return into.byteLength;
  }

  function writeSync(fd: unknown, data: unknown, ...rest: unknown[]): number {
    const open = files.descriptors.get(descriptorOf(fd), "write");
    if (typeof data === "string") {
      const [position, encoding] = rest;
      const bytes = Buffer.from(data, encoding as BufferEncoding | undefined);
      return writeFrom(open, bytes, positionOf(position));
    }
    const source = viewOf(data, "buffer");
    const { offset, length, position } = spanOf(rest);
    const from = offset === undefined || offset === null ? 0 : integerOf("offset", offset);
    if (from > source.byteLength) {
      const message = '"offset" is outside of buffer bounds';
      throw nodeError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", message);
    }
    const room = source.byteLength - from;
    const count = length === undefined || length === null ? room : integerOf("length", length);
    if (count > room) throw outOfRange("length", `<= ${room}`, count);
    return writeFrom(open, source.subarray(from, from + count), positionOf(position));
  }

  function writeFrom(open: Descriptor, bytes: Uint8Array, position: number | undefined): number {
    if (!open.isWritable) throw fsError("EBADF", "write");
    const { node } = open;
    if (node.kind === "folder") throw fsError("EISDIR", "write");
    if (node.kind === "standard") files.writeStandard(node.fd, bytes);
    else if (node.kind === "file") {
      const at = open.appends ? node.size : (position ?? open.position);
      node.write(at, bytes);
      if (position === undefined) open.position = at + bytes.byteLength;
    } else assertDeviceTakes(node, "write");
    return bytes.byteLength;
  }

  function readvSync(fd: unknown, buffers: readonly unknown[], position?: unknown): number {
    const open = files.descriptors.get(descriptorOf(fd), "read");
    if (!open.isReadable) throw fsError("EBADF", "read");
    return each(buffers.map(targetOf), position, (view, at) => readInto(open, view, at));
  }

  function writevSync(fd: unknown, buffers: readonly unknown[], position?: unknown): number {
    const open = files.descriptors.get(descriptorOf(fd), "write");
    const views = buffers.map((buffer) => viewOf(buffer, "buffers"));
    return each(views, position, (view, at) => writeFrom(open, view, at));
  }

  return { readSync, readvSync, writeSync, writevSync };
}

function each(
  views: readonly Uint8Array[],
  position: unknown,
  move: (view: Uint8Array, at: number | undefined) => number,
): number {
  const start = positionOf(position);
  let total = 0;
  for (const view of views) {
    const count = move(view, start === undefined ? undefined : start + total);
    total += count;
    if (count < view.byteLength) break;
  }
  return total;
}

/** `offset, length, position`, or an object with them. */
function spanOf(rest: readonly unknown[]): Span {
  const [first, length, position] = rest;
  if (typeof first === "object" && first !== null) return first as Span;
  return { offset: first, length, position };
}

/** Undefined: where the file stands. */
function positionOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const position = typeof value === "bigint" ? Number(value) : value;
  if (position === -1) return undefined;
  return typeof position === "number" && position >= 0 ? position : undefined;
}
