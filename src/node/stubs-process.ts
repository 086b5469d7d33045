/**
 * Modules about processes, threads and terminals: in production they import and extend, and do
 * nothing or refuse (spec/node.md 9). No object of Node's in them.
 */
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import { invalidType, nodeError, notImplemented } from "./errors.ts";

type Members = Record<string, unknown>;

const nothing = (): void => {};
const no = (): boolean => false;

function refused(name: string): () => never {
  return () => {
    throw notImplemented(name);
  };
}

export function childProcess(): Members {
  class ChildProcess extends EventEmitter {
    constructor() {
      super();
      throw notImplemented("child_process.ChildProcess");
    }
  }
  const checked = (name: string, argument: string) => (first: unknown) => {
    if (typeof first !== "string") throw invalidType(argument, "of type string", first);
    throw notImplemented(`child_process.${name}`);
  };
  return {
    ChildProcess,
    exec: checked("exec", "command"),
    spawnSync: checked("spawnSync", "command"),
  };
}

export function cluster(): object {
  class Worker extends EventEmitter {
    isConnected = no;
    isDead = (): boolean => true;
    send = no;
    kill(): void {}
    destroy(): void {}
    disconnect(): void {}
  }
  class Cluster extends EventEmitter {
    readonly Worker = Worker;
    readonly Cluster: unknown = Cluster;
    readonly SCHED_NONE = 1;
    readonly SCHED_RR = 2;
    readonly isMaster = true;
    readonly isPrimary = true;
    readonly isWorker = false;
    readonly schedulingPolicy = 2;
    readonly settings = {};
    readonly workers = {};
    readonly disconnect: unknown = refused("cluster.disconnect");
    readonly fork: unknown = refused("cluster.fork");
    readonly setupMaster: unknown = refused("cluster.setupWorker");
    readonly setupPrimary: unknown = refused("cluster.setupPrimary");
  }
  return new Cluster();
}

export function dgram(): Members {
  const SELF = [
    "addMembership addSourceSpecificMembership bind close connect disconnect dropMembership",
    "dropSourceSpecificMembership ref send setBroadcast setMulticastInterface setMulticastLoopback",
    "setMulticastTTL setRecvBufferSize setSendBufferSize setTTL unref",
  ];
  class Socket extends EventEmitter {
    address(): object {
      return {};
    }
    remoteAddress(): object {
      return {};
    }
  }
  for (const name of SELF.join(" ").split(" ")) {
    Object.defineProperty(Socket.prototype, name, {
      value(this: Socket) {
        return this;
      },
      writable: true,
      configurable: true,
    });
  }
  const createSocket = (type?: unknown): object => {
    if (typeof type === "string" || (typeof type === "object" && type !== null))
      return new Socket();
    throw invalidType("type", "of type object", type);
  };
  return { Socket, createSocket };
}

export function domain(): Members {
  class Domain extends EventEmitter {
    readonly members: unknown[] = [];
    run(fn: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
      return fn.apply(this, args);
    }
    bind<F>(fn: F): F {
      return fn;
    }
    intercept<F>(fn: F): F {
      return fn;
    }
    add(): void {}
    remove(): void {}
    enter(): void {}
    exit(): void {}
    dispose(): void {}
  }
  return { Domain, active: null, create: {}, createDomain: () => new Domain() };
}

export function inspector(): Members {
  const METHODS =
    "assert clear count countReset debug dir dirxml error group groupCollapsed groupEnd info log profile profileEnd table time timeLog timeStamp trace warn";
  class Session extends EventEmitter {
    constructor() {
      super();
      throw notImplemented("Session");
    }
  }
  const NETWORK = "requestWillBeSent responseReceived loadingFinished loadingFailed";
  return {
    Network: Object.fromEntries(
      NETWORK.split(" ").map((name) => [name, refused(`Network.${name}`)]),
    ),
    Session,
    close: nothing,
    console: Object.fromEntries(METHODS.split(" ").map((name) => [name, nothing])),
    open: () => ({ [Symbol.dispose]: nothing }),
    url: () => undefined,
    waitForDebugger: nothing,
  };
}

