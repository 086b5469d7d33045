/**
 * Turns a thread's Node realm into a Workers global scope: removes what Node put there, sets the
 * prototype chain of globalThis and installs the Workers API as production lays it out
 * (spec/globals.json). Runs once per thread, when the Worker is known and before its code runs.
 * The runtime itself goes on using what its bundle captured (spikes.md S3).
 */

import { resolveCompat } from "../../compat/resolve.ts";
import { currentInvocation, isEvaluating } from "../../isolate/invocation.ts";
import { type EvalBan, installEvalBan } from "../../isolate/language/eval-ban.ts";
import { overwrite } from "../../isolate/language/polyfill-define.ts";
import { createPolyfills } from "../../isolate/language/polyfills.ts";
import { apiClasses, performanceClasses } from "../../web/api-classes.ts";
import { httpCompatOf, setHttpCompat } from "../../web/compat.ts";
import { GlobalListeners } from "../../web/events/global-listeners.ts";
import { setListenerReporter } from "../../web/events/listeners.ts";
import { createReportError } from "../../web/events/report-error.ts";
import { fetch } from "../../web/http/fetch.ts";
import { sortMembers, tag } from "../../web/interfaces/define-interface.ts";
import { guardFunction } from "../../web/interfaces/guards.ts";
import { outsideOf } from "../../web/interfaces/outside.ts";
import { type CacheSurroundings, createCacheStorage } from "../../web/scope/caches.ts";
import { createCrypto } from "../../web/scope/crypto.ts";
import {
  createCloudflare,
  createNavigator,
  createPerformance,
} from "../../web/scope/environment.ts";
import { fixNatives } from "../../web/scope/native-fixes.ts";
import { replaceOlderClasses } from "../../web/scope/older-classes.ts";
import { fullPerformance } from "../../web/scope/performance.ts";
import { ServiceWorkerGlobalScope, WorkerGlobalScope } from "../../web/scope/scope.ts";
import { cloneStructured } from "../../web/scope/structured-clone.ts";
import { createTimers, Scheduler, type TimerFunctions } from "../../web/scope/timers.ts";
import { setStreamCompat, streamCompatOf } from "../../web/streams/core/compat.ts";

export interface GlobalsOptions {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Becomes `console` as it is. */
  readonly console: object;
  /** `Buffer` and `process` for nodejs_compat_v2; made by whoever provides node: modules. */
  readonly node?: { readonly Buffer: unknown; readonly process: object };
  /** `reportError(error)` that no listener prevented, and listeners that throw. */
  readonly onReportError: (error: unknown) => void;
  /** What `caches` stands on. */
  readonly caches: CacheSurroundings;
}

export interface InstalledGlobals {
  /** State of every compatibility flag. */
  readonly compat: Readonly<Record<string, boolean>>;
  /** Of the global scope; what service-worker format consists of. */
  readonly listeners: GlobalListeners;
  /** The Worker's modules are evaluated: `eval` and the like are refused from now on. */
  endStartup(): void;
  /** True if user code took care of it (preventDefault): then nothing is to be logged. */
  dispatchRejection(
    type: "unhandledrejection" | "rejectionhandled",
    promise: Promise<unknown>,
    reason: unknown,
  ): boolean;
}

/** ECMAScript's own, as in production's V8; everything else that Node has goes. */
const KEPT = new Set(
  (
    "AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date " +
    "DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array " +
    "Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp " +
    "Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array " +
    "Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval " +
    "globalThis isFinite isNaN parseFloat parseInt undefined unescape"
  ).split(" "),
);

export function installGlobals(options: GlobalsOptions): InstalledGlobals {
  const scope = globalThis;
  const compat = resolveCompat(options.compatibilityDate, options.compatibilityFlags);
  setHttpCompat(httpCompatOf((flag) => compat[flag] === true));
  setStreamCompat(streamCompatOf(compat));
  const reportError = createReportError(() => listeners, options.onReportError);
  const listeners = new GlobalListeners(scope, reportError);
  const timers = createTimers({ objects: compat.enable_nodejs_global_timers === true });
  const ban = installEvalBan(scope);

  fixNatives();
  setListenerReporter(reportError);
  scrub(scope, compat.enable_weak_ref === true);
  Object.setPrototypeOf(scope, ServiceWorkerGlobalScope.prototype);
  installApi(compat, { timers, reportError });
  installOwn(scope, compat, ban, timers, options);
  if (compat.allow_eval_during_startup !== true) ban.enable();
  return {
    compat,
    listeners,
    endStartup: () => ban.enable(),
    dispatchRejection: (type, promise, reason) =>
      listeners.dispatchRejection(type, promise, reason),
  };
}

/** There before `no_global_importscripts`. */
function importScripts(): never {
  throw new Error(
    "Failed to execute 'importScripts' on 'WorkerGlobalScope': the method is not implemented.",
  );
}

function scrub(scope: typeof globalThis, keepsWeakReferences: boolean): void {
  for (const key of Reflect.ownKeys(scope)) {
    const isWeak = key === "WeakRef" || key === "FinalizationRegistry";
    if (typeof key === "string" && KEPT.has(key) && (keepsWeakReferences || !isWeak)) continue;
    // Deleted unseen: asking for a descriptor makes Node 24 load its undici, which then misses Buffer.
    Reflect.deleteProperty(scope, key);
  }
}

/** Nobody may assign to the `prototype` of a class. */
function fixPrototypes(classes: readonly unknown[]): void {
  for (const cls of classes) {
    if (typeof cls === "function") Object.defineProperty(cls, "prototype", { writable: false });
  }
}

