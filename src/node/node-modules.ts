/**
 * `node:*` as far as production offers it: an allow list of harmless native modules; everything
 * that would reach the host machine (files, sockets, processes) imports, and throws when used.
 * One registry per thread.
 */

import { inspect } from "node:util";
import type { ModuleNamespace } from "../isolate/builtin-module.ts";
import { limitedCrypto } from "./crypto-limits.ts";

/** Native as they are: pure computation, no access to the machine. */
const NATIVE: ReadonlySet<string> = new Set([
  "assert",
  "assert/strict",
  "async_hooks",
  "constants",
  "diagnostics_channel",
  "events",
  "path",
  "path/posix",
  "path/win32",
  "punycode",
  "querystring",
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "string_decoder",
  "sys",
  "timers/promises",
  "url",
  "util",
  "util/types",
  "zlib",
  "_stream_duplex",
  "_stream_passthrough",
  "_stream_readable",
  "_stream_transform",
  "_stream_writable",
]);

/** Present, so that libraries that import them load; functions and classes throw when used. */
const REFUSED: ReadonlySet<string> = new Set([
  "_http_agent",
  "_http_client",
  "_http_common",
  "_http_incoming",
  "_http_outgoing",
  "_http_server",
  "_stream_wrap",
  "_tls_common",
  "_tls_wrap",
  "child_process",
  "cluster",
  "dgram",
  "dns",
  "dns/promises",
  "domain",
  "fs",
  "fs/promises",
  "http",
  "http2",
  "https",
  "inspector",
  "inspector/promises",
  "net",
  "readline",
  "readline/promises",
  "repl",
  "sqlite",
  "tls",
  "trace_events",
  "tty",
  "v8",
  "vm",
  "wasi",
  "worker_threads",
]);

/** What cannot wait on its own: where nothing else is used, a hang is seen as one. */
const NEVER_WAITS: ReadonlySet<string> = new Set([
  "assert",
  "assert/strict",
  "async_hooks",
  "buffer",
  "constants",
  "diagnostics_channel",
  "events",
  "os",
  "path",
  "path/posix",
  "path/win32",
  "process",
  "punycode",
  "querystring",
  "string_decoder",
  "url",
  "util",
  "util/types",
]);

/** Flag that a module needs beside nodejs_compat, where that was not from the start. */
const NEEDS: Readonly<Record<string, string>> = {
  _stream_wrap: "enable_nodejs_stream_wrap_module",
  child_process: "enable_nodejs_child_process_module",
  cluster: "enable_nodejs_cluster_module",
  dgram: "enable_nodejs_dgram_module",
  domain: "enable_nodejs_domain_module",
  inspector: "enable_nodejs_inspector_module",
  "inspector/promises": "enable_nodejs_inspector_module",
  perf_hooks: "enable_nodejs_perf_hooks_module",
  readline: "enable_nodejs_readline_module",
  "readline/promises": "enable_nodejs_readline_module",
  repl: "enable_nodejs_repl_module",
  sqlite: "enable_nodejs_sqlite_module",
  trace_events: "enable_nodejs_trace_events_module",
  tty: "enable_nodejs_tty_module",
  v8: "enable_nodejs_v8_module",
  wasi: "enable_nodejs_wasi_module",
  worker_threads: "enable_nodejs_worker_threads_module",
};

export interface NodeModulesOptions {
  readonly flags: Readonly<Record<string, boolean>>;
  /** What `process` and `node:process` are. */
  readonly process: object;
  /** The Worker uses a module that may wait without the runtime's knowledge. */
  readonly onHiddenWaits: () => void;
}

