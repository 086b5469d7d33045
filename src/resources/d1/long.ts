/**
 * Which statements may run without end, or so long that it comes to the same: neither engine can be
 * interrupted, so these get a process that can be killed (process.ts). Everything else ends by itself.
 * Pure but for the database it asks.
 */
import type { SqlStatement } from "../../storage/sql/statements.ts";
import type { Authorizer, SqliteDatabase, SqliteStatement } from "../../storage/sqlite/contract.ts";

/** Action codes of SQLite's authorizer. */
const SELECT = 21;
const RECURSIVE = 33;
const WRITES: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "REPLACE"]);

/** Listens to what the authorizer hears while one statement is compiled. */
export class CompileEar {
  #isRecursive = false;
  #hasInnerSelect = false;

  reset(): void {
    this.#isRecursive = false;
    this.#hasInnerSelect = false;
  }

  /** `guard` decides; this one only listens. */
  listening(guard: Authorizer): Authorizer {
    return (...details) => {
      const [action, , , , source] = details;
      if (action === RECURSIVE) this.#isRecursive = true;
      if (action === SELECT && source !== null) this.#hasInnerSelect = true;
      return guard(...details);
    };
  }

  /** Of the statement that was compiled just now. */
  mayTakeLong(
    database: SqliteDatabase,
    statement: SqlStatement,
    compiled: SqliteStatement,
  ): boolean {
    if (this.#isRecursive) return true;
    const keyword = statement.keyword;
    // What triggers read is not in the plan.
    if (this.#hasInnerSelect && WRITES.has(keyword)) return true;
    if (!mayLoop(statement)) return false;
    if (!this.#hasInnerSelect && !namesSeveralTables(statement)) return false;
    return hasNestedScans(database, statement, compiled);
  }
}

/** Others do not loop, and a PRAGMA takes effect when it is compiled: only in its own turn. */
const MAY_LOOP: ReadonlySet<string> = new Set([...WRITES, "SELECT", "VALUES", "WITH", "CREATE"]);

/** Whether to compile it for an answer. */
export function mayLoop(statement: SqlStatement): boolean {
  return MAY_LOOP.has(statement.keyword);
}

/** Of one that could not be compiled, perhaps because a statement before it makes its table. */
export function soundsLong(statement: SqlStatement): boolean {
  return wordsOf(statement).includes("WITH") || namesSeveralTables(statement);
}

function namesSeveralTables(statement: SqlStatement): boolean {
  const words = wordsOf(statement);
  if (words.filter((word) => word === "FROM" || word === "JOIN").length > 1) return true;
  const from = words.indexOf("FROM");
  return from >= 0 && words.includes(",", from);
}

/** A table that is read whole for each row of another that is read whole: as many steps as their product. */
function hasNestedScans(
  database: SqliteDatabase,
  { text }: SqlStatement,
  { parameterCount }: SqliteStatement,
): boolean {
  const nothing: null[] = new Array(parameterCount).fill(null);
  const plan = database.asSystem(() =>
    database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...nothing),
  );
  const steps: Step[] = plan.map(([id, parent, , detail]) => ({
    id: Number(id),
    parent: Number(parent),
    detail: String(detail),
  }));
  // Siblings are loops in each other; what is no correlated subquery runs once, by itself.
  const depthOf = (parent: number): number =>
    steps
      .filter((step) => step.parent === parent)
      .reduce(
        (depth, step) => depth + (isScan(step) ? 1 : isRepeated(step) ? depthOf(step.id) : 0),
        0,
      );
  return [0, ...steps.map(({ id }) => id)].some((parent) => depthOf(parent) > 1);
}

interface Step {
  readonly id: number;
  /** 0: none. */
  readonly parent: number;
  readonly detail: string;
}

function isScan({ detail }: Step): boolean {
  return detail.startsWith("SCAN ") && !/CONSTANT ROWS?|VIRTUAL TABLE/.test(detail);
}

function isRepeated({ detail }: Step): boolean {
  return detail.startsWith("CORRELATED ");
}

function wordsOf({ text, tokens }: SqlStatement): string[] {
  return tokens.map(({ start, end }) => text.slice(start, end).toUpperCase());
}
