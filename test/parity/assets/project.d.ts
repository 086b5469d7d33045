import type { Project } from "./cases.d.ts";

export function writeProject(folder: string, project: Project): void;
