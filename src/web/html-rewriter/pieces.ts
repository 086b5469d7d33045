/**
 * What the parser calls for each piece of output and for each token, as WebAssembly. A page has 75,000 pieces
 * a megabyte (`<a`, ` href`, `=`), and for each of them the parser makes two views and a copy by calls to
 * JavaScript before it calls its sink. Here nothing leaves WebAssembly: pieces are put one behind the other in
 * the parser's own memory. Two modules, as the parser wants its imports before its memory is there:
 * `IMPORTS` has them, and reaches `append` of `PIECES` through a table. Their text is at the end of this file.
 * Used by parser.ts.
 */
export interface ParserMemory {
  readonly buffer: ArrayBuffer;
}

/** A handle that stands for `undefined`, and for a piece of output: the parser releases none below 36. */
export const NOTHING = 32;

/** Handles below are JavaScript's (parser.ts), the others are pointers to tokens in the parser's memory. */
export const FIRST_POINTER = 0x10_00_00;

interface Table {
  set(index: number, value: unknown): void;
}

export interface PieceImports {
  readonly memory: () => number;
  readonly nothing: (handle: number) => number;
  readonly view: (buffer: number, at: number, length: number) => number;
  readonly call: (handler: number, self: number, token: number) => number;
  readonly token: (pointer: number) => number;
  readonly isPromise: (handle: number) => number;
  readonly drop: (handle: number) => void;
}

/**
 * `call`: of a handler with a pointer to its token; gives a handle. `drop`: of a handle below
 * `FIRST_POINTER`. Into `table` goes what `collectPieces` gives.
 */
export function pieceImports(
  call: (handler: number, token: number) => number,
  drop: (handle: number) => void,
): { readonly imports: PieceImports; readonly table: Table } {
  const table = new WebAssembly.Table({ initial: 1, element: "anyfunc" });
  const imports = { js: { call, drop, table } };
  const instance = new WebAssembly.Instance(moduleOf(IMPORTS), imports);
  return { imports: instance.exports as unknown as PieceImports, table };
}

export interface PieceBuffer {
  /** Addresses: behind the last byte, and behind the last that may be written. */
  readonly end: { value: number };
  readonly limit: { value: number };
  readonly append: unknown;
}

/** `full`: there is no room for so many bytes at that address. */
export function collectPieces(
  memory: ParserMemory,
  full: (at: number, length: number) => void,
): PieceBuffer {
  const instance = new WebAssembly.Instance(moduleOf(PIECES), { parser: { memory }, js: { full } });
  return instance.exports as unknown as PieceBuffer;
}

function moduleOf(base64: string): unknown {
  return new WebAssembly.Module(Buffer.from(base64, "base64"));
}

// Not among the types of lib es2023 or of Node 20.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => unknown;
  readonly Instance: new (
    module: unknown,
    imports: unknown,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Table: new (options: { readonly initial: number; readonly element: "anyfunc" }) => Table;
};

/*
(module
  (import "js" "call" (func $js_call (param i32 i32) (result i32)))
  (import "js" "drop" (func $js_drop (param i32)))
  (import "js" "table" (table 1 funcref))
  (type $append (func (param i32 i32)))
  (global $at (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))
  (func (export "memory") (result i32) (i32.const 32))
  (func (export "nothing") (param i32) (result i32) (i32.const 32))
  (func (export "view") (param i32 i32 i32) (result i32)
    (global.set $at (local.get 1)) (global.set $length (local.get 2)) (i32.const 32))
  (func (export "call") (param i32 i32 i32) (result i32)
    (if (i32.eq (local.get 2) (i32.const 32))
      (then
        (call_indirect (type $append) (global.get $at) (global.get $length) (i32.const 0))
        (return (i32.const 32))))
    (call $js_call (local.get 0) (local.get 2)))
  (func (export "token") (param i32) (result i32) (local.get 0))
  (func (export "isPromise") (param i32) (result i32) (i32.ne (local.get 0) (i32.const 32)))
  (func (export "drop") (param i32)
    (if (i32.lt_u (local.get 0) (i32.const 0x100000)) (then (call $js_drop (local.get 0)))))
)
*/
const IMPORTS: string =
  "AGFzbQEAAAABIAZgAX8Bf2ABfwBgA39/fwF/YAJ/fwF/YAABf2ACf38AAiIDAmpzBXRhYmxlAXAAAQJqcwRjYWxsAA" +
  "MCanMEZHJvcAABAwgHBAACAgAAAQYLAn8BQQALfwFBAAsHPQcGbWVtb3J5AAIHbm90aGluZwADBHZpZXcABARjYWxs" +
  "AAUFdG9rZW4ABglpc1Byb21pc2UABwRkcm9wAAgKVAcEAEEgCwQAQSALDAAgASQAIAIkAUEgCxwAIAJBIEYEQCMAIw" +
  "FBABEFAEEgDwsgACACEAALBAAgAAsHACAAQSBHCxEAIABBgIDAAEkEQCAAEAELCw==";

/*
(module
  (import "parser" "memory" (memory 1))
  (import "js" "full" (func $full (param i32 i32)))
  (global $end (export "end") (mut i32) (i32.const 0))
  (global $limit (export "limit") (mut i32) (i32.const 0))
  (func (export "append") (param $at i32) (param $length i32)
    (local $to i32) (local $end i32)
    (local.set $to (global.get $end))
    (local.set $end (i32.add (local.get $to) (local.get $length)))
    (if (i32.gt_u (local.get $end) (global.get $limit))
      (then (call $full (local.get $at) (local.get $length)) (return)))
    (global.set $end (local.get $end))
    (if (i32.gt_u (local.get $length) (i32.const 64))
      (then (memory.copy (local.get $to) (local.get $at) (local.get $length)) (return)))
    (block $tail
      (loop $words
        (br_if $tail (i32.lt_u (local.get $length) (i32.const 8)))
        (i64.store align=1 (local.get $to) (i64.load align=1 (local.get $at)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $length (i32.sub (local.get $length) (i32.const 8)))
        (br $words)))
    (block $done
      (loop $bytes
        (br_if $done (i32.eqz (local.get $length)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $at)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $bytes))))
)
*/
const PIECES: string =
  "AGFzbQEAAAABBgFgAn9/AAIcAgZwYXJzZXIGbWVtb3J5AgABAmpzBGZ1bGwAAAMCAQAGCwJ/AUEAC38BQQALBxgDA2" +
  "VuZAMABWxpbWl0AwEGYXBwZW5kAAEKlQEBkgEBAn8jACECIAIgAWohAyADIwFLBEAgACABEAAPCyADJAAgAUHAAEsE" +
  "QCACIAAgAfwKAAAPCwJAA0AgAUEISQ0BIAIgACkAADcAACACQQhqIQIgAEEIaiEAIAFBCGshAQwACwALAkADQCABRQ" +
  "0BIAIgAC0AADoAACACQQFqIQIgAEEBaiEAIAFBAWshAQwACwALCw==";
