/**
 * How parameters reach an engine so that both store the same (contract.ts). Used by database.ts.
 *
 * `@photostructure/sqlite` binds whole numbers as INTEGER and cuts text at a NUL. Where it matters
 * the statement is compiled in a variant whose parameter is `+CAST(? AS REAL)` or `+CAST(? AS TEXT)`:
 * the plus takes the affinity of the cast away again, so that comparisons stay as they are.
 */
import { isWellFormed, utf8Of } from "../../util/utf8.ts";
import type { SqlStatement } from "../sql/statements.ts";
import type { SqlValue } from "./contract.ts";

/** How a parameter is written in the statement's text: `.` as it is. */
type Form = "." | "REAL" | "TEXT";

/** What the native statement is called with. */
export interface NativeCall {
  /** One form for each parameter, "" if all stay as they are: the key of a variant. */
  readonly variant: string;
  readonly forms: readonly Form[];
  readonly args: readonly unknown[];
}

const WHOLE_LIMIT = 2 ** 31;

export function nativeCall(
  values: readonly SqlValue[],
  names: readonly (string | null)[],
  bindsExactly: boolean,
): NativeCall {
  const forms: Form[] = [];
  const named: Record<string, unknown> = Object.create(null);
  const args: unknown[] = [];
  let hasNames = false;
  let hasForms = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as SqlValue;
    const form = formOf(value, bindsExactly);
    if (form !== ".") hasForms = true;
    forms.push(form);
    const bound = form === "." ? value : castSource(value);
    const name = names[index] ?? null;
    if (name === null) {
      args.push(bound);
    } else {
      named[name] = bound;
      hasNames = true;
    }
  }
  if (hasNames) args.unshift(named);
  return { variant: hasForms ? forms.join() : "", forms, args };
}

function formOf(value: SqlValue, bindsExactly: boolean): Form {
  // Neither engine keeps lone surrogates.
  if (typeof value === "string" && !isWellFormed(value)) return "TEXT";
  if (bindsExactly) return ".";
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= -WHOLE_LIMIT && value < WHOLE_LIMIT ? "REAL" : ".";
  }
  return typeof value === "string" && value.includes("\0") ? "TEXT" : ".";
}

function castSource(value: SqlValue): SqlValue {
  if (typeof value === "string") return utf8Of(value);
  return Object.is(value, -0) ? "-0.0" : value;
}

/** The statement's text in which each parameter has its form. */
export function variantText(
  { text, tokens }: SqlStatement,
  numbered: readonly Form[],
  names: readonly (string | null)[],
): string {
  let result = "";
  let copied = 0;
  let last = 0;
  for (const { type, start, end } of tokens) {
    if (type !== "parameter") continue;
    const name = text.slice(start, end);
    const number = numberOf(name, last, names);
    last = Math.max(last, number);
    const form = numbered[number - 1] ?? ".";
    if (form === ".") continue;
    result += `${text.slice(copied, start)}+CAST(${name} AS ${form})`;
    copied = end;
  }
  return result + text.slice(copied);
}

/** SQLite's number of a parameter: `?` is one more than the largest so far. */
function numberOf(name: string, last: number, names: readonly (string | null)[]): number {
  if (name === "?") return last + 1;
  if (name.startsWith("?")) return Number(name.slice(1));
  return names.indexOf(name) + 1;
}
