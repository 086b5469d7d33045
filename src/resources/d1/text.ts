/** The statements of a text that D1 is given, and what D1 leaves out (spec/resources.md 6.1, 6.3). Pure. */
import { assertAllowed } from "../../storage/sql/guard.ts";
import { type SqlStatement, splitStatements } from "../../storage/sql/statements.ts";
import { NO_STATEMENT } from "../../storage/sqlite/database.ts";

/** One statement with what stands before it, which counts for the offsets in errors. */
export interface TextStatement {
  readonly text: string;
  readonly statement: SqlStatement;
  /** @throws SqliteError for what the authorizer cannot see */
  assertAllowed(): void;
}

/** Nothing but empty lines and lines of comment: left out without a word. */
export function isBlank(sql: string): boolean {
  return sql.split("\n").every((line) => {
    const text = line.trim();
    return text === "" || text.startsWith("--");
  });
}

/**
 * @throws Error for a text with an empty statement in it, as SQLite sees it: `;;`, a comment at the
 * end
 */
export function splitText(sql: string): TextStatement[] {
  const statements = splitStatements(sql);
  let end = 0;
  const found = statements.map((statement, index) => {
    // Before the first statement white space counts too.
    const lead = sql.slice(end, statement.start);
    const before = index === 0 ? lead : lead.trimStart();
    if (withoutComments(before).includes(";")) throw new Error(NO_STATEMENT);
    end = statement.start + statement.text.length;
    return {
      text: before + statement.text,
      statement,
      assertAllowed: () => assertAllowed(statement),
    };
  });
  const rest = sql.slice(end).trim();
  const isOpen = statements.at(-1)?.text.endsWith(";") === false;
  if (found.length === 0 || (rest !== "" && !isOpen)) throw new Error(NO_STATEMENT);
  return found;
}

function withoutComments(gap: string): string {
  return gap.replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, "");
}
