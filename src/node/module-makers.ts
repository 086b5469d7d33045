/**
 * Who makes which `node:` module: the table behind node-modules.ts. What is not named here consists
 * of stand-ins. Values of the global scope are read when a module is first imported.
 */
import type { BuiltinLookup, BundledLookup } from "../isolate/builtin-module.ts";
import { createTimers, type TimerFunctions } from "../web/scope/timers.ts";
import { assertModule } from "./assert.ts";
import { createAsyncHooks } from "./async-hooks.ts";
import { bufferModule } from "./buffer.ts";
import { consoleModule } from "./console.ts";
import { cryptoOverrides } from "./crypto.ts";
import { callBackInMicrotasks } from "./crypto-callbacks.ts";
import { limitedCrypto } from "./crypto-limits.ts";
import { refuseAsBoringSsl } from "./crypto-refusals.ts";
import { createDiagnosticsChannel } from "./diagnostics-channel.ts";
import { dnsModule, dnsPromises } from "./dns/dns.ts";
import { eventsModule } from "./events.ts";
import type { FileSystem } from "./fs/file-system.ts";
import { createFsModules } from "./fs/fs-module.ts";
import { httpModules } from "./http/http.ts";
import { http2Module } from "./http2.ts";
import { moduleModule } from "./module-module.ts";
import {
  asDefaultExport,
  nativeFunctionModule,
  nativeMembers,
  streamClass,
} from "./native-copies.ts";
import { netModule } from "./net/net.ts";
import { tlsModule, tlsParts } from "./net/tls.ts";
import { osModule } from "./os.ts";
import { perfHooksModule } from "./perf-hooks.ts";
import { readWhole } from "./stream-reads.ts";
import { exchangeStreamSignals } from "./stream-signals.ts";
import * as engine from "./stubs-engine.ts";
import * as stubs from "./stubs-process.ts";
import { testModule } from "./test-module.ts";
import { timersModule, timersPromises } from "./timers.ts";
import { urlModule } from "./url.ts";
import { utilOverrides } from "./util.ts";
import { adaptNodeStreams } from "./web-stream-adapters.ts";
import { zlibModule } from "./zlib.ts";

export type ModuleMaker = () => object;

export interface MakerOptions {
  readonly flags: Readonly<Record<string, boolean>>;
  /** What `process` and `node:process` are. */
  readonly process: object;
  readonly lookup: BuiltinLookup;
  /** `cloudflare:*`, for `createRequire`. */
  readonly cloudflare: BuiltinLookup;
  /** For `createRequire`. */
  readonly bundled: BundledLookup;
  /** Of `node:fs`; made with its first use. */
  readonly files: () => FileSystem;
}

const GLOBAL_TIMERS = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
] as const;