export function tty(): Members {
  class ReadStream extends Readable {
    readonly isTTY = false;
    readonly isRaw = false;
    override _read(): void {
      this.push(null);
    }
    setRawMode(): this {
      return this;
    }
  }
  class WriteStream extends Writable {
    readonly isTTY = true;
    readonly columns = 0;
    readonly rows = 0;
    override _write(_chunk: unknown, _encoding: string, done: () => void): void {
      done();
    }
    getColorDepth(): number {
      return 8;
    }
    hasColors(): boolean {
      return false;
    }
    getWindowSize(): number[] {
      return [0, 0];
    }
    clearLine = no;
    clearScreenDown = no;
    cursorTo = no;
    moveCursor = no;
  }
  return { ReadStream, WriteStream, isatty: no };
}

export function readlinePromises(): Members {
  class Interface extends EventEmitter {
    readonly terminal = false;
    line = "";
    question(_query: string, ...rest: unknown[]): unknown {
      const callback = rest.at(-1);
      if (typeof callback !== "function") return Promise.resolve("");
      queueMicrotask(() => callback(""));
      return undefined;
    }
    close(): void {
      this.emit("close");
    }
    pause(): this {
      return this;
    }
    resume(): this {
      return this;
    }
    setPrompt(): void {}
    getPrompt(): string {
      return "";
    }
    prompt(): void {}
    write(): void {}
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {
      yield "";
    }
  }
  class Readline {
    clearLine(): this {
      return this;
    }
    clearScreenDown(): this {
      return this;
    }
    cursorTo(): this {
      return this;
    }
    moveCursor(): this {
      return this;
    }
    async commit(): Promise<void> {}
    rollback(): this {
      return this;
    }
  }
  return { Interface, Readline, createInterface: () => new Interface() };
}

export function readline(): Members {
  const promises = readlinePromises();
  return {
    Interface: promises.Interface,
    clearLine: no,
    clearScreenDown: no,
    createInterface: promises.createInterface,
    cursorTo: no,
    emitKeypressEvents: nothing,
    moveCursor: no,
    promises,
  };
}

export function workerThreads(classes: Readonly<Record<string, unknown>>): Members {
  const data = new Map<unknown, unknown>();
  class Worker extends EventEmitter {
    constructor() {
      super();
      throw notImplemented("Worker");
    }
  }
  class BroadcastChannel {
    constructor() {
      throw notImplemented("BroadcastChannel");
    }
  }
  return {
    BroadcastChannel,
    MessageChannel: classes.MessageChannel,
    MessagePort: classes.MessagePort,
    SHARE_ENV: Symbol.for("nodejs.worker_threads.SHARE_ENV"),
    Worker,
    getEnvironmentData: (key: unknown) => data.get(key),
    isInternalThread: false,
    isMainThread: true,
    isMarkedAsUntransferable: no,
    markAsUncloneable: nothing,
    markAsUntransferable: nothing,
    moveMessagePortToContext: () => {
      throw new TypeError("Illegal constructor");
    },
    parentPort: null,
    postMessageToThread: refused("postMessageToThread"),
    receiveMessageOnPort: () => undefined,
    resourceLimits: {},
    setEnvironmentData: (key: unknown, value: unknown) => {
      if (value === undefined) data.delete(key);
      else data.set(key, value);
    },
    threadId: 0,
    workerData: null,
  };
}

/** For TypeErrors of classes that nobody constructs. */
export function illegalClass(name: string): unknown {
  const cls = class {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  };
  return Object.defineProperty(cls, "name", { value: name, configurable: true });
}

export function traceEvents(): Members {
  class Tracing {
    enabled = false;
    readonly categories: string;
    constructor(categories: readonly string[]) {
      this.categories = categories.join(",");
    }
    enable(): void {
      this.enabled = true;
    }
    disable(): void {
      this.enabled = false;
    }
  }
  const createTracing = (options?: { readonly categories?: readonly string[] }): object => {
    if (options === undefined) throw invalidType("options", "of type object", options);
    const categories = options.categories ?? [];
    if (categories.length > 0) return new Tracing(categories);
    const code = "ERR_TRACE_EVENTS_CATEGORY_REQUIRED";
    throw nodeError(TypeError, code, "At least one category is required");
  };
  return { createTracing, getEnabledCategories: () => undefined };
}
