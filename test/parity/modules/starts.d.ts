export const STARTS: Readonly<Record<string, Readonly<Record<string, string>>>>;
