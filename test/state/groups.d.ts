export const GROUPS: readonly string[];
