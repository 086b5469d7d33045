interface Heard {
  readonly tails: readonly unknown[];
  readonly streams: readonly (readonly unknown[])[];
}
export function play(origin: string): Promise<Record<string, Heard>>;
export function expected(answers: object): Record<string, Heard>;
