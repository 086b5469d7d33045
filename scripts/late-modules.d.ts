import type { BuildOptions } from "esbuild";

export function buildWithLateGroups(given: {
  readonly options: BuildOptions;
  readonly dist: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}): Promise<{ readonly code: string; readonly sizes: Readonly<Record<string, number>> }>;
