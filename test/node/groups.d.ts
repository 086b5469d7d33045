export const GROUPS: readonly string[];
export const DATE: string;
