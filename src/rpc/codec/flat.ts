/** Values that can travel as they are: most arguments of most calls. */

/** For arguments, whose array is the engine's own: nothing to do if all of them are small and flat. */
export function isFlat(args: readonly unknown[]): boolean {
  if (args.length > 8) return false;
  for (const value of args) {
    if (!isPlainPrimitive(value)) return false;
    if (typeof value === "string" ? value.length > 100_000 : typeof value === "bigint")
      return false;
  }
  return true;
}

/** Needs no walk. */
export function isPlainPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== "object" && type !== "function" && type !== "symbol");
}