/** What lives on the prototypes: the API classes and functions without state. */
function installApi(
  compat: Readonly<Record<string, boolean>>,
  given: {
    readonly timers: TimerFunctions;
    readonly reportError: (error: unknown) => void;
  },
): void {
  const { timers, reportError } = given;
  const classes = {
    ...apiClasses(),
    ...(compat.enable_global_performance_classes ? performanceClasses() : {}),
  };
  replaceOlderClasses(compat, classes);
  if (compat.immutable_api_prototypes) fixPrototypes(Object.values(classes));
  const isNode = compat.nodejs_compat_v2 === true;
  const functions: Record<string, unknown> = {
    fetch,
    atob: decodeBase64,
    btoa: encodeBase64,
    queueMicrotask: (callback: () => void) => queue(callback, reportError),
    structuredClone: cloneStructured,
    reportError,
    setTimeout: timers.setTimeout,
    setInterval: timers.setInterval,
    clearTimeout: timers.clearTimeout,
    clearInterval: timers.clearInterval,
    ...(isNode ? { setImmediate: timers.setImmediate, clearImmediate: timers.clearImmediate } : {}),
  };
  const proto = ServiceWorkerGlobalScope.prototype;
  const { EventTarget: target, ...rest } = classes;
  for (const [name, value] of Object.entries(rest)) define(proto, name, value, true);
  for (const [name, value] of Object.entries(functions))
    define(proto, name, guardFunction(name, value, PARAMETERS[name]), true);
  define(WorkerGlobalScope.prototype, "EventTarget", target, true);
  if (compat.no_global_importscripts !== true) {
    define(WorkerGlobalScope.prototype, "importScripts", importScripts, true);
  }
  for (const [cls, name] of SCOPES) {
    sortMembers(cls.prototype, name);
    tag(cls.prototype, name);
  }
}

const SCOPES = [
  [ServiceWorkerGlobalScope, "ServiceWorkerGlobalScope"],
  [WorkerGlobalScope, "WorkerGlobalScope"],
] as const;

/** Types of the required parameters of global functions. */
const PARAMETERS: Readonly<Record<string, string>> = {
  atob: "string",
  btoa: "String",
  clearInterval: "Number",
  clearTimeout: "Number",
  queueMicrotask: "function",
  reportError: "Value",
  setInterval: "function",
  setTimeout: "function",
  structuredClone: "Value",
};

/** What production has as own properties of globalThis. */
function installOwn(
  scope: typeof globalThis,
  compat: Readonly<Record<string, boolean>>,
  ban: EvalBan,
  timers: TimerFunctions,
  options: GlobalsOptions,
): void {
  for (const [name, value] of Object.entries(createPolyfills())) define(scope, name, value, false);
  define(scope, "WebAssembly", ban.webAssembly, false);
  define(scope, "console", options.console, false);
  const sendBeacon = (url: string, body: unknown): boolean => {
    if (currentInvocation() === undefined) return false;
    fetch(url, { method: "POST", body })
      .then((response) => response.body?.cancel())
      .catch(() => {});
    return true;
  };
  const own: Record<string, unknown> = {
    ServiceWorkerGlobalScope: outsideOf(ServiceWorkerGlobalScope, "ServiceWorkerGlobalScope"),
    Cloudflare: createCloudflare(compat),
    caches: createCacheStorage(options.caches),
    crypto: createCrypto(),
    origin: "null",
    performance: compat.enable_global_performance_classes ? fullPerformance() : createPerformance(),
    scheduler: new Scheduler(),
    self: scope,
  };
  if (compat.global_navigator) {
    own.navigator = createNavigator(sendBeacon, compat.enable_navigator_language === true);
  }
  if (compat.nodejs_compat_v2 && options.node !== undefined) {
    own.Buffer = options.node.Buffer;
    own.process = options.node.process;
    own.global = scope;
  }
  for (const [name, value] of Object.entries(own)) define(scope, name, value, true);
  Object.defineProperty(scope, "origin", { writable: false });
  overwrite(Date, { now: () => (isEvaluating() ? 0 : realNow()) });
  overwrite(Atomics, {
    wait() {
      throw new TypeError("Atomics.wait cannot be called in this context");
    },
  });
  if (compat.enable_nodejs_global_timers) {
    for (const name of ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] as const) {
      const own = timers[name] as (...args: unknown[]) => unknown;
      const copy = (...args: unknown[]): unknown => own(...args);
      define(scope, name, shaped(name, copy, name.startsWith("set") ? 2 : 1), true);
    }
  }
}

const nativeAtob = atob;
const nativeBtoa = btoa;
const nativeQueue = queueMicrotask;
const { now: realNow } = Date;

function decodeBase64(data: string): string {
  try {
    return nativeAtob(data);
  } catch {
    throw new DOMException(
      "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to two terminal '=' signs when the input data length is divisible by 4 are allowed.)",
      "InvalidCharacterError",
    );
  }
}

function encodeBase64(data: string): string {
  try {
    return nativeBtoa(data);
  } catch {
    throw new DOMException(
      "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.",
      "InvalidCharacterError",
    );
  }
}

/** What the callback throws is an `error` event. */
function queue(callback: () => void, report: (error: unknown) => void): void {
  nativeQueue(() => {
    try {
      callback();
    } catch (error) {
      report(error);
    }
  });
}

function define(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, { value, enumerable, writable: true, configurable: true });
}

/** Production's functions have a fixed name and length. */
function shaped(name: string, fn: unknown, length: number): unknown {
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  Object.defineProperty(fn, "length", { value: length, configurable: true });
  return fn;
}
