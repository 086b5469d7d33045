/** Answers by `<where>/<probe>`. */
export function askAll(origin: string): Promise<Record<string, unknown>>;
