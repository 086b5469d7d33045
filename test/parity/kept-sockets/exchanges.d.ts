export const CONFIGS: readonly string[];
export function play(
  fetch: (path: string) => Promise<{ readonly status: number; text(): Promise<string> }>,
): Promise<Record<string, unknown>>;
export function expected(answers: object): Record<string, unknown>;
