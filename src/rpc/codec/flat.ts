/** Values that can travel as they are: most arguments of most calls. */

/** For arguments, whose array is the engine's own: nothing to do if all of them are small and flat. */
export function isFlat(args: readonly unknown[]): boolean {
  if (args.length > 8) return false;
  for (const value of args) if (!isFlatValue(value)) return false;
  return true;
}

/** A primitive that travels as it is, and is far from the largest that may. */
export function isFlatValue(value: unknown): boolean {
  if (!isPlainPrimitive(value)) return false;
  return typeof value === "string" ? value.length <= 100_000 : typeof value !== "bigint";
}

/** Needs no walk. */
export function isPlainPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== "object" && type !== "function" && type !== "symbol");
}
