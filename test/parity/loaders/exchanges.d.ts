interface Answer {
  text(): Promise<string>;
  json(): Promise<unknown>;
}

export type Answers = Record<string, unknown>;

export function askAll(fetch: (path: string) => Promise<Answer>): Promise<Answers>;
