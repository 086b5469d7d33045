export interface Difference {
  readonly drover: unknown;
  readonly why: string;
}
export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, Difference>>>>;
