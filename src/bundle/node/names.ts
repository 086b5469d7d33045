/**
 * Names that no package provides in v2 builds (spec/node.md 2.1, 2.4): Node's modules as
 * @cloudflare/unenv-preset lists them, and npm packages that are replaced. A test holds them to the
 * two packages, which are loaded only where something is emulated.
 */

/** Importable without prefix too. */
export const NODE_MODULES: readonly string[] =
  "_http_agent _http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_wrap _stream_writable _tls_common _tls_wrap assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns dns/promises domain events fs fs/promises http http2 https inspector inspector/promises module net os path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib".split(
    " ",
  );

/** Listed by the preset beside them. */
const MORE = ["sqlite"];

/** npm name -> what takes its place. */
export const NPM_SHIMS: Readonly<Record<string, string>> = {
  "cross-fetch": "unenv/npm/cross-fetch",
  "cross-fetch/polyfill": "unenv/mock/empty",
  fsevents: "unenv/npm/fsevents",
  inherits: "unenv/npm/inherits",
  "isomorphic-fetch": "unenv/mock/empty",
  "node-fetch": "unenv/npm/node-fetch",
  "node-fetch-native": "unenv/npm/node-fetch",
  "node-fetch-native/polyfill": "unenv/mock/empty",
  "whatwg-url": "unenv/npm/whatwg-url/index",
  "whatwg-url/webidl2js-wrapper": "unenv/npm/whatwg-url/webidl2js-wrapper",
};

/** Taken in its Node build, from the project. */
export const DEBUG = "debug";

const modules = new Set([...NODE_MODULES, ...MORE].flatMap((name) => [name, `node:${name}`]));

/** Node's modules, all with the prefix. */
export function prefixedNames(): readonly string[] {
  return [...NODE_MODULES, ...MORE].map((name) => `node:${name}`);
}

/** A module of Node, with or without prefix. */
export function isNodeModule(specifier: string): boolean {
  return modules.has(specifier);
}

/** All that a v2 build does not look up in the project. */
export function isReplaced(specifier: string): boolean {
  return isNodeModule(specifier) || specifier in NPM_SHIMS;
}

/** Every specifier that may have to be replaced. */
export function replacedNames(): readonly string[] {
  return [...modules, ...Object.keys(NPM_SHIMS), DEBUG];
}
