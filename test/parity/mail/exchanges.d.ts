export interface PlayInit {
  readonly method: string;
  readonly body: string;
}
export function play(
  fetch: (
    path: string,
    init?: PlayInit,
  ) => Promise<{ readonly status: number; readonly headers: Headers; text(): Promise<string> }>,
): Promise<Record<string, unknown>>;
