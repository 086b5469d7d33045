export const SETS: Readonly<
  Record<string, { readonly date: string; readonly flags: readonly string[] }>
>;
