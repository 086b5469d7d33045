/**
 * The constructors that user code sees (spec/platform.md 1.1): functions in front of the classes, which say what
 * production says without `new`, and have no parent but Function.prototype. Each shares the prototype of its class, so
 * that `instanceof` knows what either has made; the runtime itself goes on using the classes. Made when a thread boots.
 */
import { construct } from "../../util/early.ts";

// biome-ignore lint/complexity/noBannedTypes: a class, whatever its constructor takes.
export type AnyClass = Function & { readonly prototype: object };

/** What a class of Node's is to say instead of what it says. */
export interface Wording {
  /** The arguments for Node's constructor; throws what production says of wrong ones. */
  readonly arguments?: (args: readonly unknown[]) => readonly unknown[];
  /** In place of an error of Node's. */
  readonly failure?: (error: unknown, args: readonly unknown[]) => unknown;
}

/** What user code cannot make says so without `new` too. */
const ILLEGAL: ReadonlySet<string> = new Set(
  (
    "AbortSignal Body Cache CacheStorage Crypto CryptoKey ExtendableEvent FetchEvent MessagePort Navigator Performance PerformanceEntry " +
    "PerformanceMeasure PerformanceObserverEntryList PerformanceResourceTiming PromiseRejectionEvent ReadableByteStreamController " +
    "ReadableStreamBYOBRequest ReadableStreamDefaultController ScheduledEvent ServiceWorkerGlobalScope SubtleCrypto TailEvent TraceEvent " +
    "TransformStreamDefaultController WorkerGlobalScope WritableStreamDefaultController"
  ).split(" "),
);

/** Order of static members where it is not that of the class. */
const STATICS: Readonly<Record<string, string>> = {
  EventSource: "CONNECTING OPEN CLOSED from",
  URL: "canParse parse createObjectURL revokeObjectURL",
  WebSocket:
    "READY_STATE_CONNECTING CONNECTING READY_STATE_OPEN OPEN READY_STATE_CLOSING CLOSING READY_STATE_CLOSED CLOSED",
};

const outsides = new WeakMap<AnyClass, AnyClass>();

/** The same each time. `name`: of the global. */
export function outsideOf(cls: AnyClass, name: string, wording?: Wording): AnyClass {
  const known = outsides.get(cls);
  if (known !== undefined) return known;
  const outside = wording === undefined ? plain(cls, name) : worded(cls, name, wording);
  outsides.set(cls, outside);
  Object.defineProperty(outside, "name", { value: name });
  Object.defineProperty(outside, "length", { value: 0 });
  Object.defineProperty(outside, "prototype", { value: cls.prototype });
  for (const key of [...(STATICS[name]?.split(" ") ?? []), ...Reflect.ownKeys(cls)]) {
    const descriptor = Object.getOwnPropertyDescriptor(cls, key);
    if (descriptor === undefined || Object.hasOwn(outside, key)) continue;
    Object.defineProperty(outside, key, descriptor);
  }
  Object.defineProperty(cls.prototype, "constructor", {
    value: outside,
    writable: true,
    configurable: true,
  });
  return outside;
}

function plain(cls: AnyClass, name: string): AnyClass {
  if (ILLEGAL.has(name)) return illegal();
  const { prototype } = cls;
  return function Interface(...args: unknown[]): object {
    if (new.target === undefined) throw calledWithoutNew(name);
    // User code may have assigned another prototype.
    const isPlain = new.target === Interface && Interface.prototype === prototype;
    return create(cls, args, isPlain ? cls : new.target);
  };
}

/** V8 makes the shape of an object anew each time if the target is neither its class nor extends that. */
function create(cls: AnyClass, args: readonly unknown[], target: AnyClass): object {
  return construct(cls, args, target) as object;
}

/** Nothing but the runtime makes one, and user code can extend none. */
function illegal(): AnyClass {
  return function Interface(): never {
    throw new TypeError("Illegal constructor");
  };
}

function worded(cls: AnyClass, name: string, wording: Wording): AnyClass {
  return function Interface(...args: unknown[]): object {
    if (new.target === undefined) throw calledWithoutNew(name);
    const given = wording.arguments?.(args) ?? args;
    try {
      return create(cls, given, new.target === Interface ? cls : new.target);
    } catch (error) {
      throw wording.failure?.(error, given) ?? error;
    }
  };
}

/** What production says of a constructor that is called as a function. */
export function calledWithoutNew(name: string): TypeError {
  return new TypeError(
    `Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`,
  );
}
