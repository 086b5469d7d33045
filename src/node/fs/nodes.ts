/** What the tree of `node:fs` consists of (spec/node.md 5.1). In memory; names belong to the folders. */

/** Milliseconds since 1970, as `utimes` set it; 0 until then. */
interface Dated {
  mtime: number;
}

export interface FolderNode extends Dated {
  readonly kind: "folder";
  readonly isWritable: boolean;
  readonly entries: Map<string, FsNode>;
}

export interface LinkNode extends Dated {
  readonly kind: "link";
  /** Absolute. */
  readonly target: string;
}

export interface DeviceNode extends Dated {
  readonly kind: "device";
  readonly name: "null" | "zero" | "full" | "random";
}

/** 0 to 2: the streams of `process`. */
export interface StandardNode extends Dated {
  readonly kind: "standard";
  readonly fd: number;
}

export type FsNode = FileNode | FolderNode | LinkNode | DeviceNode;

export function folder(isWritable: boolean, entries: Iterable<[string, FsNode]> = []): FolderNode {
  return { kind: "folder", isWritable, entries: new Map(entries), mtime: 0 };
}

const MAX_BYTES = 2 ** 32;

/** Bytes that grow; its names are in folders, so that links share it and open files outlive them. */
export class FileNode implements Dated {
  readonly kind = "file";
  readonly isWritable: boolean;
  mtime = 0;
  #bytes: Uint8Array;
  #size: number;
  #make: (() => Uint8Array) | undefined;

  /** `make`: the contents of a file of the bundle, encoded when somebody asks. */
  constructor(isWritable: boolean, make?: () => Uint8Array) {
    this.isWritable = isWritable;
    this.#bytes = new Uint8Array(0);
    this.#size = 0;
    this.#make = make;
  }

  get size(): number {
    return this.#contents().byteLength;
  }

  /** A copy of bytes `from` to `to`. */
  slice(from = 0, to?: number): Buffer {
    return Buffer.from(this.#contents().subarray(from, to));
  }

  /** Copies from `position` on; gives how many bytes. */
  read(position: number, into: Uint8Array): number {
    const contents = this.#contents().subarray(position, position + into.byteLength);
    into.set(contents);
    return contents.byteLength;
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.byteLength;
    this.#reserve(end);
    if (end > this.#size) {
      this.#bytes.fill(0, this.#size, position);
      this.#size = end;
    }
    this.#bytes.set(bytes, position);
  }

  /** Takes `bytes` as all that there is; the caller keeps them no longer. */
  replace(bytes: Uint8Array): void {
    this.#make = undefined;
    this.#bytes = bytes;
    this.#size = bytes.byteLength;
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size > this.#size) this.#bytes.fill(0, this.#size, size);
    this.#size = size;
  }

  #contents(): Uint8Array {
    if (this.#make !== undefined) this.replace(this.#make());
    return this.#bytes.subarray(0, this.#size);
  }

  #reserve(size: number): void {
    this.#contents();
    if (size > MAX_BYTES) throw new RangeError("Array buffer allocation failed");
    if (size <= this.#bytes.byteLength) return;
    const grown = new Uint8Array(Math.max(size, this.#bytes.byteLength * 2, 64));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}
