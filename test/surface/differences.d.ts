export function accepted(node: number): Record<string, string>;
