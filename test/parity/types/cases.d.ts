/** Files of a project; a text each. */
export type Files = Readonly<Record<string, string>>;

export interface Project {
  readonly name: string;
  readonly files: Files;
  /** Folder in which the commands run; default: the project's. */
  readonly cwd?: string;
  /** Arguments of `types`, or files to write before the next run. */
  readonly runs: readonly (readonly string[] | readonly [Files])[];
}

export const projects: readonly Project[];
