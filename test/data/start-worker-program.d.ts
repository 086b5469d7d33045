export function program(
  unstable_startWorker: (input: never) => Promise<unknown>,
): Promise<Record<string, unknown>>;
