import type { Files } from "./cases.js";

export function writeFiles(folder: string, files: Files): void;
export function linesOf(output: string, folder: string): string[];
