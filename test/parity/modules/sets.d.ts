export interface ModuleSet {
  readonly date: string;
  readonly flags: readonly string[];
}
export const SETS: Readonly<Record<string, ModuleSet>>;
export function isWrongFile(name: string): boolean;
export function hasWrongFiles(set: string): boolean;
export function expand<T>(
  recorded: Readonly<Record<string, Readonly<Record<string, T>>>>,
): Record<string, Record<string, T>>;
