/**
 * The text that production gives to an error of SQLite:
 * `<message>[ at offset N]: SQLITE_<CODE>[ (extended: SQLITE_<CODE>_<DETAIL>)]`
 * (spec/resources.md 6.6, spec/durable-objects.md 15.5). No engine tells the offset, so it is found by
 * the token that the message names. Used by D1 and by `ctx.storage.sql`.
 */
import { messageOf } from "../../util/errors.ts";
import { SqliteError } from "../sqlite/errors.ts";
import type { SqlStatement } from "./statements.ts";
import type { Token } from "./tokens.ts";

/** Compiles a text and throws what SQLite says of it. */
export type Compile = (sql: string) => unknown;

/**
 * `compile`: with the same connection, to find out at which of several equal tokens it failed.
 * `lead`: bytes that count before the statement.
 */
export function sqlErrorText(
  error: SqliteError,
  statement: SqlStatement,
  compile: Compile,
  lead = 0,
): string {
  const { primaryName, extendedName } = error;
  const message = NEWER.get(error.message) ?? error.message;
  const position = positionOf(message, statement, compile);
  const offset =
    position === undefined
      ? ""
      : ` at offset ${lead + Buffer.byteLength(statement.text.slice(0, position))}`;
  const detail = extendedName === primaryName ? "" : ` (extended: ${extendedName})`;
  return `${message}${offset}: ${primaryName}${detail}`;
}

/** What a newer SQLite says for the same, which is what production has. */
const NEWER: ReadonlyMap<string, string> = new Map([
  ["too many levels of trigger recursion", "triggers nested too deep"],
]);

type Finder = (
  groups: readonly string[],
  statement: SqlStatement,
  compile: Compile,
) => number | undefined;

/** Messages that name a token. All others have no offset. */
const FINDERS: readonly (readonly [message: RegExp, find: Finder])[] = [
  [/^near "(.*)": syntax error$/s, ([text = ""], ...rest) => syntaxError(text, ...rest)],
  [/^unrecognized token: "(.*)"$/s, ([text = ""], { text: sql }) => found(sql.indexOf(text))],
  [
    /^(?:no such column|ambiguous column name): (.+)$/s,
    ([name = ""], statement) => path(name.split("."), statement),
  ],
  [
    /^(?:no such function: |not authorized to use function: |too many arguments on function |wrong number of arguments to function )([^\s()]+)/,
    ([name = ""], statement) => calls(name, statement)[0],
  ],
  [
    /^misuse of (?:aggregate|window)(?: function)?:? ([^\s()]+)/,
    // The innermost one, or the one behind what may have it.
    ([name = ""], statement) => calls(name, statement).at(-1),
  ],
  [/^(?:table|view) (.+) already exists$/s, ([text = ""], statement) => token(text, statement)],
  [/^unknown database (.+)$/s, ([text = ""], statement) => token(text, statement)],
  [/^too many SQL variables$/, (_groups, statement) => excessVariable(statement)],
  [/^variable number must be between/, (_groups, statement) => excessNumber(statement)],
];

function positionOf(
  message: string,
  statement: SqlStatement,
  compile: Compile,
): number | undefined {
  for (const [pattern, find] of FINDERS) {
    const match = pattern.exec(message);
    if (match !== null) return find(match.slice(1), statement, compile);
  }
  return undefined;
}

/** The first token of that text with which the text up to it fails in the same way. */
function syntaxError(
  text: string,
  { text: sql, tokens }: SqlStatement,
  compile: Compile,
): number | undefined {
  const candidates = tokens.filter(({ start, end }) => sql.slice(start, end) === text);
  if (candidates.length < 2) return candidates[0]?.start;
  const failing = candidates.find(({ end }) => {
    try {
      compile(sql.slice(0, end));
      return false;
    } catch (error) {
      return error instanceof SqliteError && messageOf(error) === `near "${text}": syntax error`;
    }
  });
  return failing?.start;
}

/** Where `a.b.c` stands; its first part for a name with a table. */
function path(parts: readonly string[], { text, tokens }: SqlStatement): number | undefined {
  const matches = (index: number, part: string): boolean => {
    const at = tokens[index];
    return at !== undefined && sameName(text, at, part);
  };
  const index = tokens.findIndex((_token, start) =>
    parts.every((part, number) => matches(start + 2 * number, part)),
  );
  return isAssigned(text, tokens, index) ? undefined : tokens[index]?.start;
}

/** A column that UPDATE sets: SQLite does not say where it stands. */
function isAssigned(sql: string, tokens: readonly Token[], index: number): boolean {
  const word = (at: number): string => {
    const found = tokens[at];
    return found === undefined ? "" : sql.slice(found.start, found.end).toUpperCase();
  };
  const before = word(index - 1);
  return word(0) === "UPDATE" && word(index + 1) === "=" && (before === "SET" || before === ",");
}

/** Where a function of that name is called, or an operator of that name stands. */
function calls(name: string, { text, tokens }: SqlStatement): number[] {
  const named = tokens.filter((candidate) => sameName(text, candidate, name));
  const called = named.filter(({ end }) => text.slice(end).trimStart().startsWith("("));
  return (called.length > 0 ? called : named).map(({ start }) => start);
}

function excessNumber({ text, tokens }: SqlStatement): number | undefined {
  return tokens.find(
    ({ type, start, end }) =>
      type === "parameter" && Number(text.slice(start + 1, end)) > MAX_VARIABLES,
  )?.start;
}

function token(wanted: string, { text, tokens }: SqlStatement): number | undefined {
  return tokens.find(({ start, end }) => text.slice(start, end) === wanted)?.start;
}

const MAX_VARIABLES = 100;

function excessVariable({ text, tokens }: SqlStatement): number | undefined {
  const names = new Set<string>();
  let count = 0;
  for (const { type, start, end } of tokens) {
    if (type !== "parameter") continue;
    const name = text.slice(start, end);
    if (name !== "?" && names.has(name)) continue;
    names.add(name);
    count += 1;
    if (count > MAX_VARIABLES) return start;
  }
  return undefined;
}

function sameName(sql: string, { type, start, end }: Token, name: string): boolean {
  if (type !== "word" && type !== "quoted") return false;
  const text = sql.slice(start, end);
  const bare = type === "quoted" ? text.slice(1, -1) : text;
  return bare.toLowerCase() === name.toLowerCase();
}

function found(index: number): number | undefined {
  return index < 0 ? undefined : index;
}
