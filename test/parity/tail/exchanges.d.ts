export interface PlayInit {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}
export function play(
  fetch: (path: string, init?: PlayInit) => Promise<{ text(): Promise<string> }>,
): Promise<Record<string, unknown>>;
export function expected(answers: object): Record<string, unknown>;
