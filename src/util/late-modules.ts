/**
 * Modules of Node that most Workers never use: loaded with the first use, in whichever thread asks, because loading
 * `crypto`, `zlib`, `fs/promises` and the like while a thread boots takes 6 ms of every boot. The way to them is taken while the
 * thread boots (isolate/own-world.ts removes it for user code), and user code never gets one of these objects to
 * change (node/native-copies.ts).
 */
const builtinModule: typeof process.getBuiltinModule = process.getBuiltinModule.bind(process);

let assertModule: typeof import("node:assert") | undefined;
let cryptoModule: typeof import("node:crypto") | undefined;
let webStreamsModule: typeof import("node:stream/web") | undefined;
let zlibModule: typeof import("node:zlib") | undefined;
let fsModule: typeof import("node:fs") | undefined;
let filesModule: typeof import("node:fs/promises") | undefined;
let inspectorModule: typeof import("node:inspector") | undefined;
let osModule: typeof import("node:os") | undefined;

export function nodeCrypto(): typeof import("node:crypto") {
  cryptoModule ??= builtinModule("node:crypto");
  return cryptoModule;
}

export function nodeZlib(): typeof import("node:zlib") {
  zlibModule ??= builtinModule("node:zlib");
  return zlibModule;
}

export function nodeFs(): typeof import("node:fs") {
  fsModule ??= builtinModule("node:fs");
  return fsModule;
}

export function nodeFiles(): typeof import("node:fs/promises") {
  filesModule ??= builtinModule("node:fs/promises");
  return filesModule;
}

export function nodeAssert(): typeof import("node:assert") {
  assertModule ??= builtinModule("node:assert");
  return assertModule;
}

export function nodeInspector(): typeof import("node:inspector") {
  inspectorModule ??= builtinModule("node:inspector");
  return inspectorModule;
}

export function nodeOs(): typeof import("node:os") {
  osModule ??= builtinModule("node:os");
  return osModule;
}

/** The classes that the global names stand for before a Worker has its own. */
export function nodeWebStreams(): typeof import("node:stream/web") {
  webStreamsModule ??= builtinModule("node:stream/web");
  return webStreamsModule;
}
