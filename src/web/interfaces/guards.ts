/**
 * What every member of a platform class checks before it does anything: that it is called on an
 * object of its class, and that its arguments are there and of their type; with production's texts
 * (spec/platform.md 1.1). Used by defineInterface.
 */
import { apply } from "../../util/early.ts";

export interface Guards {
  /** True for real instances; undefined: members are left as they are. */
  readonly brand?: ((value: object) => boolean) | undefined;
  /**
   * Method -> types of its required parameters, separated by "|": "string" (anything is made one),
   * "function", or another name, which only says what an absent argument would have to be.
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

const ILLEGAL_INVOCATION =
  "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Check = (args: unknown[]) => void;

const GUARDED: ReadonlySet<symbol> = new Set([Symbol.iterator, Symbol.dispose]);

export function illegalInvocation(): TypeError {
  return new TypeError(ILLEGAL_INVOCATION);
}

/** Put the checks before all own methods and accessors of a prototype. */
export function guardMembers(prototype: object, name: string, guards: Guards): void {
  if (guards.brand === undefined) return;
  for (const key of Reflect.ownKeys(prototype)) {
    // Other symbols are Node's own business.
    if (key === "constructor" || (typeof key === "symbol" && !GUARDED.has(key))) continue;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.configurable !== true) continue;
    Object.defineProperty(prototype, key, guard(descriptor, name, key, guards));
  }
}

/** Put the checks into the descriptor of a method or an accessor of the interface `name`, which is returned. */
export function guard(
  descriptor: PropertyDescriptor,
  name: string,
  key: string | symbol,
  { brand, parameters }: Guards,
): PropertyDescriptor {
  if (brand === undefined) return descriptor;
  if (typeof descriptor.value === "function") {
    const types =
      parameters !== undefined && Object.hasOwn(parameters, key)
        ? parameters[String(key)]
        : undefined;
    const method = descriptor.value as Method;
    descriptor.value =
      types === undefined
        ? guardMethod(key, method, brand)
        : checkMethod(key, method, brand, checkOf(name, key as string, types.split("|")));
    nameAs(descriptor.value as Method, method);
  } else if (descriptor.get !== undefined) guardAccessor(descriptor, brand);
  return descriptor;
}

/** Methods of a literal: no constructors, and of length 0. */
function guardMethod(
  key: string | symbol,
  method: Method,
  brand: (value: object) => boolean,
): Method {
  const holder: Record<string | symbol, Method> = {
    [key](this: unknown, ...args: unknown[]): unknown {
      if (typeof this !== "object" || this === null || !brand(this)) throw illegalInvocation();
      return apply(method, this, args);
    },
  };
  return holder[key] as Method;
}

/** Another function, because most have nothing to check, and all are called often. */
function checkMethod(
  key: string | symbol,
  method: Method,
  brand: (value: object) => boolean,
  check: Check,
): Method {
  const holder: Record<string | symbol, Method> = {
    [key](this: unknown, ...args: unknown[]): unknown {
      if (typeof this !== "object" || this === null || !brand(this)) throw illegalInvocation();
      check(args);
      return apply(method, this, args);
    },
  };
  return holder[key] as Method;
}

/** A method may be there under another name than its own. */
function nameAs(guarded: Method, { name }: Method): void {
  if (guarded.name === name) return;
  Object.defineProperty(guarded, "name", { value: name, configurable: true });
}

/**
 * A function of the global scope: it works without `this`, but on no other object. `types` as in
 * `Guards.parameters`.
 */
export function guardFunction(name: string, fn: unknown, types?: string): Method {
  const check =
    types === undefined ? undefined : checkOf("ServiceWorkerGlobalScope", name, types.split("|"));
  const holder: Record<string, Method> = {
    [name](this: unknown, ...args: unknown[]): unknown {
      if (this !== undefined && this !== null && this !== globalThis) throw illegalInvocation();
      check?.(args);
      return apply(fn as Method, undefined, args);
    },
  };
  const guarded = holder[name] as Method;
  Object.defineProperty(guarded, "length", { value: 0, configurable: true });
  return guarded;
}

function guardAccessor(descriptor: PropertyDescriptor, brand: (value: object) => boolean): void {
  const { get, set } = descriptor;
  descriptor.get = {
    get(this: unknown): unknown {
      if (typeof this !== "object" || this === null || !brand(this)) throw illegalInvocation();
      return get?.call(this);
    },
  }.get;
  if (set === undefined) return;
  descriptor.set = {
    set(this: unknown, value: unknown): void {
      if (typeof this !== "object" || this === null || !brand(this)) throw illegalInvocation();
      set.call(this, value);
    },
  }.set;
}

function checkOf(name: string, method: string, types: readonly string[]): Check {
  return (args) => {
    for (const [at, type] of types.entries()) {
      if (at >= args.length || (type === "function" && typeof args[at] !== "function")) {
        throw new TypeError(
          `Failed to execute '${method}' on '${name}': parameter ${at + 1} is not of type '${type}'.`,
        );
      }
      if (type === "string") args[at] = `${args[at]}`;
    }
  };
}
