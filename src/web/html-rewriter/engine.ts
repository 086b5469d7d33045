/**
 * The streaming HTML parser: lol_html, which production rewrites with, compiled to WebAssembly (package
 * html-rewriter-wasm). The build copies it beside the runtime (scripts/build-runtime.js); it is read and compiled
 * when a Worker first names a selector. Thread: the Worker's; used by html-rewriter.ts and transform.ts.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EngineRewriter } from "./native-rewriter.ts";
import { Parser, type PieceSink } from "./parser.ts";

/** Beside the runtime's bundle, whose path this is there. */
const FILE: string = join(dirname(import.meta.url), "html-rewriter", "html_rewriter_bg.wasm");

let module: unknown;
let parser: Parser | undefined;

/** A document. `sink` gets its output; `isEsiIncludeVoid`: `<esi:include>` has no end tag. */
export function createEngineRewriter(sink: PieceSink, isEsiIncludeVoid: boolean): EngineRewriter {
  module ??= new WebAssembly.Module(readFileSync(FILE));
  parser ??= new Parser(module);
  return new EngineRewriter(parser, sink, isEsiIncludeVoid);
}

/** The parser has trapped: its memory cannot be trusted any more, the next one starts afresh. */
export function dropEngine(): void {
  parser = undefined;
}

// Not among the types of lib es2023 or of Node 20.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => unknown;
};
