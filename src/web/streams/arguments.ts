/**
 * What production says of wrong arguments (spec/platform.md 1.1), and how options become what the
 * core takes. The classes of this folder call it first, before anything is changed.
 */

// biome-ignore lint/complexity/noBannedTypes: a callback of user code, of whatever signature.
export type Callback = Function;

const ILLEGAL_INVOCATION =
  "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";

/** A method or accessor on an object of another class. */
export function illegalInvocation(): TypeError {
  return new TypeError(ILLEGAL_INVOCATION);
}

export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

export function wrongParameter(
  method: string,
  className: string,
  index: number,
  type: string,
): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${className}': parameter ${index} is not of type '${type}'.`,
  );
}

export function wrongConstructorParameter(
  className: string,
  index: number,
  type: string,
): TypeError {
  return new TypeError(
    `Failed to construct '${className}': constructor parameter ${index} is not of type '${type}'.`,
  );
}

export function wrongField(field: string, dictionary: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${field}' field on '${dictionary}': the provided value is not of type '${type}'.`,
  );
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Without a prototype that others could have patched. */
const NOTHING_GIVEN: object = Object.freeze(Object.create(null) as object);

/** An options object; absent ones count as empty. `wrong`: says that it is none. */
export function dictionary(value: unknown, wrong: () => TypeError): object {
  if (value === undefined || value === null) return NOTHING_GIVEN;
  if (!isObject(value)) throw wrong();
  return value;
}

/** A member that is a function, if it is there. */
export function optionalFunction(
  holder: object,
  name: string,
  dictionaryName: string,
): Callback | undefined {
  const value: unknown = Reflect.get(holder, name);
  if (value === undefined) return undefined;
  if (typeof value !== "function") throw wrongField(name, dictionaryName, "function");
  return value;
}

/** An unsigned integer; fractions are cut off. Throws a TypeError in production's words. */
export function unsigned(value: unknown): number {
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive bigint.",
    );
  }
  return Math.trunc(number);
}

export interface Strategy {
  readonly highWaterMark: number;
  readonly size?: (chunk: unknown) => unknown;
}

/**
 * A queuing strategy of user code, the constructor's parameter `index`. `fallback`: its
 * highWaterMark if it says none.
 */
export function strategyOf(
  value: unknown,
  className: string,
  index: number,
  fallback: number,
): Strategy {
  const strategy = dictionary(value, () =>
    wrongConstructorParameter(className, index, "StreamQueuingStrategy"),
  );
  const highWaterMark: unknown = Reflect.get(strategy, "highWaterMark");
  const size = optionalFunction(strategy, "size", "StreamQueuingStrategy");
  return {
    highWaterMark: highWaterMark === undefined ? fallback : unsigned(highWaterMark),
    ...(size === undefined
      ? {}
      : { size: (chunk: unknown) => Reflect.apply(size, undefined, [chunk]) as unknown }),
  };
}
