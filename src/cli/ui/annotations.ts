/**
 * Workflow commands of GitHub Actions: an error or warning that stands beside the line it is about in
 * a pull request. Only where GITHUB_ACTIONS says that somebody reads them.
 */
import { stripVTControlCharacters } from "node:util";
import type { Terminal } from "./terminal.ts";

export interface Annotation {
  readonly kind: "error" | "warning";
  readonly title: string;
  readonly message: string;
}

export function annotate(
  terminal: Terminal,
  { kind, title, message }: Annotation,
  env: Readonly<Record<string, string | undefined>> = process.env,
): void {
  if (env.GITHUB_ACTIONS !== "true") return;
  const text = stripVTControlCharacters(message);
  const [, file, line, column] = /(?:^|[\s(])([^\s:()]+\.\w+):(\d+)(?::(\d+))?/m.exec(text) ?? [];
  const place = [
    ...(file === undefined ? [] : [`file=${property(file)}`, `line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(title)}`,
  ];
  terminal.print(`::${kind} ${place.join(",")}::${data(text)}`);
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
