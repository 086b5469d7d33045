import type { Project } from "./cases.d.ts";

/** Status line, headers, body. */
export type Answer = readonly [string, Readonly<Record<string, string>>, string];

/** By `METHOD path name: value...`. */
export function ask(port: number, project: Project): Promise<Record<string, Answer>>;
