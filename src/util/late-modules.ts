/**
 * Modules of Node that most Workers never use: loaded with the first use, in whichever thread asks, because loading
 * `crypto`, `zlib`, `fs/promises` and the like while a thread boots takes 6 ms of every boot. The way to them is taken while the
 * thread boots (isolate/own-world.ts removes it for user code), and user code never gets one of these objects to
 * change (node/native-copies.ts).
 */
import { builtinModule } from "./early.ts";

let assertModule: typeof import("node:assert") | undefined;
let cryptoModule: typeof import("node:crypto") | undefined;
let webStreamsModule: typeof import("node:stream/web") | undefined;
let zlibModule: typeof import("node:zlib") | undefined;
let fsModule: typeof import("node:fs") | undefined;
let filesModule: typeof import("node:fs/promises") | undefined;
let inspectorModule: typeof import("node:inspector") | undefined;
let osModule: typeof import("node:os") | undefined;
let nodesPerformance: typeof import("node:perf_hooks").performance | undefined;
let urlModule: typeof import("node:url") | undefined;
let v8Module: typeof import("node:v8") | undefined;

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

/** The clock of the thread, not the one that user code sees. */
export function nodePerformance(): typeof import("node:perf_hooks").performance {
  nodesPerformance ??= builtinModule("node:perf_hooks").performance;
  return nodesPerformance;
}

export function nodeUrl(): typeof import("node:url") {
  urlModule ??= builtinModule("node:url");
  return urlModule;
}

export function nodeV8(): typeof import("node:v8") {
  v8Module ??= builtinModule("node:v8");
  return v8Module;
}

/** The classes that the global names stand for before a Worker has its own. */
export function nodeWebStreams(): typeof import("node:stream/web") {
  webStreamsModule ??= builtinModule("node:stream/web");
  return webStreamsModule;
}
