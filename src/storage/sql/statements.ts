/**
 * Statements of an SQL text: where each begins and ends, and its parameters. Used by the driver, by
 * D1 and by `ctx.storage.sql`. Pure.
 */
import { type Token, tokenize } from "./tokens.ts";

export interface SqlStatement {
  /** From its first token to its last, with its `;` if it has one. */
  readonly text: string;
  /** Where that begins in the whole text, in UTF-16 units. */
  readonly start: number;
  /** Positions are those in `text`. The `;` at the end is not among them. */
  readonly tokens: readonly Token[];
  /** First word in capitals, "" if it does not begin with one. */
  readonly keyword: string;
}

/** All statements; comments and empty ones (`;;`) are left out. */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let current: Token[] = [];
  let ending = new EndFinder();
  const close = (end: number): void => {
    const start = current[0]?.start;
    if (start !== undefined) {
      const tokens = current.map((token) => ({
        ...token,
        start: token.start - start,
        end: token.end - start,
      }));
      const text = sql.slice(start, end);
      statements.push({ text, start, tokens, keyword: keywordOf(text, tokens) });
    }
    current = [];
    ending = new EndFinder();
  };
  for (const token of tokenize(sql)) {
    const text = sql.slice(token.start, token.end);
    const ends = ending.isEnd(text);
    if (!ends) current.push(token);
    if (ends) close(token.end);
  }
  close(current.at(-1)?.end ?? 0);
  return statements;
}

function keywordOf(text: string, tokens: readonly Token[]): string {
  const [first] = tokens;
  return first?.type === "word" ? text.slice(first.start, first.end).toUpperCase() : "";
}

/** Parameters of one statement, by SQLite's numbering. */
export interface ParameterList {
  readonly count: number;
  /** Name of the parameter of each number, `null` for `?`, `?5` and numbers that nobody uses. */
  readonly names: readonly (string | null)[];
}

export function parametersOf({ text, tokens }: SqlStatement): ParameterList {
  const names: (string | null)[] = [];
  for (const token of tokens) {
    if (token.type !== "parameter") continue;
    const name = text.slice(token.start, token.end);
    if (name === "?") {
      names.push(null);
    } else if (name.startsWith("?")) {
      while (names.length < Math.min(Number(name.slice(1)), MAX_PARAMETERS)) names.push(null);
    } else if (!names.includes(name)) {
      names.push(name);
    }
  }
  return { count: names.length, names };
}

/** SQLite refuses larger numbers itself. */
const MAX_PARAMETERS = 32_766;

/**
 * Tells which `;` ends a statement: all but those inside of a trigger's body, which ends with
 * `; END` (the rule of SQLite's own sqlite3_complete).
 */
class EndFinder {
  #position = 0;
  #isTrigger = false;
  #afterSemicolon = false;
  #afterEnd = false;
  #create = -1;

  isEnd(text: string): boolean {
    const word = text.toUpperCase();
    const position = this.#position++;
    if (word === ";") {
      if (!this.#isTrigger || this.#afterEnd) return true;
      this.#afterSemicolon = true;
      return false;
    }
    this.#afterEnd = word === "END" && this.#afterSemicolon;
    this.#afterSemicolon = false;
    // [EXPLAIN [QUERY PLAN]] CREATE [TEMP] TRIGGER
    if (word === "CREATE" && position <= 3) this.#create = position;
    if (word === "TRIGGER" && this.#create >= 0 && position <= this.#create + 2) {
      this.#isTrigger = true;
    }
    return false;
  }
}
