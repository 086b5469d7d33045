/**
 * `eval`, `new Function` and WebAssembly compilation as production has them: allowed while modules
 * are evaluated (`allow_eval_during_startup`, default since 2025-06-01), refused after, with
 * production's texts (spikes.md S4). Done with JavaScript replacements; the runtime's own
 * WebAssembly (undici) is the captured original and not touched.
 *
 * Known hole: a reference to `eval` that the Worker kept from its start-up still works.
 */
const EVAL_TEXT = "Code generation from strings disallowed for this context";

type Bytes = ArrayBuffer | ArrayBufferView;

/** The part of WebAssembly that matters here; Node's type library has none of it. */
interface WasmApi {
  readonly Module: new (bytes: Bytes) => object;
  readonly CompileError: new (message: string) => Error;
  compile(bytes: Bytes): Promise<object>;
  instantiate(source: Bytes | object, imports?: object): Promise<object>;
}

export interface EvalBan {
  /** Refuse from now on. Safe to call twice. */
  enable(): void;
  /** Replacement for `globalThis.WebAssembly`. */
  readonly webAssembly: object;
}

/**
 * Install the switch (off). `Function` and its three siblings are replaced at once, so that
 * references kept from start-up are refused too; `eval` only when the ban is enabled, because a
 * replaced `eval` is no longer a direct one.
 */
export function installEvalBan(scope: typeof globalThis): EvalBan {
  let banned = false;
  const isBanned = (): boolean => banned;

  const AsyncFunction = (async () => {}).constructor;
  const GeneratorFunction = function* () {}.constructor;
  const AsyncGeneratorFunction = async function* () {}.constructor;
  for (const real of [scope.Function, AsyncFunction, GeneratorFunction, AsyncGeneratorFunction]) {
    replaceConstructor(real as FunctionConstructor, isBanned, scope);
  }
  return {
    webAssembly: copyWebAssembly(Reflect.get(scope, "WebAssembly") as WasmApi, isBanned),
    enable() {
      if (banned) return;
      banned = true;
      Object.defineProperty(scope, "eval", {
        value: named("eval", (...args: readonly unknown[]) => {
          if (args.length > 0) throw new EvalError(EVAL_TEXT);
        }),
        writable: true,
        configurable: true,
        enumerable: false,
      });
    },
  };
}

function replaceConstructor(
  real: FunctionConstructor,
  isBanned: () => boolean,
  scope: typeof globalThis,
): void {
  // A plain function: callable with and without `new`, like the original.
  // Stacks name it as the type of every function that is called with itself as `this`, by the name
  // that it has in the source.
  const { Function: replacement } = {
    Function: function (this: unknown, ...args: string[]): unknown {
      if (isBanned()) throw new EvalError(EVAL_TEXT);
      return Reflect.construct(real, args, new.target === undefined ? real : rebase(new.target));
    },
  };
  const rebase = (target: object) => (target === replacement ? real : (target as typeof real));
  named(real.name, replacement);
  Object.setPrototypeOf(replacement, Object.getPrototypeOf(real) as object);
  Object.defineProperty(replacement, "length", { value: 1, configurable: true });
  Object.defineProperty(replacement, "prototype", { value: real.prototype, writable: false });
  Object.defineProperty(real.prototype, "constructor", {
    value: replacement,
    writable: real.name === "Function",
    configurable: true,
    enumerable: false,
  });
  if (scope.Function === real) {
    Object.defineProperty(scope, "Function", {
      value: replacement,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
}

/** A copy whose compiling members obey the switch; streaming members do not exist in production. */
function copyWebAssembly(real: WasmApi, isBanned: () => boolean): object {
  const copy: Record<string, unknown> = {};
  const descriptors = Object.getOwnPropertyDescriptors(real) as PropertyDescriptorMap;
  delete descriptors.compileStreaming;
  delete descriptors.instantiateStreaming;
  Object.defineProperties(copy, descriptors);

  const refuse = (api: string): Error =>
    new real.CompileError(`WebAssembly.${api}: Wasm code generation disallowed by embedder`);
  const RealModule = real.Module;
  const Module = function (this: unknown, bytes: Bytes): unknown {
    if (new.target === undefined) {
      throw new TypeError("WebAssembly.Module must be invoked with 'new'");
    }
    if (isBanned()) throw refuse("Module()");
    const target: unknown = new.target;
    const base = target === Module ? RealModule : (target as typeof RealModule);
    return Reflect.construct(RealModule, [bytes], base);
  };
  Object.defineProperties(Module, {
    ...Object.getOwnPropertyDescriptors(RealModule),
    prototype: { value: RealModule.prototype, writable: false },
  });
  replaceValue(copy, "Module", Module);
  replaceValue(
    copy,
    "compile",
    named("compile", async (bytes: Bytes) => {
      if (isBanned()) throw refuse("compile()");
      return real.compile(bytes);
    }),
  );
  replaceValue(
    copy,
    "instantiate",
    named("instantiate", async (source: Bytes | object, imports?: object) => {
      const isModule = source instanceof RealModule;
      if (!isModule && isBanned()) throw refuse("instantiate()");
      return real.instantiate(source, imports);
    }),
  );
  return copy;
}

function replaceValue(target: object, name: string, value: unknown): void {
  const known = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { ...known, value });
}

function named<F extends (...args: never[]) => unknown>(name: string, fn: F): F {
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  Object.defineProperty(fn, "length", { value: 1, configurable: true });
  return fn;
}