/** Looks up a Node module by name, with or without `node:`. */
export function createNodeModules(
  options: NodeModulesOptions,
): (specifier: string) => ModuleNamespace | undefined {
  const { flags } = options;
  const loaded = new Map<string, ModuleNamespace>();

  function lookup(specifier: string): ModuleNamespace | undefined {
    const hasPrefix = specifier.startsWith("node:");
    const name = hasPrefix ? specifier.slice("node:".length) : specifier;
    if (!isPermitted(name)) return undefined;
    const known = loaded.get(name);
    if (known !== undefined) return known;
    if (!NEVER_WAITS.has(name)) options.onHiddenWaits();
    const exports = make(name);
    if (exports !== undefined) loaded.set(name, exports);
    return exports;
  }

  function isPermitted(name: string): boolean {
    if (name === "process") return true;
    if (name === "async_hooks" && flags.nodejs_als === true) return true;
    if (flags.nodejs_compat !== true && flags.nodejs_compat_v2 !== true) return false;
    const flag = NEEDS[name];
    return flag === undefined || flags[flag] === true;
  }

  function make(name: string): ModuleNamespace | undefined {
    if (NATIVE.has(name)) return namespaceOf(native(name));
    if (REFUSED.has(name)) return namespaceOf(refused(name));
    switch (name) {
      case "process":
        return namespaceOf(options.process);
      case "buffer":
        return namespaceOf({ ...own(native(name)), ...globals("Blob", "File", "atob", "btoa") });
      case "crypto":
        return namespaceOf(cryptoModule());
      case "console":
        return namespaceOf({ ...own(globalThis.console), ...globals("console") });
      case "timers":
        return namespaceOf({ ...own(native(name)), ...globals(...TIMERS) });
      case "perf_hooks":
        return namespaceOf({ ...own(native(name)), ...globals("performance") });
      case "os":
        return namespaceOf(safeOs());
      case "module":
        return namespaceOf(moduleModule());
      default:
        return undefined;
    }
  }

  function moduleModule(): object {
    const names = [...NATIVE, ...REFUSED, "buffer", "console", "crypto", "os", "process", "timers"];
    return {
      builtinModules: names.filter((name) => !name.startsWith("_")),
      createRequire: (path: unknown) => createRequire(path, lookup),
      isBuiltin: (specifier: string) => lookup(specifier) !== undefined,
    };
  }

  return lookup;
}

/**
 * `module.createRequire`: a `require` for Node's modules. It takes what is, or looks like, a file of
 * the bundle.
 */
function createRequire(
  path: unknown,
  lookup: (specifier: string) => ModuleNamespace | undefined,
): (specifier: unknown) => unknown {
  const text = String(path);
  if (!/^(?:\/|file:)/.test(text)) {
    const message = `The argument 'path' The argument must be a file URL object, a file URL string, or an absolute path string.. Received ${inspect(text)}`;
    throw Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_VALUE" });
  }
  return function require(specifier) {
    const exports = lookup(String(specifier));
    if (exports === undefined) throw new Error(`Module not found: ${specifier}`);
    return exports.default;
  };
}

/** WebCrypto by way of `node:crypto` is the Worker's own. */
function cryptoModule(): object {
  const { crypto } = globals("crypto");
  const subtle = (crypto as { readonly subtle?: unknown } | undefined)?.subtle;
  const module = limitedCrypto(native("crypto"));
  const members = { ...globals("CryptoKey"), webcrypto: crypto, subtle };
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(module, name, { value, enumerable: true, writable: true });
  }
  return module;
}

const TIMERS: readonly string[] = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
];

function native(name: string): object {
  return (process.getBuiltinModule(name) as object | undefined) ?? {};
}

function own(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.getOwnPropertyNames(value).map((key) => [key, Reflect.get(value, key)]),
  );
}

/** What the Worker sees under these names now, not what Node had there. */
function globals(...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
}

function namespaceOf(value: object): ModuleNamespace {
  const exports: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === "default") continue;
    exports[key] = Reflect.get(value, key);
  }
  exports.default = value;
  return exports;
}

/** The same names as the native module; whatever is callable throws. */
function refused(name: string): object {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(native(name))) {
    result[key] = typeof value === "function" ? refusedFunction(name, key) : value;
  }
  // Node's own objects among the values would be a way out.
  for (const key of ["promises", "globalAgent", "workers", "parentPort"]) {
    if (typeof result[key] !== "object" || result[key] === null) continue;
    result[key] = Object.fromEntries(
      Object.entries(result[key] as object).map(([inner, value]) => [
        inner,
        typeof value === "function" ? refusedFunction(name, `${key}.${inner}`) : undefined,
      ]),
    );
  }
  return result;
}

function refusedFunction(module: string, name: string): unknown {
  // Not an arrow function: libraries extend such classes while they load.
  const fn = (): never => {
    throw new Error(
      `node:${module} ${name} is not supported by drover: a Worker does not reach the machine that it runs on.`,
    );
  };
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  return fn;
}

function safeOs(): object {
  const real = native("os") as typeof import("node:os");
  return {
    EOL: "\n",
    constants: real.constants,
    devNull: "/dev/null",
    arch: () => "x64",
    availableParallelism: () => 1,
    cpus: () => [],
    endianness: () => "LE",
    freemem: () => 0,
    getPriority: () => 0,
    homedir: () => "/tmp",
    hostname: () => "localhost",
    loadavg: () => [0, 0, 0],
    machine: () => "x86_64",
    networkInterfaces: () => ({}),
    platform: () => "linux",
    release: () => "",
    setPriority: () => {},
    tmpdir: () => "/tmp",
    totalmem: () => 0,
    type: () => "Linux",
    uptime: () => 0,
    userInfo: () => ({ uid: 0, gid: 0, username: "root", homedir: "/tmp", shell: "/bin/sh" }),
    version: () => "",
  };
}
