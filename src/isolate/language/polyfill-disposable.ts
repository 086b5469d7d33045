/**
 * DisposableStack, AsyncDisposableStack and SuppressedError for hosts that lack them. esbuild lowers
 * `using` itself; these are for code that names the classes.
 */
interface Resource {
  readonly dispose: () => unknown;
}

/** Empty where the host has them. */
export function createDisposables(): Record<string, unknown> {
  if (Reflect.has(globalThis, "DisposableStack")) return {};
  const SuppressedErrorClass = createSuppressedError();
  const sync = createStackClass("DisposableStack", SuppressedErrorClass);
  const async = createAsyncStackClass(SuppressedErrorClass);
  return {
    SuppressedError: SuppressedErrorClass,
    DisposableStack: sync,
    AsyncDisposableStack: async,
  };
}

type SuppressedConstructor = new (error: unknown, suppressed: unknown, message?: string) => Error;

function createSuppressedError(): SuppressedConstructor {
  class SuppressedError extends Error {
    constructor(error: unknown, suppressed: unknown, message?: string) {
      super(message);
      Object.defineProperty(this, "error", { value: error, writable: true, configurable: true });
      Object.defineProperty(this, "suppressed", {
        value: suppressed,
        writable: true,
        configurable: true,
      });
    }
  }
  Object.defineProperty(SuppressedError, "name", { value: "SuppressedError" });
  Object.defineProperty(SuppressedError.prototype, "name", {
    value: "SuppressedError",
    writable: true,
    configurable: true,
  });
  return SuppressedError;
}

/** What both stacks share; `methods` are the well-known symbols to look for, in order. */
abstract class StackBase {
  protected resources: Resource[] | null = [];

  get disposed(): boolean {
    return this.resources === null;
  }

  adopt<T>(value: T, onDispose: (value: T) => unknown): T {
    assertCallable(onDispose);
    this.open().push({ dispose: () => onDispose(value) });
    return value;
  }

  defer(onDispose: () => unknown): void {
    assertCallable(onDispose);
    this.open().push({ dispose: onDispose });
  }

  protected open(): Resource[] {
    if (this.resources === null) throw new ReferenceError("This stack has already been disposed");
    return this.resources;
  }

  protected take(): Resource[] {
    const resources = this.resources ?? [];
    this.resources = null;
    return resources.reverse();
  }
}

function createStackClass(name: string, Suppressed: SuppressedConstructor): unknown {
  class DisposableStack extends StackBase {
    use<T>(value: T): T {
      const resources = this.open();
      if (value === null || value === undefined) return value;
      const method = Reflect.get(value as object, Symbol.dispose) as (() => unknown) | undefined;
      assertCallable(method);
      resources.push({ dispose: () => method.call(value) });
      return value;
    }

    dispose(): void {
      const failures = new Failures(Suppressed);
      for (const resource of this.take()) {
        try {
          resource.dispose();
        } catch (error) {
          failures.add(error);
        }
      }
      failures.rethrow();
    }

    move(): DisposableStack {
      const moved = new DisposableStack();
      moved.resources = this.open();
      this.resources = null;
      return moved;
    }

    [Symbol.dispose](): void {
      this.dispose();
    }
  }
  return finish(DisposableStack, name);
}

function createAsyncStackClass(Suppressed: SuppressedConstructor): unknown {
  class AsyncDisposableStack extends StackBase {
    use<T>(value: T): T {
      const resources = this.open();
      if (value === null || value === undefined) return value;
      const method = (Reflect.get(value as object, Symbol.asyncDispose) ??
        Reflect.get(value as object, Symbol.dispose)) as (() => unknown) | undefined;
      assertCallable(method);
      resources.push({ dispose: () => method.call(value) });
      return value;
    }

    async disposeAsync(): Promise<void> {
      const failures = new Failures(Suppressed);
      for (const resource of this.take()) {
        try {
          await resource.dispose();
        } catch (error) {
          failures.add(error);
        }
      }
      failures.rethrow();
    }

    move(): AsyncDisposableStack {
      const moved = new AsyncDisposableStack();
      moved.resources = this.open();
      this.resources = null;
      return moved;
    }

    [Symbol.asyncDispose](): Promise<void> {
      return this.disposeAsync();
    }
  }
  return finish(AsyncDisposableStack, "AsyncDisposableStack");
}

/** Chains errors as the specification does: the later one is `error`, the earlier `suppressed`. */
class Failures {
  #current: { readonly error: unknown } | null = null;
  readonly #Suppressed: SuppressedConstructor;

  constructor(Suppressed: SuppressedConstructor) {
    this.#Suppressed = Suppressed;
  }

  add(error: unknown): void {
    this.#current = {
      error: this.#current === null ? error : new this.#Suppressed(error, this.#current.error),
    };
  }

  rethrow(): void {
    if (this.#current !== null) throw this.#current.error;
  }
}

function finish(cls: { readonly prototype: object }, name: string): unknown {
  Object.defineProperty(cls, "name", { value: name, configurable: true });
  Object.defineProperty(cls.prototype, Symbol.toStringTag, { value: name, configurable: true });
  return cls;
}

function assertCallable(value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== "function") throw new TypeError(`${String(value)} is not a function`);
}
