/** `FileHandle` of `fs/promises` (spec/node.md 5.2): an open file, on the synchronous operations. */
import { EventEmitter } from "node:events";
import type { Operations } from "./contents.ts";
import { spokenError } from "./errors.ts";
import type { FileStreams } from "./streams.ts";

type Sync = Readonly<Record<string, (...args: unknown[]) => unknown>>;
type WebStreamClass = new (source: object) => object;

export interface FileHandleOptions {
  readonly sync: Operations;
  readonly streams: FileStreams;
}

const READ_BUFFER = 16_384;
const CHUNK = 64 * 1024;

export type FileHandleClass = new (fd: number) => object;

export function fileHandleClass({ sync: operations, streams }: FileHandleOptions): FileHandleClass {
  const sync = operations as unknown as Sync;

  class FileHandle extends EventEmitter {
    #fd: number | undefined;

    constructor(fd: number) {
      super();
      if (typeof fd !== "number") throw new TypeError("Illegal constructor");
      this.#fd = fd;
    }

    get fd(): number | undefined {
      return this.#fd;
    }

    async read(given?: unknown, ...rest: unknown[]): Promise<object> {
      const isView = ArrayBuffer.isView(given);
      const options = isView ? undefined : (given as { readonly buffer?: unknown } | undefined);
      const buffer = isView ? given : (options?.buffer ?? Buffer.alloc(READ_BUFFER));
      const bytesRead = this.#run("readSync", buffer, ...(isView ? rest : [options]));
      return { bytesRead, buffer };
    }

    async write(data: unknown, ...rest: unknown[]): Promise<object> {
      const bytesWritten = this.#run("writeSync", data, ...rest);
      const buffer = typeof data === "string" ? Buffer.from(data) : data;
      return { bytesWritten, buffer };
    }

    async readv(buffers: unknown, position?: unknown): Promise<object> {
      return { bytesRead: this.#run("readvSync", buffers, position), buffers };
    }

    async writev(buffers: unknown, position?: unknown): Promise<object> {
      return { bytesWritten: this.#run("writevSync", buffers, position), buffers };
    }

    async readFile(options?: unknown): Promise<unknown> {
      return this.#run("readFileSync", options);
    }

    async writeFile(data: unknown, options?: unknown): Promise<object> {
      const bytesWritten = this.#run("writeFileSync", data, options);
      return { bytesWritten, buffer: typeof data === "string" ? Buffer.from(data) : data };
    }

    async appendFile(data: unknown, options?: unknown): Promise<void> {
      this.#run("appendFileSync", data, options);
    }

    async stat(options?: unknown): Promise<unknown> {
      return this.#run("fstatSync", options);
    }

    async truncate(length?: number): Promise<void> {
      this.#run("ftruncateSync", length);
    }

    async utimes(atime: unknown, mtime: unknown): Promise<void> {
      this.#run("futimesSync", atime, mtime);
    }

    async chmod(mode: unknown): Promise<void> {
      this.#run("fchmodSync", mode);
    }

    async chown(uid: unknown, gid: unknown): Promise<void> {
      this.#run("fchownSync", uid, gid);
    }

    async sync(): Promise<void> {
      this.#run("fsyncSync");
    }

    async datasync(): Promise<void> {
      this.#run("fdatasyncSync");
    }

    createReadStream(options: object = {}): object {
      const fd = this.#open();
      const onClose = (): Promise<void> => this.close();
      return new streams.ReadStream(undefined, { ...options, fd, onClose });
    }

    createWriteStream(options: object = {}): object {
      const fd = this.#open();
      const onClose = (): Promise<void> => this.close();
      return new streams.WriteStream(undefined, { ...options, fd, onClose });
    }

    /** Of the Worker's own class. */
    readableWebStream(): object {
      const fd = this.#open();
      const ReadableStream = Reflect.get(globalThis, "ReadableStream") as WebStreamClass;
      return new ReadableStream({
        type: "bytes",
        pull(controller: { enqueue(chunk: Uint8Array): void; close(): void }) {
          const buffer = Buffer.alloc(CHUNK);
          const count = sync.readSync?.(fd, buffer) as number;
          if (count === 0) controller.close();
          else controller.enqueue(new Uint8Array(buffer.subarray(0, count)));
        },
      });
    }

    readLines(): never {
      throw new Error("not implemented");
    }

    /** A second time does nothing. */
    async close(): Promise<void> {
      const fd = this.#fd;
      if (fd === undefined) return;
      this.#fd = undefined;
      sync.closeSync?.(fd);
      this.emit("close");
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await this.close();
    }

    #open(): number {
      if (this.#fd === undefined) throw spokenError("EBADF", "stat", "Bad file descriptor");
      return this.#fd;
    }

    #run(name: string, ...args: unknown[]): unknown {
      const fd = this.#open();
      return sync[name]?.(fd, ...args);
    }
  }
  return FileHandle;
}