export function createModuleMakers(options: MakerOptions): Readonly<Record<string, ModuleMaker>> {
  const { flags, lookup } = options;
  const once = <T>(make: () => T): (() => T) => {
    let made: { readonly value: T } | undefined;
    return () => {
      made ??= { value: make() };
      return made.value;
    };
  };
  const asyncHooks = once(() =>
    createAsyncHooks({
      boundToRequest: flags.bind_asynclocalstorage_snapshot_to_request === true,
    }),
  );
  const timers = once((): TimerFunctions => {
    if (flags.enable_nodejs_global_timers !== true) return createTimers({ objects: true });
    const given = globals(...GLOBAL_TIMERS) as Record<string, (...args: unknown[]) => unknown>;
    // Without nodejs_compat_v2 they are no globals.
    if (given.setImmediate === undefined) {
      const { setImmediate, clearImmediate } = createTimers({ objects: true });
      return { ...(given as unknown as TimerFunctions), setImmediate, clearImmediate };
    }
    // Those of the scope's prototype want it as receiver; here they are members of a module.
    for (const name of ["setImmediate", "clearImmediate"]) {
      const fn = given[name] as (...args: unknown[]) => unknown;
      given[name] = (...args) => Reflect.apply(fn, globalThis, args);
    }
    return given as unknown as TimerFunctions;
  });
  const modules: BuiltinLookup = (name) => lookup(name) ?? options.cloudflare(name);
  const paths = once(pathModules);
  const fs = once(() => createFsModules(options.files()));
  const assert = once(assertModule);
  const util = once(() => ({
    ...nativeMembers("util"),
    ...utilOverrides({
      debugSets: () => {
        const env = Reflect.get(options.process, "env") as Record<string, unknown> | undefined;
        return String(env?.NODE_DEBUG ?? "");
      },
      TextDecoder: globalValue("TextDecoder"),
      TextEncoder: globalValue("TextEncoder"),
    }),
  }));
  const http = once(() => httpModules(globals("CloseEvent", "MessageEvent", "WebSocket")));
  const tls = once(() =>
    tlsModule({ isStrict: flags.throw_on_not_implemented_tls_options === true }),
  );
  const promises = (name: string): object | undefined => lookup(`node:${name}`)?.default as object;

  return {
    _http_agent: () => http().parts.agent as object,
    _http_client: () => http().parts.client as object,
    _http_common: () => http().parts.common as object,
    _http_incoming: () => http().parts.incoming as object,
    _http_outgoing: () => http().parts.outgoing as object,
    _http_server: () => http().parts.server as object,
    _stream_duplex: () => adapted(() => streamClass("Duplex")),
    _stream_passthrough: () => adapted(() => streamClass("PassThrough")),
    _stream_readable: () => adapted(() => streamClass("Readable")),
    _stream_transform: () => adapted(() => streamClass("Transform")),
    _stream_wrap: () => Object.assign(class JSStreamSocket {}, {}),
    _stream_writable: () => adapted(() => streamClass("Writable")),
    _tls_common: () => tlsParts(tls()).common,
    _tls_wrap: () => tlsParts(tls()).wrap,
    assert,
    "assert/strict": assert,
    async_hooks: asyncHooks,
    buffer: () => bufferModule(globals("Blob", "File", "atob", "btoa")),
    child_process: stubs.childProcess,
    cluster: stubs.cluster,
    console: () => consoleModule(globalValue("console") as object, options.process),
    constants: () => nativeMembers("constants"),
    crypto: () =>
      callBackInMicrotasks({
        ...refuseAsBoringSsl(limitedCrypto(nativeMembers("crypto"))),
        ...cryptoOverrides({
          crypto: globalValue("crypto") as never,
          CryptoKey: globalValue("CryptoKey"),
        }),
      }),
    dgram: stubs.dgram,
    diagnostics_channel: () =>
      createDiagnosticsChannel({
        hasSubscribersGetter: flags.diagnostics_channel_has_subscribers_getter === true,
      }),
    dns: () => ({ ...dnsModule(), promises: promises("dns/promises") }),
    "dns/promises": dnsPromises,
    domain: stubs.domain,
    events: () => eventsModule({ AsyncResource: asyncHooks().AsyncResource as new () => object }),
    fs: () => reading(() => fs().fs),
    "fs/promises": () => fs().promises,
    http: () => reading(() => http().http),
    http2: http2Module,
    https: () => http().https,
    inspector: stubs.inspector,
    "inspector/promises": stubs.inspector,
    module: () => moduleModule(modules, options.bundled),
    net: () => reading(netModule),
    os: osModule,
    path: () => paths().posix,
    "path/posix": () => paths().posix,
    "path/win32": () => paths().win32,
    perf_hooks: () => perfHooksModule(globalValue("performance") as object, performanceClasses()),
    process: () => options.process,
    punycode: () => nativeMembers("punycode"),
    querystring: () => nativeMembers("querystring"),
    readline: stubs.readline,
    "readline/promises": stubs.readlinePromises,
    repl: () => engine.repl(moduleModule(modules, options.bundled).builtinModules),
    sqlite: engine.sqlite,
    stream: () =>
      adapted(() => withPromises(nativeFunctionModule("stream"), promises("stream/promises"))),
    "stream/consumers": () => nativeMembers("stream/consumers"),
    "stream/promises": streamPromises,
    "stream/web": () => globals(...(STREAM_CLASSES.split(" ") as string[])),
    string_decoder: () => nativeMembers("string_decoder"),
    sys: util,
    timers: () => timersModule(timers()),
    "timers/promises": () => timersPromises(timers()),
    tls,
    trace_events: stubs.traceEvents,
    tty: stubs.tty,
    url: () => urlModule(globals("URL", "URLSearchParams")),
    util,
    "util/types": () => nativeMembers("util/types"),
    v8: engine.v8,
    vm: engine.vm,
    wasi: engine.wasi,
    worker_threads: () => stubs.workerThreads(globals("MessageChannel", "MessagePort")),
    test: testModule,
    zlib: () => reading(zlibModule),
  };
}

function streamPromises(): object {
  const native = nativeMembers("stream/promises");
  return { ...native, promises: native };
}

/** `stream.promises` is the module `stream/promises`. */
function withPromises(stream: object, promises: object | undefined): object {
  return Object.defineProperty(stream, "promises", {
    value: promises,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** What makes streams without being the module of them. */
function reading(make: () => object): object {
  readWhole();
  return make();
}

/** Before anybody can look up fromWeb and toWeb. */
function adapted(make: () => object): object {
  adaptNodeStreams();
  readWhole();
  exchangeStreamSignals();
  return make();
}

const STREAM_CLASSES =
  "ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DecompressionStream ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader TextDecoderStream TextEncoderStream TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter";

function globalValue(name: string): unknown {
  return Reflect.get(globalThis, name);
}

/** What the Worker sees under these names, not what Node had there. */
function globals(...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, globalValue(name)]));
}

function performanceClasses(): Record<string, unknown> {
  const names =
    "Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming";
  return globals(...names.split(" "));
}

/** `path.posix === path`. */
function pathModules(): Record<"posix" | "win32", object> {
  const posix = nativeMembers("path/posix");
  const win32 = nativeMembers("path/win32");
  for (const path of [posix, win32]) {
    Reflect.deleteProperty(path, "_makeLong");
    Object.assign(path, { posix, win32 });
    asDefaultExport(path);
  }
  return { posix, win32 };
}
