export const SETS: readonly {
  readonly name: string;
  readonly date: string;
  readonly flags: readonly string[];
}[];
export function merge(
  found: readonly Readonly<Record<string, string>>[],
): Record<string, Record<string, number[]>>;
export function pick(
  merged: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
  index: number,
): Record<string, string>;
