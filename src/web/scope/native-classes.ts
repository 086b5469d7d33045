/**
 * Constructors of the classes that are Node's own, as production has them: what they say without `new`, of
 * wrong arguments and of what they cannot read (spec/platform.md 1.1, 2.5, 2.8, 2.9). Each shares the
 * prototype of Node's class, so that `instanceof` knows what either has made; the runtime goes on using
 * Node's. Called when the runtime boots, before globals are removed.
 */
import { wrongConstructorParameter } from "../streams/arguments.ts";

type Construct = (args: readonly unknown[]) => readonly unknown[];

/** What a native class is to say instead. */
interface Wording {
  /** The arguments for Node's constructor; throws what production says of wrong ones. */
  readonly arguments?: Construct;
  /** In place of an error of Node's. */
  readonly failure?: (error: unknown, args: readonly unknown[]) => unknown;
}

// biome-ignore lint/complexity/noBannedTypes: a class, whatever its constructor takes.
type AnyClass = Function & { readonly prototype: object };

const explicitNulls = new WeakSet<object>();

const WORDINGS: Readonly<Record<string, Wording>> = {
  AbortController: {},
  AbortSignal: {
    arguments() {
      throw new TypeError("Illegal constructor");
    },
  },
  CustomEvent: { arguments: eventArguments("CustomEvent") },
  Event: { arguments: eventArguments("Event") },
  TextDecoder: {
    arguments([label, options, ...rest]) {
      if (options !== undefined && options !== null && !isObject(options)) {
        throw wrongConstructorParameter("TextDecoder", 2, "ConstructorOptions");
      }
      return [label === undefined ? "utf-8" : `${label}`, options ?? {}, ...rest];
    },
    failure: (_error, [label]) => new RangeError(`"${label}" is not a valid encoding.`),
  },
  TextEncoder: {},
  URL: {
    arguments(args) {
      if (args.length === 0) throw wrongConstructorParameter("URL", 1, "USVString");
      return args;
    },
    failure: (error) => (isInvalidUrl(error) ? new TypeError("Invalid URL string.") : error),
  },
  URLSearchParams: {
    arguments: ([init, ...rest]) => (init === null ? ["null", ...rest] : [init, ...rest]),
    failure: (error) =>
      codeOf(error) === "ERR_INVALID_TUPLE"
        ? new TypeError("Invalid URL search params sequence.")
        : error,
  },
};

/**
 * `natives`: Node's classes by name. What is not worded here stays as it is. `others`: classes that may extend
 * one of them; their parent becomes the one that user code sees.
 */
export function wrapNatives(
  natives: Readonly<Record<string, unknown>>,
  others: readonly unknown[],
): Record<string, unknown> {
  const shown = new Map<unknown, AnyClass>();
  const wrapped: Record<string, unknown> = { ...natives };
  for (const [name, native] of Object.entries(natives)) {
    const wording = WORDINGS[name];
    if (wording === undefined || typeof native !== "function") continue;
    const cls = wrap(name, native, wording);
    shown.set(native, cls);
    wrapped[name] = cls;
  }
  for (const cls of [...shown.values(), ...others]) {
    const parent = typeof cls === "function" ? shown.get(Object.getPrototypeOf(cls)) : undefined;
    if (parent !== undefined) Object.setPrototypeOf(cls, parent);
  }
  return wrapped;
}

/** Whether a CustomEvent was made with a detail of null, which Node does not tell from none. */
export function hasNullDetail(event: object): boolean {
  return explicitNulls.has(event);
}

function wrap(name: string, native: AnyClass, wording: Wording): AnyClass {
  function Native(...args: unknown[]): object {
    if (new.target === undefined) {
      throw new TypeError(
        `Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`,
      );
    }
    const given = wording.arguments?.(args) ?? args;
    try {
      const made = Reflect.construct(native, given, new.target) as object;
      if (name === "CustomEvent" && detailOf(given[1]) === null) explicitNulls.add(made);
      return made;
    } catch (error) {
      throw wording.failure?.(error, given) ?? error;
    }
  }
  for (const key of Reflect.ownKeys(native)) {
    const descriptor = Object.getOwnPropertyDescriptor(native, key);
    if (descriptor === undefined || key === "prototype" || key === "length" || key === "name")
      continue;
    Object.defineProperty(Native, key, descriptor);
  }
  Object.defineProperty(Native, "name", { value: name, configurable: true });
  Object.defineProperty(Native, "length", { value: 0, configurable: true });
  Object.defineProperty(Native, "prototype", { value: native.prototype, writable: false });
  const isParent = Object.getPrototypeOf(native) !== Function.prototype;
  if (isParent) Object.setPrototypeOf(Native, Object.getPrototypeOf(native) as object);
  Object.defineProperty(native.prototype, "constructor", {
    value: Native,
    writable: true,
    configurable: true,
  });
  return Native;
}

function eventArguments(name: string): Construct {
  return (args) => {
    if (args.length === 0) throw wrongConstructorParameter(name, 1, "string");
    const [type, init, ...rest] = args;
    if (init !== undefined && init !== null && !isObject(init)) {
      throw wrongConstructorParameter(name, 2, "Init");
    }
    return [type, init ?? {}, ...rest];
  };
}

function detailOf(init: unknown): unknown {
  return isObject(init) ? Reflect.get(init, "detail") : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isInvalidUrl(error: unknown): boolean {
  return codeOf(error) === "ERR_INVALID_URL";
}

function codeOf(error: unknown): unknown {
  return isObject(error) ? Reflect.get(error, "code") : undefined;
}
