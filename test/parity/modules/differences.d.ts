export const DIFFERENCES: readonly {
  readonly name: string;
  readonly sets: readonly string[];
  readonly answer: unknown;
}[];
export const START_DIFFERENCES: readonly {
  readonly name: string;
  readonly sets: readonly string[];
  readonly outcome: { readonly text: string } | { readonly fails: string };
}[];
