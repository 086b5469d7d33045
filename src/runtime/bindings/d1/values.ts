/** Values of D1 on their way in and out (spec/resources.md 6.1). */
import type { D1Meta } from "../../../protocol/d1.ts";

/** As they travel to and from the storage thread. */
export type SqlValue = null | number | string | Uint8Array;

/** What a query gives, as the storage thread has it (resources/d1/database.ts). */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  readonly meta: D1Meta;
}

/** What `statement.params` shows: bytes as lists of numbers. */
export type D1Parameter = null | number | string | readonly number[];

/** @throws Error D1_TYPE_ERROR for a type that D1 does not take */
export function bound(value: unknown): D1Parameter {
  switch (typeof value) {
    case "number":
    case "string":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "object": {
      if (value === null) return null;
      if (Array.isArray(value) && value.every(isByte)) return value;
      if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
      // Element by element; a DataView has none.
      if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
    }
  }
  const text = `Type '${typeof value}' not supported for value '${value as string}'`;
  throw new Error(`D1_TYPE_ERROR: ${text}`, { cause: new Error(text) });
}

/** Numbers travel as JSON in production: what it cannot say is NULL, and -0 is 0. */
export function sent(parameter: D1Parameter): SqlValue {
  if (typeof parameter === "number") return Number.isFinite(parameter) ? parameter + 0 : null;
  if (parameter === null || typeof parameter === "string") return parameter;
  return Uint8Array.from(parameter);
}

export function shown(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return Array.from(value);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

function isByte(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 256;
}
