/** A traced request as a tree of lines (`--trace`): what called what, when, for how long, and how it ended. */
import { blue, bold, gray, green, red, yellow } from "kleur/colors";
import type { SpanRecord } from "../../protocol/spans.ts";
import type { TraceNode, TraceTree } from "../../session/traces.ts";
import { visibleWidth } from "./terminal.ts";

/** More is not read by anybody. */
const MOST_CALLS = 200;
/** Room for times and outcome, in cells. */
const FACTS = 34;
const NARROWEST = 24;

interface Row {
  readonly label: string;
  readonly span: SpanRecord;
}

/** `width`: of the terminal. */
export function formatTrace({ root, calls }: TraceTree, width: number): string {
  const rows: Row[] = [];
  addRows(calls, "", root.worker, rows);
  const shown = rows.slice(0, MOST_CALLS);
  const room = Math.max(NARROWEST, width - FACTS);
  const column = Math.min(room, Math.max(...shown.map(({ label }) => visibleWidth(label)), 0));
  const hidden = rows.length - shown.length;
  return [
    formatRoot(root),
    ...shown.map((row) => formatRow(row, root, column)),
    ...(hidden === 0 ? [] : [gray(`… and ${hidden} more calls`)]),
  ].join("\n");
}

export function formatPassedOver(worker: string, count: number): string {
  return gray(
    `[drover:trace] ${count} more requests of ${worker} were not traced: there were too many at once.`,
  );
}

/** `GET /users/1 of api`, for programs' messages too. */
export function describeRoot({ kind, name, worker }: SpanRecord): string {
  return kind === "rpc" ? `${worker}#${name}` : `${name} of ${worker}`;
}

function formatRoot(root: SpanRecord): string {
  const { durationMs, afterMs = 0 } = root;
  // Less than that is the end itself.
  const after = afterMs < 1 ? [] : [gray(`, then ${milliseconds(afterMs)} of waitUntil`)];
  return [
    `[${green("drover:trace")}] ${bold(describeRoot(root))} ${outcome(root)} `,
    gray(`(${milliseconds(durationMs)}`),
    ...after,
    gray(")"),
  ].join("");
}

function addRows(nodes: readonly TraceNode[], indent: string, caller: string, rows: Row[]): void {
  for (const [index, { span, calls }] of nodes.entries()) {
    const isLast = index === nodes.length - 1;
    const branch = gray(`${indent}${isLast ? "└─" : "├─"} `);
    rows.push({ label: branch + describeCall(span, caller), span });
    addRows(calls, indent + (isLast ? "   " : "│  "), span.service, rows);
  }
}

function describeCall({ kind, service, name }: SpanRecord, caller: string): string {
  if (kind === "network") return `${gray("fetch")} ${name}`;
  if (kind === "span") return `${gray("span")} ${name}`;
  if (kind === "resource" || kind === "storage") return `${gray(service)} ${name}`;
  // A Worker's call of itself, or of what it was given.
  return service === caller ? name : `${blue(service)} ${name}`;
}

function formatRow({ label, span }: Row, root: SpanRecord, column: number): string {
  const gap = " ".repeat(Math.max(0, column - visibleWidth(label)));
  const offset = `+${milliseconds(Math.max(0, span.startedAt - root.startedAt))}`.padStart(10);
  const took = milliseconds(span.durationMs).padStart(9);
  return `${label}${gap} ${gray(offset)} ${took}  ${outcome(span)}`;
}

function outcome({ outcome: how, status, error }: SpanRecord): string {
  if (how === "exception") return red(error === undefined ? "exception" : `✘ ${error}`);
  if (how === "canceled") return yellow("canceled");
  if (status === undefined) return green("ok");
  const text = String(status);
  return status >= 500 ? red(text) : status >= 400 ? yellow(text) : green(text);
}

/** Three digits that count. */
function milliseconds(ms: number): string {
  const text = ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
  return `${text}ms`;
}
