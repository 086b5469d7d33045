export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>>;
