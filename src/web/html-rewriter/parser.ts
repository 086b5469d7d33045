/**
 * The parser's instance: lol_html, which production rewrites with, as WebAssembly (package html-rewriter-wasm).
 * This is the glue between the two languages, in place of the package's own, which makes an object for whatever
 * passes: handles of JavaScript values, strings in the parser's memory, suspension of the parser while a handler's
 * promise is pending (the module is asyncified). The names of imports and exports are those of this version of the
 * package. Thread: the Worker's; made by engine.ts, used by native-tokens.ts and native-rewriter.ts.
 */
import { ParserStacks } from "./parser-stacks.ts";
import {
  collectPieces,
  FIRST_POINTER,
  NOTHING,
  type ParserMemory,
  type PieceBuffer,
  pieceImports,
} from "./pieces.ts";

/** Handles that the parser never releases. */
const NULL = 33;
export const TRUE = 34;
const FALSE = 35;
/** What an absent boolean of a dictionary is to the parser. */
const ABSENT = 0xff_ff_ff;
/** Of asyncify. */
const UNWINDING = 1;
const REWINDING = 2;
/** Bytes of output that are collected before they are taken out. */
const PIECES_SIZE = 160 * 1024;
/** Up to here a loop is faster than a call. */
const SHORT = 32;

type Exported = (...args: number[]) => number;

/** Of the module; what is not named here is not used. */
export type ParserExports = Readonly<Record<ExportName, Exported>>;

type ExportName =
  | "__wbindgen_malloc"
  | "__wbindgen_free"
  | "__wbindgen_add_to_stack_pointer"
  | "__wbindgen_exn_store"
  | `asyncify_${"start_unwind" | "stop_unwind" | "start_rewind" | "stop_rewind" | "get_state"}`
  | `__wbg_${TokenName | "htmlrewriter"}_free`
  | `htmlrewriter_${"new" | "on" | "onDocument" | "write" | "end" | "asyncify_stack_ptr"}`
  | `${"element" | "comment" | "textchunk"}_${"before" | "after" | "replace" | "remove" | "removed"}`
  | `element_${"prepend" | "append" | "setInnerContent" | "removeAndKeepContent" | "onEndTag"}`
  | `element_${"tag_name" | "set_tag_name" | "namespace_uri" | "attributes"}`
  | `element_${"getAttribute" | "hasAttribute" | "setAttribute" | "removeAttribute"}`
  | `endtag_${"before" | "after" | "remove" | "name" | "set_name"}`
  | `textchunk_${"text" | "last_in_text_node"}`
  | `comment_${"text" | "set_text"}`
  | `doctype_${"name" | "public_id" | "system_id"}`
  | "documentend_append";

type TokenName = "element" | "endtag" | "textchunk" | "comment" | "doctype" | "documentend";
type Handler = (pointer: number) => unknown;

/** Takes pieces of output out of the parser's memory. */
export interface PieceSink {
  add(memory: Uint8Array, at: number, length: number): void;
}

const encoder = new TextEncoder();
/** What the parser says is UTF-8 for certain, and short: TextDecoder's checks take longer than the decoding. */
const { utf8Slice } = Buffer.prototype as unknown as {
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
};

export class Parser {
  readonly exports: ParserExports;
  readonly #memory: ParserMemory;
  readonly #pieces: PieceBuffer;
  readonly #piecesAt: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Int32Array = new Int32Array(0);
  readonly #values: unknown[] = [...new Array<undefined>(NULL).fill(undefined), null, true, false];
  readonly #free: number[] = [];
  /** What a handler of the rewriter with that stack has returned. */
  readonly #pending: Map<number, PromiseLike<unknown>> = new Map();
  readonly #stacks: ParserStacks;
  /** Of the rewriter that runs. */
  #sink: PieceSink | undefined;

