/**
 * How the native binding classes convert their arguments, and what they say of wrong ones
 * (spec/resources.md 1.3 to 1.5). Used by kv.ts and r2.ts.
 */

/** Thrown for a parameter that is missing or has another type; counts from 1. */
export function wrongParameter(
  method: string,
  iface: string,
  number: number,
  type: string,
): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on '${iface}': parameter ${number} is not of type '${type}'.`,
  );
}

/** Thrown for a wrong type inside an options object. */
export function wrongField(field: string, struct: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${field}' field on '${struct}': the provided value is not of type '${type}'.`,
  );
}

/** `${value}`: throws V8's own TypeError for symbols, which String() would not. */
export function toText(value: unknown): string {
  return `${value as string}`;
}

const INT32_MAX: number = 2 ** 31 - 1;

/** A 32-bit integer option; undefined stays absent. */
export function toInteger(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.trunc(Number(value)) || 0;
  if (number < -INT32_MAX - 1 || number > INT32_MAX) {
    throw new TypeError(
      "Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
    );
  }
  return number;
}

/** An options object; undefined for an absent one. Throws `wrong` for a primitive. */
export function toOptions(
  value: unknown,
  wrong: () => TypeError,
): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" && typeof value !== "function") throw wrong();
  return value as Readonly<Record<string, unknown>>;
}

/** What a method says that was taken off its object. */
export const ILLEGAL_INVOCATION =
  "Illegal invocation: function called with incorrect `this` reference. See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.";
