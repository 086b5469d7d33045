export function linesOf(output: string): readonly string[];
