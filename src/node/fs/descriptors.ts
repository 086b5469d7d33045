/**
 * Open files. They belong to the isolate and keep their file alive: what one request has opened,
 * the next may read. Numbers go up and are never used again (spec/node.md 5.1).
 */
import type { OpenFlags } from "./arguments.ts";
import { fsError } from "./errors.ts";
import type { FsNode, StandardNode } from "./nodes.ts";

export interface Descriptor {
  readonly node: FsNode | StandardNode;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly appends: boolean;
  position: number;
}

const FIRST = 3;

export class Descriptors {
  readonly #open: Map<number, Descriptor> = new Map();
  #next = FIRST;

  constructor() {
    for (let fd = 0; fd < FIRST; fd += 1) {
      this.#open.set(fd, {
        node: { kind: "standard", fd, mtime: 0 },
        isReadable: fd === 0,
        isWritable: fd !== 0,
        appends: false,
        position: 0,
      });
    }
  }

  open(node: FsNode, { isReadable, isWritable, appends }: OpenFlags): number {
    const fd = this.#next;
    this.#next += 1;
    this.#open.set(fd, { node, isReadable, isWritable, appends, position: 0 });
    return fd;
  }

  /** Throws EBADF with the name of the operation. */
  get(fd: number, syscall: string): Descriptor {
    const found = this.#open.get(fd);
    if (found === undefined) throw fsError("EBADF", syscall);
    return found;
  }

  /** Nothing happens to one that is not open, nor to the standard ones. */
  close(fd: number): void {
    if (fd >= FIRST) this.#open.delete(fd);
  }
}
