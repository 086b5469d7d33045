/** `node:module` (spec/node.md 9.1): the function Module with everything on it. */
import { inspect } from "node:util";
import type { BuiltinLookup, BundledLookup } from "../isolate/builtin-module.ts";
import { nodeUrl } from "../util/late-modules.ts";
import { nodeError, notImplemented } from "./errors.ts";

const BUILTINS =
  "_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable _tls_common _tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib";
/** Known with the prefix only. */
const PREFIXED = new Set(["node:sea", "node:sqlite", "node:test"]);
const REFUSED =
  "_debug _findPath _initPaths _load _nodeModulePaths _preloadModules _resolveFilename _resolveLookupPaths findPackageJSON findSourceMap getCompileCacheDir getSourceMapsSupport register registerHooks runMain setSourceMapsSupport stripTypeScriptTypes syncBuiltinESMExports wrap".split(
    " ",
  );

export function moduleModule(
  lookup: BuiltinLookup,
  bundled: BundledLookup,
): object & { builtinModules: string[] } {
  const builtinModules = BUILTINS.split(" ");
  const names = new Set(builtinModules);
  function Module(): never {
    throw notImplemented("module.Module");
  }
  class SourceMap {
    constructor() {
      throw notImplemented("module.SourceMap");
    }
  }
  const refused = REFUSED.map((name) => [
    name,
    () => {
      throw notImplemented(`module.${name}`);
    },
  ]);
  return Object.assign(Module, {
    ...(Object.fromEntries(refused) as object),
    Module,
    SourceMap,
    _cache: {},
    _extensions: {},
    _pathCache: {},
    builtinModules,
    constants: { compileCacheStatus: { FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 } },
    createRequire: (path: unknown) => createRequire(path, lookup, bundled),
    enableCompileCache: () => {},
    flushCompileCache: () => {},
    globalPaths: [],
    isBuiltin: (name: unknown) => {
      const text = String(name);
      return PREFIXED.has(text) || text === "sqlite" || names.has(text.replace(/^node:/, ""));
    },
  });
}

/** A function that loads built-in modules, and the bundle's by their paths. */
function createRequire(
  path: unknown,
  lookup: BuiltinLookup,
  bundled: BundledLookup,
): (specifier: string) => unknown {
  const text = path instanceof URL ? path.href : path;
  if (typeof text !== "string" || !/^(?:\/|file:\/\/)/.test(text)) {
    const shown = inspect(String(text));
    const message = `The argument 'path' The argument must be a file URL object, a file URL string, or an absolute path string.. Received ${shown}`;
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
  }
  const base = new URL(text.startsWith("/") ? nodeUrl().pathToFileURL(text) : text);
  return (specifier) => {
    if (/^\.{0,2}\//.test(specifier)) {
      const found = bundled(new URL(specifier, base).pathname);
      if (found !== undefined) return found.value;
    }
    const exports = lookup(specifier);
    if (exports === undefined) throw new Error(`Module not found: ${specifier}`);
    return exports.default ?? exports;
  };
}
