/**
 * Node's own pipe handles, below `node:net` (libuv's streams; no JavaScript of Node's around them).
 *
 * A Worker's thread may hold no `net.Socket`: its class opens any socket of the machine, and user
 * code of the same realm reaches it through setters on Object.prototype, patched emitters and the
 * like (SECURITY.md). Moving the sockets out of the thread, as outbound requests are, makes a call
 * between two sessions three to eight times as slow (60 us -> 131 us asleep, 18 us -> 168 us awake).
 * `process.binding` is deprecated in the documentation only (DEP0111); checked on Node 20, 24, 26.
 */
import { hidden } from "../../util/hidden.ts";

export interface PipeHandle {
  /** Bytes are in the buffer of `useUserBuffer` (see bytesOrError); what it returns would replace that. */
  onread: () => undefined;
  onconnection: (status: number, client: PipeHandle | undefined) => void;
  bind(path: string): number;
  listen(backlog: number): number;
  connect(request: object, path: string): number | undefined;
  /** Where to read into. Not kept alive by the handle. */
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  writeBuffer(request: object, bytes: Uint8Array): number;
  writev(request: object, chunks: readonly Uint8Array[], allBuffers: true): number;
  shutdown(request: object): number;
  close(done: () => void): void;
}

type RequestClass = new () => object;

interface PipeBinding {
  readonly Pipe: new (kind: number) => PipeHandle;
  readonly PipeConnectWrap: RequestClass;
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
}

interface StreamBinding {
  readonly WriteWrap: RequestClass;
  readonly ShutdownWrap: RequestClass;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const bindingOf = (process as unknown as { binding(name: string): unknown }).binding;
const pipes = bindingOf.call(process, "pipe_wrap") as PipeBinding;
const streams = bindingOf.call(process, "stream_wrap") as StreamBinding;

const { Pipe, PipeConnectWrap, constants } = pipes;
const { WriteWrap, ShutdownWrap, streamBaseState } = streams;
const { kReadBytesOrError, kLastWriteWasAsync } = streams;

export function newSocketHandle(): PipeHandle {
  return new Pipe(constants.SOCKET);
}

type Completion = (status: number) => void;

/*
 * Fields are defined, not assigned: an assignment asks the prototypes, and a property descriptor
 * inherits from Object.prototype, which user code may have changed. The functions that Node calls
 * are hidden: it has requests and handles as receivers and arguments.
 */
class Connect extends PipeConnectWrap {
  readonly oncomplete: Completion = connected;
  readonly #done: Completion;

  constructor(done: Completion) {
    super();
    this.#done = done;
  }

  static complete(request: Connect, status: number): void {
    request.#done(status);
  }
}

class Shutdown extends ShutdownWrap {
  readonly oncomplete: Completion = shutDown;
  readonly #done: Completion;

  constructor(done: Completion) {
    super();
    this.#done = done;
  }

  static complete(request: Shutdown, status: number): void {
    request.#done(status);
  }
}

class Write extends WriteWrap {
  readonly oncomplete: Completion = written;
  readonly #done: Completion;
  /** Bytes must not be collected before they are written. */
  readonly #bytes: unknown;

  constructor(done: Completion, bytes: unknown) {
    super();
    this.#done = done;
    this.#bytes = bytes;
  }

  static complete(request: Write, status: number): void {
    void request.#bytes;
    request.#done(status);
  }
}

const { complete: completeConnect } = Connect;
const { complete: completeShutdown } = Shutdown;
const { complete: completeWrite } = Write;

function connected(this: unknown, status: number): void {
  completeConnect(this as Connect, status);
}
function shutDown(this: unknown, status: number): void {
  completeShutdown(this as Shutdown, status);
}
function written(this: unknown, status: number): void {
  completeWrite(this as Write, status);
}
for (const fn of [connected, shutDown, written]) hidden(fn);

class Server extends Pipe {
  override onconnection: PipeHandle["onconnection"];

  constructor(onConnection: PipeHandle["onconnection"]) {
    super(constants.SERVER);
    this.onconnection = hidden(onConnection);
  }
}

export function newServerHandle(onConnection: PipeHandle["onconnection"]): PipeHandle {
  return new Server(onConnection);
}

export function connectRequest(done: Completion): object {
  return new Connect(done);
}

export function shutdownRequest(done: Completion): object {
  return new Shutdown(done);
}

export function writeRequest(done: Completion, bytes: unknown): object {
  return new Write(done, bytes);
}

/** Set by the last `write`: false if the operating system has taken everything. */
export function lastWriteWaits(): boolean {
  return streamBaseState[kLastWriteWasAsync] === 1;
}

/** Valid within `onread`: bytes that were read, or a negative error number. */
export function bytesOrError(): number {
  return streamBaseState[kReadBytesOrError] as number;
}
