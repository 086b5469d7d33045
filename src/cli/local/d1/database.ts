/** A D1 database for the commands: found by its name or binding, and SQL texts run on it whole. */
import type { D1Result } from "../../../resources/d1/database.ts";
import { D1Store } from "../../../resources/d1/database.ts";
import { failedStatement } from "../../../resources/d1/errors.ts";
import { splitStatements } from "../../../storage/sql/statements.ts";
import { messageOf } from "../../../util/errors.ts";
import { endAtOnce } from "../../lifetime.ts";
import {
  commandFailed,
  configNames,
  type FoundStore,
  type LocalState,
  notConfigured,
  shownFolder,
  storesOf,
} from "../state.ts";

/** Longest statement that an error shows. */
const MAX_SHOWN = 500;

export interface CommandDatabase extends Disposable {
  readonly store: FoundStore;
  /**
   * Runs the statements of `sql` as one batch: all or nothing. One result per statement.
   * @throws UserError COMMAND_FAILED with SQLite's text and the statement
   */
  run(sql: string): readonly D1Result[];
  /** The two lines that stand before everything that is executed. */
  announce(): void;
}

/** By its `database_name`, else by its binding. @throws UserError BINDING_NOT_FOUND naming those that exist */
export function findDatabase(state: LocalState, name: string): FoundStore {
  const all = storesOf(state, "d1");
  const store =
    all.find(({ item }) => item.database_name === name) ??
    all.find(({ binding }) => binding === name);
  if (store === undefined) {
    const message = `Couldn't find a D1 DB with the name or binding '${name}' in your ${configNames(state)} file.`;
    throw notConfigured(message, knownDatabases(all));
  }
  return store;
}

/** @throws UserError BINDING_NOT_FOUND */
export function openDatabase(state: LocalState, name: string): CommandDatabase {
  const store = findDatabase(state, name);
  const database = new D1Store(state.root, store.id);
  endAtOnce();
  return {
    store,
    run: (sql) => runBatch(database, sql),
    announce: () => {
      state.terminal.print(
        `🌀 Executing on local database ${name} (${store.id}) from ${shownFolder(state, "d1")}:\n` +
          "🌀 To execute on your remote database, add a --remote flag to your wrangler command.",
      );
    },
    [Symbol.dispose]: () => database.close(),
  };
}

function knownDatabases(all: readonly FoundStore[]): string {
  if (all.length === 0) return "It has no `d1_databases`.";
  const names = all.map(({ binding, item }) =>
    typeof item.database_name === "string" ? `${item.database_name} (${binding})` : binding,
  );
  return `It has: ${names.join(", ")}`;
}

function runBatch(database: D1Store, sql: string): readonly D1Result[] {
  try {
    const queries = withoutDumpTransaction(splitStatements(sql).map(({ text }) => text));
    return database.query(
      queries.map((text) => ({ sql: text, params: [] })),
      false,
    ).results;
  } catch (error) {
    const statement = failedStatement(error)?.trim();
    const hint = statement === undefined ? undefined : `In the statement: ${shorten(statement)}`;
    throw commandFailed(messageOf(error), hint);
  }
}

/** What `sqlite3 .dump` puts around everything is left out: the batch is a transaction anyway. */
function withoutDumpTransaction(statements: readonly string[]): readonly string[] {
  const begin = statements.findIndex((text) => /^BEGIN\s+TRANSACTION\s*;?$/i.test(text));
  const end = statements.findLastIndex((text) => /^COMMIT\s*;?$/i.test(text));
  if (begin === -1 || end < begin) return statements;
  return statements.filter((_text, index) => index !== begin && index !== end);
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)} ...`;
}
