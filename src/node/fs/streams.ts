/**
 * `fs.ReadStream` and `fs.WriteStream` on the operations of this folder (spec/node.md 5.2). Direct
 * subclasses of Node's streams: Node's own file streams would lead to the host's files.
 */
import { finished, Readable, Writable } from "node:stream";
import { nodeError, received } from "../errors.ts";
import { outOfRange } from "./arguments.ts";
import type { Operations } from "./contents.ts";
import type { FileSystem } from "./file-system.ts";

type Done = (error?: Error | null) => void;
type Sync = Readonly<Record<string, (...args: unknown[]) => unknown>>;

interface StreamOptions {
  readonly [name: string]: unknown;
  readonly fd?: number | { readonly fd: number } | null;
  readonly flags?: string;
  readonly mode?: number;
  readonly start?: number;
  readonly end?: number;
  readonly autoClose?: boolean;
  readonly encoding?: BufferEncoding | null;
  readonly highWaterMark?: number;
  /** Of a FileHandle: closes it. */
  readonly onClose?: () => Promise<void>;
}

const CHUNK = 64 * 1024;
const MODE = 0o666;

export interface FileStreams {
  readonly ReadStream: new (path: unknown, options?: unknown) => Readable;
  readonly WriteStream: new (path: unknown, options?: unknown) => Writable;
}

export function fileStreams(files: FileSystem, operations: Operations): FileStreams {
  const sync = operations as unknown as Sync;

  /** What both have in common: opening, closing and their fields. */
  function close(stream: Owner, error: Error | null, done: Done): void {
    const { fd, onClose } = stream;
    stream.fd = null;
    if (fd === null || !stream.autoClose) {
      done(error);
      return;
    }
    if (onClose !== undefined) {
      onClose().then(
        () => done(error),
        (failed) => done(error ?? failed),
      );
      return;
    }
    sync.closeSync?.(fd);
    done(error);
  }

  function open(stream: Owner & (Readable | Writable), done: Done): void {
    if (stream.fd !== null) {
      done();
      return;
    }
    try {
      stream.fd = sync.openSync?.(stream.path, stream.flags, stream.mode) as number;
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
    stream.emit("open", stream.fd);
    stream.emit("ready");
  }

  class ReadStream extends Readable {
    readonly path: unknown;
    fd: number | null;
    readonly flags: string;
    readonly mode: number;
    readonly start: number | undefined;
    readonly end: number;
    pos: number | undefined;
    bytesRead = 0;
    autoClose: boolean;
    onClose: (() => Promise<void>) | undefined;

    constructor(path: unknown, given?: unknown) {
      const options = streamOptions(given);
      const { start, end = Number.POSITIVE_INFINITY } = options;
      checkPosition("start", start);
      checkPosition("end", end);
      if (start !== undefined && start > end) {
        throw outOfRange("start", `<= "end" (here: ${end})`, start);
      }
      super({
        highWaterMark: options.highWaterMark ?? CHUNK,
        ...(options.encoding && { encoding: options.encoding }),
        autoDestroy: options.autoClose !== false,
        emitClose: options.emitClose !== false,
      });
      this.path = options.fd == null ? shownPath(files, path) : path;
      this.fd = fdOf(options);
      this.flags = options.flags ?? "r";
      this.mode = options.mode ?? MODE;
      this.start = start;
      this.end = end;
      this.pos = start;
      this.autoClose = options.autoClose !== false;
      this.onClose = options.onClose;
    }

    get pending(): boolean {
      return this.fd === null;
    }

    close(callback?: Done): void {
      if (callback !== undefined) finished(this, callback);
      this.destroy();
    }

    override _construct(done: Done): void {
      open(this, done);
    }

    override _read(size: number): void {
      const left = this.end - (this.start ?? 0) - this.bytesRead + 1;
      const length = Math.min(size, left);
      if (length <= 0 || this.fd === null) {
        this.push(null);
        return;
      }
      // Later, as with a disk: each chunk is told of on its own.
      queueMicrotask(() => this.#readChunk(length));
    }

    #readChunk(length: number): void {
      if (this.destroyed || this.fd === null) return;
      const buffer = Buffer.alloc(length);
      let count: number;
      try {
        count = sync.readSync?.(this.fd, buffer, 0, length, this.pos) as number;
      } catch (error) {
        this.destroy(error as Error);
        return;
      }
      if (this.pos !== undefined) this.pos += count;
      this.bytesRead += count;
      this.push(count === 0 ? null : buffer.subarray(0, count));
    }

    override _destroy(error: Error | null, done: Done): void {
      close(this, error, done);
    }
  }

  class WriteStream extends Writable {
    readonly path: unknown;
    fd: number | null;
    readonly flags: string;
    readonly mode: number;
    readonly start: number | undefined;
    pos: number | undefined;
    bytesWritten = 0;
    autoClose: boolean;
    onClose: (() => Promise<void>) | undefined;

    constructor(path: unknown, given?: unknown) {
      const options = streamOptions(given);
      checkPosition("start", options.start);
      super({
        decodeStrings: true,
        ...(options.highWaterMark !== undefined && { highWaterMark: options.highWaterMark }),
        ...(options.encoding && { defaultEncoding: options.encoding }),
        autoDestroy: options.autoClose !== false,
        emitClose: options.emitClose !== false,
      });
      this.path = options.fd == null ? shownPath(files, path) : path;
      this.fd = fdOf(options);
      this.flags = options.flags ?? "w";
      this.mode = options.mode ?? MODE;
      this.start = options.start;
      this.pos = options.start;
      this.autoClose = options.autoClose !== false;
      this.onClose = options.onClose;
    }

    get pending(): boolean {
      return this.fd === null;
    }

    close(callback?: Done): void {
      if (callback !== undefined) {
        if (this.closed) {
          queueMicrotask(callback);
          return;
        }
        this.on("close", callback);
      }
      this.end();
    }

    destroySoon(): void {
      this.end();
    }

    override _construct(done: Done): void {
      open(this, done);
    }

    override _write(chunk: Buffer, _encoding: string, done: Done): void {
      try {
        const count = sync.writeSync?.(this.fd, chunk, 0, chunk.byteLength, this.pos) as number;
        this.bytesWritten += count;
        if (this.pos !== undefined) this.pos += count;
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    }

    override _destroy(error: Error | null, done: Done): void {
      close(this, error, done);
    }
  }

  // The build may have renamed them.
  for (const [name, cls] of Object.entries({ ReadStream, WriteStream })) {
    Object.defineProperty(cls, "name", { value: name, configurable: true });
  }
  return { ReadStream, WriteStream };
}

interface Owner {
  readonly path: unknown;
  readonly flags: string;
  readonly mode: number;
  readonly autoClose: boolean;
  readonly onClose: (() => Promise<void>) | undefined;
  fd: number | null;
}

function streamOptions(given: unknown): StreamOptions {
  if (given === undefined || given === null) return {};
  return typeof given === "string"
    ? { encoding: given as BufferEncoding }
    : (given as StreamOptions);
}

/** As it was given; throws if it is none. */
function shownPath(files: FileSystem, path: unknown): unknown {
  files.path(path);
  return path;
}

function fdOf({ fd }: StreamOptions): number | null {
  if (fd === undefined || fd === null) return null;
  return typeof fd === "number" ? fd : fd.fd;
}

function checkPosition(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== "number") {
    const message = `The "options.${name}" property must be of type number. Received ${received(value)}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", message);
  }
  if (value < 0 || Number.isNaN(value)) throw outOfRange(name, ">= 0", value);
}
