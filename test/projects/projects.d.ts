export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
export interface Project {
  readonly configs: string[];
  /** D1 database with migrations. */
  readonly migrate?: string;
  readonly requests: Asked[];
}
export const PROJECTS: Record<string, Project>;
export function askAll(url: string, requests: readonly Asked[]): Promise<object[]>;
