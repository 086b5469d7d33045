/**
 * `node:async_hooks` as production has it (spec/node.md 6.6): stores and bound functions, no hooks.
 * The classes are our own: Node's hooks and resources show the thread's handles. The storage beneath
 * is Node's, and private.
 */
import { AsyncLocalStorage as NativeStorage } from "node:async_hooks";
import { currentInvocation } from "../isolate/invocation.ts";
import { apply } from "../util/early.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Run = (fn: () => unknown) => unknown;

const scope = globalThis;
const FOREIGN =
  "Cannot call this AsyncLocalStorage bound function outside of the request in which it was created.";

function assertFunction(value: unknown, method: string, position: number): void {
  if (typeof value === "function") return;
  throw new TypeError(
    `Failed to execute '${method}' on 'AsyncLocalStorage': parameter ${position} is not of type 'function'.`,
  );
}

/** What one store holds. */
interface Held {
  readonly key: object;
  readonly value: unknown;
}

/** Those that were entered, the last one first. Never changed: `run` makes another. */
type Frame = readonly Held[];

/**
 * One for all stores of the Worker: up to Node 22 every promise carries the value of each native storage
 * that ever ran, so that a Worker which makes one for each request would become slower with each.
 */
const frames: NativeStorage<Frame> = new NativeStorage();

/** Without Array's methods, which the Worker may have replaced. */
function entered(held: Held): Frame {
  const frame = [held];
  const before = frames.getStore() ?? [];
  for (let index = 0; index < before.length; index += 1) {
    const other = before[index];
    if (other !== undefined && other.key !== held.key) frame[frame.length] = other;
  }
  return frame;
}

/** Runs functions in the context of now; only within this invocation if `isBound`. */
function captureContext(isBound: boolean): Run {
  const owner = currentInvocation();
  const run = NativeStorage.snapshot() as Run;
  if (!isBound || owner === undefined) return run;
  return (fn) => {
    if (currentInvocation() !== owner) throw new Error(FOREIGN);
    return run(fn);
  };
}

export interface AsyncHooksOptions {
  /** `bind_asynclocalstorage_snapshot_to_request` */
  readonly boundToRequest: boolean;
}

export function createAsyncHooks({ boundToRequest }: AsyncHooksOptions): Record<string, unknown> {
  const capture = (): Run => captureContext(boundToRequest);

  class AsyncLocalStorage {
    readonly #key: object = {};
    readonly #initial: unknown;
    readonly #name: string;

    constructor(options: { readonly defaultValue?: unknown; readonly name?: unknown } = {}) {
      this.#initial = options?.defaultValue;
      this.#name = options?.name === undefined ? "" : String(options.name);
    }

    get name(): string {
      return this.#name;
    }

    run(store: unknown, callback: AnyFunction, ...args: unknown[]): unknown {
      assertFunction(callback, "run", 2);
      const frame = entered({ key: this.#key, value: store });
      return frames.run(frame, () => apply(callback, scope, args));
    }

    exit(callback: AnyFunction, ...args: unknown[]): unknown {
      assertFunction(callback, "exit", 1);
      return this.run(undefined, callback, ...args);
    }

    getStore(): unknown {
      const key = this.#key;
      const frame = frames.getStore() ?? [];
      for (let index = 0; index < frame.length; index += 1) {
        if (frame[index]?.key === key) return frame[index]?.value;
      }
      return this.#initial;
    }

    enterWith(): never {
      throw new Error("asyncLocalStorage.enterWith() is not implemented");
    }

    disable(): never {
      throw new Error("asyncLocalStorage.disable() is not implemented");
    }

    static bind(fn: AnyFunction): AnyFunction {
      if (typeof fn !== "function") {
        throw new TypeError(
          "Failed to execute 'bind' on 'AsyncLocalStorage': parameter 1 is not of type 'Function'.",
        );
      }
      const run = capture();
      return (...args) => run(() => apply(fn, scope, args));
    }

    static snapshot(): (fn: AnyFunction, ...args: unknown[]) => unknown {
      const run = capture();
      return (fn, ...args) => run(() => apply(fn, scope, args));
    }
  }

  class AsyncResource {
    readonly #run: Run = capture();

    constructor(_type?: string, options?: { readonly triggerAsyncId?: unknown }) {
      if (options !== undefined && options !== null && !isObject(options)) {
        throw new TypeError(
          "Failed to construct 'AsyncResource': constructor parameter 2 is not of type 'Options'.",
        );
      }
      if (options?.triggerAsyncId !== undefined) {
        throw new Error("The 'triggerAsyncId' field on 'Options' is not implemented.");
      }
    }

    static bind(fn: AnyFunction, _type?: string, thisArg: unknown = scope): AnyFunction {
      return new AsyncResource().bind(fn, thisArg);
    }

    bind(fn: AnyFunction, thisArg: unknown = scope): AnyFunction {
      const bound = (...args: unknown[]): unknown => this.runInAsyncScope(fn, thisArg, ...args);
      return Object.assign(bound, { asyncResource: this });
    }

    runInAsyncScope(fn: AnyFunction, thisArg: unknown = scope, ...args: unknown[]): unknown {
      return this.#run(() => apply(fn, thisArg, args));
    }

    asyncId(): number {
      return 0;
    }

    triggerAsyncId(): number {
      return 0;
    }

    emitDestroy(): void {}
  }

  return {
    AsyncLocalStorage,
    AsyncResource,
    asyncWrapProviders: Object.fromEntries(PROVIDERS.split(" ").map((name) => [name, 0])),
    createHook: () => new AsyncHook(),
    executionAsyncId: () => 0,
    executionAsyncResource: () => Object.create(null) as object,
    triggerAsyncId: () => 0,
  };
}

class AsyncHook {
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" || typeof value === "function";
}

/** Production's, all zero. */
const PROVIDERS =
  "NONE DIRHANDLE DNSCHANNEL ELDHISTOGRAM FILEHANDLE FILEHANDLECLOSEREQ BLOBREADER FSEVENTWRAP FSREQCALLBACK FSREQPROMISE GETADDRINFOREQWRAP GETNAMEINFOREQWRAP HEAPSNAPSHOT HTTP2SESSION HTTP2STREAM HTTP2PING HTTP2SETTINGS HTTPINCOMINGMESSAGE HTTPCLIENTREQUEST LOCKS JSSTREAM JSUDPWRAP MESSAGEPORT PIPECONNECTWRAP PIPESERVERWRAP PIPEWRAP PROCESSWRAP PROMISE QUERYWRAP QUIC_ENDPOINT QUIC_LOGSTREAM QUIC_SESSION QUIC_STREAM QUIC_UDP SHUTDOWNWRAP SIGNALWRAP STATWATCHER STREAMPIPE TCPCONNECTWRAP TCPSERVERWRAP TCPWRAP TTYWRAP UDPSENDWRAP UDPWRAP SIGINTWATCHDOG WORKER WORKERCPUPROFILE WORKERCPUUSAGE WORKERHEAPPROFILE WORKERHEAPSNAPSHOT WORKERHEAPSTATISTICS WRITEWRAP ZLIB CHECKPRIMEREQUEST PBKDF2REQUEST KEYPAIRGENREQUEST KEYGENREQUEST KEYEXPORTREQUEST ARGON2REQUEST CIPHERREQUEST DERIVEBITSREQUEST HASHREQUEST RANDOMBYTESREQUEST RANDOMPRIMEREQUEST SCRYPTREQUEST SIGNREQUEST TLSWRAP VERIFYREQUEST QUIC_PACKET";
