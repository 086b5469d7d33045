import type { Asked } from "./ask.js";
export interface Project {
  readonly configs: string[];
  /** D1 database with migrations. */
  readonly migrate?: string;
  readonly requests: Asked[];
}
export const PROJECTS: Record<string, Project>;
