export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | FormData;
  readonly keep?: Record<string, RegExp>;
  readonly send?: (string | Uint8Array)[];
}
export function askAll(url: string, requests: readonly Asked[]): Promise<object[]>;
