/** Compiles WebAssembly at start-up, with the runtime's own (captured) compiler. */

// Not among the types of lib es2023 or of Node 20.
declare const WebAssembly: { readonly Module: new (bytes: Uint8Array) => object };

/** A WebAssembly.Module. Throws CompileError. */
export function compileWasm(bytes: Uint8Array): object {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // In production nobody called a constructor.
    if (error instanceof Error) {
      const message = error.message
        .replace(/^WebAssembly\.Module\(\)/, "WasmModuleObject::Compile()")
        .replace("BufferSource argument is empty", "expected 4 bytes, fell off end @+0");
      Object.defineProperty(error, "message", { value: message });
      error.stack = `${error.name}: ${message}`;
    }
    throw error;
  }
}