  constructor(module: unknown) {
    const { imports, table } = pieceImports(
      (handler, token) => this.#call(handler, token),
      (handle) => this.take(handle),
    );
    const instance = new WebAssembly.Instance(module, {
      __wbindgen_placeholder__: {
        ...this.#imports(),
        __wbindgen_memory: imports.memory,
        __wbg_buffer_89a8560ab6a3d9c6: imports.nothing,
        __wbg_newwithbyteoffsetandlength_e45d8b33c02dc3b5: imports.view,
        __wbg_new_bd2e1d010adb8a1a: imports.nothing,
        __wbg_call_6c4ea719458624eb: imports.call,
        __wbg_element_new: imports.token,
        __wbg_textchunk_new: imports.token,
        __wbg_comment_new: imports.token,
        __wbg_doctype_new: imports.token,
        __wbg_endtag_new: imports.token,
        __wbg_documentend_new: imports.token,
        __wbg_instanceof_Promise_c6535fc791fcc4d2: imports.isPromise,
        __wbindgen_object_drop_ref: imports.drop,
      },
    });
    const { memory, ...functions } = instance.exports;
    this.#memory = memory;
    this.exports = functions as ParserExports;
    this.#stacks = new ParserStacks({
      allocate: (length) => this.allocate(length),
      moveBy: (bytes) => this.exports.__wbindgen_add_to_stack_pointer(bytes) >>> 0,
    });
    this.#pieces = collectPieces(memory, (at, length) => this.#onFull(at, length));
    table.set(0, this.#pieces.append);
    this.#piecesAt = this.allocate(PIECES_SIZE);
    this.#pieces.end.value = this.#piecesAt;
    this.#pieces.limit.value = this.#piecesAt + PIECES_SIZE;
  }

  /** A handle of any value, for one use by the parser. */
  give(value: unknown): number {
    const handle = this.#free.pop() ?? this.#values.length;
    if (handle >= FIRST_POINTER) throw new Error("The HTML parser has too many values.");
    this.#values[handle] = value;
    return handle;
  }

  /** The value of a handle, which is released. */
  take(handle: number): unknown {
    const value = this.#values[handle];
    if (handle > FALSE) {
      this.#values[handle] = undefined;
      this.#free.push(handle);
    }
    return value;
  }

  allocate(length: number): number {
    return this.exports.__wbindgen_malloc(length) >>> 0;
  }

  /** The parser's memory as it is now: a view from before it grew is empty. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer);
    return this.#words;
  }

  /** A text for the parser, which releases it; `writtenLength` says how many bytes it has. */
  write(text: string): number {
    const { length } = text;
    if (length <= SHORT) {
      const at = this.allocate(length);
      const { bytes } = this;
      let i = 0;
      for (; i < length; i += 1) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + i] = code;
      }
      this.writtenLength = length;
      if (i === length) return at;
      this.exports.__wbindgen_free(at, length);
    }
    const encoded = encoder.encode(text);
    const at = this.allocate(encoded.byteLength);
    this.bytes.set(encoded, at);
    this.writtenLength = encoded.byteLength;
    return at;
  }
  writtenLength = 0;

  /** A text of the parser. */
  read(at: number, length: number): string {
    return utf8Slice.call(this.bytes, at >>> 0, (at + length) >>> 0);
  }

  /** A text that an export makes, which is released. */
  readResult(name: ExportName, pointer: number): string {
    const { exports } = this;
    const result = exports.__wbindgen_add_to_stack_pointer(-16);
    exports[name](result, pointer);
    const at = this.words[result / 4] as number;
    const length = this.words[result / 4 + 1] as number;
    exports.__wbindgen_add_to_stack_pointer(16);
    const text = this.read(at, length);
    exports.__wbindgen_free(at, length);
    return text;
  }

  /** Runs `call`, which takes so many bytes of stack, beside whatever runs. */
  aside<T>(bytes: number, call: () => T): T {
    return this.#stacks.aside(bytes, call);
  }

  /** Before `run`: it may take so many bytes of stack. */
  ensureStack(bytes: number): void {
    this.#stacks.ensure(bytes);
  }

  /**
   * Runs the parser until it is done or a handler has returned a promise; that one is the result, and `resume`
   * goes on. `sink` gets the pieces of output, at the latest before this returns or throws.
   */
  run(
    sink: PieceSink,
    stack: number,
    name: ExportName,
    ...args: number[]
  ): PromiseLike<unknown> | undefined {
    if (this.#sink !== undefined) throw new Error("The HTML parser is busy.");
    const { exports } = this;
    this.#sink = sink;
    try {
      exports[name](...args);
    } finally {
      this.flush();
      this.#sink = undefined;
      if (exports.asyncify_get_state() !== UNWINDING) this.#stacks.reset();
    }
    if (exports.asyncify_get_state() !== UNWINDING) return undefined;
    exports.asyncify_stop_unwind();
    this.#stacks.suspend(stack);
    const promise = this.#pending.get(stack);
    this.#pending.delete(stack);
    return promise;
  }

  /** After the promise that `run` gave. */
  resume(sink: PieceSink, stack: number, name: ExportName): PromiseLike<unknown> | undefined {
    this.#stacks.resume(stack);
    this.exports.asyncify_start_rewind(stack);
    return this.run(sink, stack, name);
  }

  /** The running rewriter's sink gets what came out so far. */
  flush(): void {
    const { end } = this.#pieces;
    const length = end.value - this.#piecesAt;
    if (length === 0) return;
    end.value = this.#piecesAt;
    this.#sink?.add(this.bytes, this.#piecesAt, length);
  }

  #onFull(at: number, length: number): void {
    this.flush();
    this.#sink?.add(this.bytes, at >>> 0, length >>> 0);
  }

  #call(handler: number, pointer: number): number {
    try {
      const result = (this.#values[handler] as Handler)(pointer >>> 0);
      return result === undefined ? NOTHING : this.give(result);
    } catch (error) {
      this.exports.__wbindgen_exn_store(this.give(error));
      return 0;
    }
  }

  /** The parser calls this again when it is rewound to where it stopped. */
  #suspend(stack: number, promise: PromiseLike<unknown>): void {
    const { exports } = this;
    if (exports.asyncify_get_state() === REWINDING) {
      exports.asyncify_stop_rewind();
      return;
    }
    // Where the stack is kept: the first free byte, and the end.
    this.words[stack / 4] = stack + 8;
    this.words[stack / 4 + 1] = stack + 1024;
    exports.asyncify_start_unwind(stack);
    this.#pending.set(stack, promise);
  }

  /** Those that are called seldom. */
  #imports(): Record<string, (...args: number[]) => unknown> {
    const value = (handle = 0): unknown => this.#values[handle];
    const member = (name: string) => (handle: number) => {
      const found: unknown = Reflect.get(value(handle) as object, name);
      return found === undefined || found === null ? 0 : this.give(found);
    };
    const returnText = (at: number, text: string): void => {
      const pointer = this.write(text);
      this.words[at / 4] = pointer;
      this.words[at / 4 + 1] = this.writtenLength;
    };
    return {
      __wbindgen_string_new: (at = 0, length = 0) => this.give(this.read(at, length)),
      __wbindgen_object_clone_ref: (handle = 0) =>
        handle <= FALSE ? handle : this.give(value(handle)),
      __wbg_awaitPromise_39a1101fd8518869: (stack = 0, handle = 0) =>
        this.#suspend(stack, value(handle) as PromiseLike<unknown>),
      __wbg_html_cd9a0f328493678b: (handle) => (handle === TRUE ? 1 : ABSENT),
      __wbg_enableEsiTags_de6b91cc61a25874: (handle) => (handle === TRUE ? 1 : ABSENT),
      __wbg_element_c38470ed972aea27: member("element"),
      __wbg_comments_ba86bc03331d9378: member("comments"),
      __wbg_text_7800bf26cb443911: member("text"),
      __wbg_doctype_ac58c0964a59b61b: member("doctype"),
      __wbg_comments_94d876f6c0502e82: member("comments"),
      __wbg_text_4606a16c30e4ae91: member("text"),
      __wbg_end_34efb9402eac8a4e: member("end"),
      __wbg_String_60c4ba333b5ca1c6: (at = 0, handle = 0) => returnText(at, String(value(handle))),
      __wbindgen_debug_string: (at = 0, handle = 0) => returnText(at, String(value(handle))),
      __wbg_new_4fee7e2900033464: () => this.give([]),
      __wbg_push_ba9b5e3c25cff8f9: (list = 0, handle = 0) =>
        (value(list) as unknown[]).push(value(handle)),
      __wbg_new_917809a3e20a4b00: (at = 0, length = 0) =>
        this.give(new TypeError(this.read(at, length))),
      __wbindgen_throw: (at = 0, length = 0) => {
        throw new Error(this.read(at, length));
      },
      __wbindgen_rethrow: (handle = 0) => {
        throw this.take(handle);
      },
    };
  }
}

// Not among the types of lib es2023 or of Node 20.
declare const WebAssembly: {
  readonly Instance: new (
    module: unknown,
    imports: unknown,
  ) => { readonly exports: { readonly memory: ParserMemory } & Readonly<Record<string, unknown>> };
};
