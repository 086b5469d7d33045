/** What `drover smoke` leaves for other programs: `--json`, `--junit`. */
import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf, UserError } from "../../util/errors.ts";
import { makeFolder } from "../../util/folders.ts";
import type { SmokeResult } from "./report.ts";

export interface SmokeReport {
  readonly results: readonly SmokeResult[];
  /** Exit code. */
  readonly code: number;
  /** Of the whole run. */
  readonly ms: number;
}

/** @throws UserError FILE_NOT_WRITABLE */
export function writeArtefact(path: string, text: string, cwd: string): void {
  const file = resolve(cwd, path);
  try {
    makeFolder(dirname(file));
    writeFileSync(file, text);
  } catch (error) {
    throw new UserError("FILE_NOT_WRITABLE", `Could not write ${path}: ${messageOf(error)}`);
  }
}

export function toJson({ results, code, ms }: SmokeReport): string {
  const rows = results.map(({ what, failure, ms: own, log }) => ({
    name: what,
    ok: failure === undefined,
    ...(own === undefined ? {} : { ms: Math.round(own) }),
    ...(failure === undefined ? {} : { failure, log: log ?? [] }),
  }));
  return `${JSON.stringify({ ok: code === 0, code, ms: Math.round(ms), results: rows }, null, 2)}\n`;
}

/** The form of JUnit's Ant task that CI servers read. */
export function toJunit({ results, ms }: SmokeReport): string {
  const failures = results.filter(({ failure }) => failure !== undefined).length;
  const cases = results.map(({ what, failure, ms: own = 0, log = [] }) => {
    const head = `    <testcase name="${escapeXml(what)}" classname="drover smoke" time="${seconds(own)}"`;
    if (failure === undefined) return `${head}/>`;
    const [first = ""] = failure.split("\n");
    const output =
      log.length === 0 ? "" : `\n      <system-out>${escapeXml(log.join("\n"))}</system-out>`;
    return `${head}>\n      <failure message="${escapeXml(first)}">${escapeXml(failure)}</failure>${output}\n    </testcase>`;
  });
  const counts = `tests="${results.length}" failures="${failures}" time="${seconds(ms)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="drover smoke" ${counts}>`,
    `  <testsuite name="drover smoke" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Also without the characters that XML cannot hold at all. */
function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return [...text]
    .filter((char) => /[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(char))
    .map((char) => names[char] ?? char)
    .join("");
}
