/** One project: a Worker with assets, or assets alone, and what it is asked. */
export interface Project {
  readonly name: string;
  /** `assets` of the config; the directory is always "./public". */
  readonly assets: Readonly<Record<string, unknown>>;
  /** Source of the Worker; absent: assets alone. */
  readonly main?: string;
  readonly date?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly services?: readonly Readonly<Record<string, string>>[];
  /** Path below the directory -> contents. */
  readonly files: Readonly<Record<string, string>>;
  /** `$ETAG` in a header value stands for the tag that a plain GET of that path gets. */
  readonly requests: readonly (readonly [
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
  ])[];
  /** What is printed about `_headers` and `_redirects` is compared too. */
  readonly lines?: boolean;
}

export const projects: readonly Project[];
