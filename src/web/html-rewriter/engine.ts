/**
 * The streaming HTML parser: lol_html, which production rewrites with, compiled to WebAssembly (package
 * html-rewriter-wasm). The build copies its files beside the runtime (scripts/build-runtime.js); they are
 * read, compiled and run with the runtime's own intrinsics when a Worker first names a selector. Thread:
 * the Worker's; used by html-rewriter.ts and transform.ts.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import vm from "node:vm";
import { RUNTIME_SCRIPT } from "../../protocol/runtime-script.ts";

/** What the parser hands to a handler: valid until the handler, or its promise, is done. */
export interface EngineToken {
  free(): void;
}

export interface EngineOptions {
  readonly html: boolean;
}

type Insert<T> = (content: string, options: EngineOptions) => T;

export interface EngineElement extends EngineToken {
  tagName: string;
  readonly removed: boolean;
  readonly namespaceURI: string;
  readonly attributes: IterableIterator<[string, string]>;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): unknown;
  removeAttribute(name: string): unknown;
  before: Insert<unknown>;
  after: Insert<unknown>;
  prepend: Insert<unknown>;
  append: Insert<unknown>;
  replace: Insert<unknown>;
  setInnerContent: Insert<unknown>;
  remove(): unknown;
  removeAndKeepContent(): unknown;
  onEndTag(handler: (tag: EngineEndTag) => unknown): unknown;
}

export interface EngineEndTag extends EngineToken {
  name: string;
  before: Insert<unknown>;
  after: Insert<unknown>;
  remove(): unknown;
}

export interface EngineText extends EngineToken {
  readonly text: string;
  readonly lastInTextNode: boolean;
  readonly removed: boolean;
  before: Insert<unknown>;
  after: Insert<unknown>;
  replace: Insert<unknown>;
  remove(): unknown;
}

export interface EngineComment extends EngineToken {
  text: string;
  readonly removed: boolean;
  before: Insert<unknown>;
  after: Insert<unknown>;
  replace: Insert<unknown>;
  remove(): unknown;
}

export interface EngineDoctype extends EngineToken {
  readonly name: string | null;
  readonly publicId: string | null;
  readonly systemId: string | null;
}

export interface EngineDocumentEnd extends EngineToken {
  append: Insert<unknown>;
}

/** A handler that returns a promise suspends the parser until it is fulfilled; it must not reject. */
type EngineHandler<T> = (token: T) => unknown;

export interface EngineElementHandlers {
  readonly element?: EngineHandler<EngineElement>;
  readonly comments?: EngineHandler<EngineComment>;
  readonly text?: EngineHandler<EngineText>;
}

export interface EngineDocumentHandlers {
  readonly doctype?: EngineHandler<EngineDoctype>;
  readonly comments?: EngineHandler<EngineComment>;
  readonly text?: EngineHandler<EngineText>;
  readonly end?: EngineHandler<EngineDocumentEnd>;
}

/** One document. The parser throws TypeErrors. */
export interface EngineRewriter {
  on(selector: string, handlers: EngineElementHandlers): unknown;
  onDocument(handlers: EngineDocumentHandlers): unknown;
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
  free(): void;
}

export interface Engine {
  /** `sink` is called for each piece of output, which `currentPiece` shows while it runs. */
  readonly HTMLRewriter: new (
    sink: () => void,
    options?: { readonly enableEsiTags: boolean },
  ) => EngineRewriter;
}

/** A piece of output where it lies: in the parser's memory. */
export interface EnginePiece {
  readonly memory: Uint8Array;
  readonly at: number;
  readonly length: number;
}

/** Beside the runtime's bundle, whose path this is there. */
const FOLDER: string = join(dirname(import.meta.url), "html-rewriter");

let engine: Engine | undefined;

export function rewriterEngine(): Engine {
  engine ??= loadModule("html_rewriter.js") as Engine;
  return engine;
}

/** The parser has trapped: its memory cannot be trusted any more, the next one starts afresh. */
export function dropEngine(): void {
  engine = undefined;
}

/** Evaluates a CommonJS file of the package: it sees what it needs, and no `require` of Node's. */
function loadModule(file: string): unknown {
  const module = { exports: {} };
  const run = vm.compileFunction(
    readFileSync(join(FOLDER, file), "utf8"),
    ["module", "exports", "require", "__dirname", "WebAssembly", "Promise"],
    { filename: RUNTIME_SCRIPT },
  );
  const own = { Module: WebAssembly.Module, Instance: RewriterInstance };
  run(module, module.exports, provide, FOLDER, own, Promise);
  return module.exports;
}

function provide(name: string): unknown {
  switch (name) {
    case "assert":
      return assert;
    case "fs":
      return { readFileSync };
    case "path":
      return { join };
    case "util":
      return { TextDecoder: Decoder, TextEncoder };
    default:
      return loadModule(name);
  }
}

const assert = Object.assign(
  (value: unknown): void => {
    if (!value) throw new Error("The HTML parser is in a wrong state.");
  },
  { strictEqual: (one: unknown, other: unknown): void => assert(one === other) },
);

/** What the parser says is UTF-8 for certain, and short: TextDecoder's checks take longer than the decoding. */
class Decoder {
  decode(bytes?: Uint8Array): string {
    return bytes === undefined ? "" : utf8Slice.call(bytes, 0, bytes.byteLength);
  }
}
const { utf8Slice } = Buffer.prototype as unknown as {
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
};

type Imports = Record<string, (...args: number[]) => number>;

/** The heap's name of `undefined`, which needs no releasing (`dropObject` of the package's glue). */
const NOTHING = 32;

let memory: { readonly buffer: ArrayBuffer } = { buffer: new ArrayBuffer(0) };
let bytes = new Uint8Array(0);
let pieceAt = 0;
let pieceLength = 0;

/** Of the sink that runs now. */
export const currentPiece: EnginePiece = {
  get memory() {
    // It moves when it grows.
    if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
    return bytes;
  },
  get at() {
    return pieceAt;
  },
  get length() {
    return pieceLength;
  },
};

/**
 * The parser makes two views and a copy of each piece of output, by calls out of WebAssembly, before it calls
 * its sink: a page has 75,000 pieces a megabyte. Here it only says where the piece is. The names are those
 * of this version of the package.
 */
class RewriterInstance {
  constructor(module: unknown, imports: { readonly __wbindgen_placeholder__: Imports }) {
    const glue = imports.__wbindgen_placeholder__;
    const replace = (name: string, by: Imports[string]): void => {
      if (glue[name] === undefined) throw new Error(`The HTML parser does not import ${name}.`);
      glue[name] = by;
    };
    replace("__wbindgen_memory", () => NOTHING);
    replace("__wbg_buffer_89a8560ab6a3d9c6", () => NOTHING);
    replace(
      "__wbg_newwithbyteoffsetandlength_e45d8b33c02dc3b5",
      (_buffer = 0, at = 0, length = 0) => {
        pieceAt = at >>> 0;
        pieceLength = length >>> 0;
        return NOTHING;
      },
    );
    replace("__wbg_new_bd2e1d010adb8a1a", () => NOTHING);
    const instance = new WebAssembly.Instance(module, imports);
    memory = instance.exports.memory;
    // The glue reads `exports` of what it has made.
    Object.assign(this, { exports: instance.exports });
  }
}

// Not among the types of lib es2023 or of Node 20.
declare const WebAssembly: {
  readonly Module: unknown;
  readonly Instance: new (
    module: unknown,
    imports: unknown,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } };
};
