/** What both engines of the SQLite driver must do alike (src/storage/sqlite/contract.ts). */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SqliteDatabase, SqlValue } from "../../src/storage/sqlite/contract.ts";
import { Verdict } from "../../src/storage/sqlite/contract.ts";
import { openDatabase } from "../../src/storage/sqlite/database.ts";
import type { SqliteEngine } from "../../src/storage/sqlite/engines.ts";
import { SqliteError } from "../../src/storage/sqlite/errors.ts";

export function sqliteContract(engine: SqliteEngine): void {
  let folder: string;
  let database: SqliteDatabase;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "drover-sqlite-"));
    database = open();
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  const open = (name = "deep/er/a.sqlite"): SqliteDatabase =>
    openDatabase(join(folder, name), {}, engine);
  const rows = (sql: string, ...parameters: SqlValue[]) => database.prepare(sql).all(...parameters);
  const failure = (run: () => unknown): SqliteError => {
    try {
      run();
    } catch (error) {
      if (error instanceof SqliteError) return error;
      throw error;
    }
    throw new Error("It did not fail.");
  };

  test("opens as wrangler does: WAL, 4096, UTF-8, foreign keys, a busy time-out", () => {
    const pragma = (name: string) => rows(`PRAGMA ${name}`)[0]?.[0];
    expect(pragma("journal_mode")).toBe("wal");
    expect(pragma("page_size")).toBe(4096);
    expect(pragma("encoding")).toBe("UTF-8");
    expect(pragma("auto_vacuum")).toBe(0);
    expect(pragma("user_version")).toBe(0);
    expect(pragma("foreign_keys")).toBe(1);
    expect(pragma("busy_timeout")).toBe(5000);
  });

  test("makes the folder, or fails where the file must exist", () => {
    expect(existsSync(join(folder, "deep/er/a.sqlite"))).toBe(true);
    const missing = join(folder, "no/b.sqlite");
    const error = failure(() => openDatabase(missing, { mustExist: true }, engine));
    expect([error.message, error.primaryName]).toEqual([
      "unable to open database file",
      "SQLITE_CANTOPEN",
    ]);
    expect(existsSync(missing)).toBe(false);
  });

  test("binds numbers as REAL, BigInts as INTEGER, and keeps affinity out of it", () => {
    const type = (value: SqlValue) => rows("SELECT typeof(?)", value)[0]?.[0];
    expect([5, -0, 2 ** 40, 1.5, Infinity].map(type)).toEqual(Array(5).fill("real"));
    expect([5n, 2n ** 60n].map(type)).toEqual(["integer", "integer"]);
    expect([Number.NaN, null].map(type)).toEqual(["null", "null"]);
    database.exec("CREATE TABLE t (i INTEGER, t TEXT, n)");
    database.prepare("INSERT INTO t VALUES (?1, ?1, ?1)").run(5);
    expect(rows("SELECT typeof(i), t, typeof(n) FROM t")).toEqual([["integer", "5.0", "real"]]);
    expect(rows("SELECT i FROM t WHERE i = ? AND t = ? AND n = ?", 5, 5, 5)).toEqual([[5]]);
    expect(rows("SELECT i FROM t LIMIT ?", 1)).toEqual([[5]]);
  });

  test("keeps text, bytes, infinities and negative zero as they are", () => {
    const values = ["", "é😀", new Uint8Array(0), new Uint8Array([0, 255]), Infinity, -0, 1e300];
    const [row] = rows(`SELECT ${values.map(() => "?").join(",")}`, ...values);
    expect(row).toEqual(values);
    expect(Object.is(row?.[5], -0)).toBe(true);
    const [stored] = rows("SELECT typeof(?1), hex(CAST(?1 AS BLOB))", "a\0b");
    expect(stored).toEqual(["text", "610062"]);
  });

  test("takes a window of bytes, and nothing of the buffer around it", () => {
    const window = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(rows("SELECT hex(?)", window)).toEqual([["0203"]]);
  });

  test("reads integers as numbers, or as BigInts on request", () => {
    const big = database.prepare("SELECT 9007199254740993, 7, 1.5");
    expect(big.all()).toEqual([[9007199254740992, 7, 1.5]]);
    expect(big.withBigInts().get()).toEqual([9007199254740993n, 7n, 1.5]);
    expect([...big.withBigInts().iterate()]).toEqual([[9007199254740993n, 7n, 1.5]]);
  });

  test("counts parameters and binds names in the order of their first appearance", () => {
    const named = database.prepare("SELECT :a, @b, $c, :a, ?, ':no', \"?\" -- ?");
    expect(named.parameterCount).toBe(4);
    expect(named.get(1, "x", null, 2)?.slice(0, 5)).toEqual([1, "x", null, 1, 2]);
    const numbered = database.prepare("SELECT ?3, ?1");
    expect(numbered.parameterCount).toBe(3);
    expect(numbered.get(1, "unused", 3)).toEqual([3, 1]);
    for (const parameters of [[], [1, 2, 3, 4, 5]]) {
      expect(() => named.all(...parameters)).toThrow(
        new Error("Wrong number of parameter bindings for SQL query."),
      );
    }
  });

  test("names columns by the text that was given, with duplicates", () => {
    const statement = database.prepare("SELECT ? , 1 AS a, 2 AS a");
    statement.all(5);
    expect(statement.columns).toEqual(["?", "a", "a"]);
    expect(database.prepare("CREATE TABLE c (x)").columns).toEqual([]);
  });

  test("a statement's variants for other types of values run the same statement", () => {
    database.exec("CREATE TABLE v (k INTEGER PRIMARY KEY, v)");
    const insert = database.prepare("INSERT INTO v (v) VALUES (?)");
    for (const value of [1, "one", null, 1.5, "a\0", 2n ** 40n, new Uint8Array(1)]) {
      insert.run(value);
    }
    expect(rows("SELECT typeof(v) FROM v ORDER BY k").flat()).toEqual(
      "real text null real text integer blob".split(" "),
    );
  });

  test("steps through rows while others write, and can be ended", () => {
    database.exec("CREATE TABLE s (x); INSERT INTO s VALUES (1), (2), (3)");
    const seen: SqlValue[] = [];
    for (const [x] of database.prepare("SELECT x FROM s WHERE x < 10").iterate()) {
      seen.push(x as SqlValue);
      database.prepare("INSERT INTO s VALUES (?)").run(100);
    }
    expect(seen).toEqual([1, 2, 3]);
    const open = database.prepare("SELECT x FROM s").iterate();
    open.next();
    expect(failure(() => database.exec("DROP TABLE s")).primaryName).toBe("SQLITE_LOCKED");
    open.return?.();
    database.exec("DROP TABLE s");
  });

  test("runs the first statement only; a text without one is an error", () => {
    expect(rows("SELECT 1; SELECT 2")).toEqual([[1]]);
    for (const sql of ["", " -- x", "/* x */;", ";"]) {
      expect(() => database.prepare(sql)).toThrow(
        new Error("SQL code did not contain a statement."),
      );
    }
  });

  test("errors carry SQLite's text and code", () => {
    database.exec(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL CHECK (n > 0)); INSERT INTO p VALUES (1, 1, 1)",
    );
    database.exec("CREATE TABLE f (r REFERENCES p(id))");
    const texts = [
      "INSERT INTO p VALUES (1, 2, 1)",
      "INSERT INTO p VALUES (2, 1, 1)",
      "INSERT INTO p VALUES (2, 2, NULL)",
      "INSERT INTO p VALUES (2, 2, 0)",
      "INSERT INTO f VALUES (7)",
      "SELEC 1",
      "SELECT * FROM nope",
      "SELECT",
    ].map((sql) => {
      const { message, primaryName, extendedName } = failure(() => database.prepare(sql).run());
      return [message, primaryName, extendedName.replace(primaryName, "")].join(" | ");
    });
    expect(texts).toEqual([
      "UNIQUE constraint failed: p.id | SQLITE_CONSTRAINT | _PRIMARYKEY",
      "UNIQUE constraint failed: p.u | SQLITE_CONSTRAINT | _UNIQUE",
      "NOT NULL constraint failed: p.n | SQLITE_CONSTRAINT | _NOTNULL",
      "CHECK constraint failed: n > 0 | SQLITE_CONSTRAINT | _CHECK",
      "FOREIGN KEY constraint failed | SQLITE_CONSTRAINT | _FOREIGNKEY",
      'near "SELEC": syntax error | SQLITE_ERROR | ',
      "no such table: nope | SQLITE_ERROR | ",
      "incomplete input | SQLITE_ERROR | ",
    ]);
  });

  test("errors while rows are read carry the same codes", () => {
    database.exec("CREATE TABLE p (id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL CHECK (n > 0))");
    database.exec("CREATE TABLE two (a, b, PRIMARY KEY (a, b)); INSERT INTO two VALUES (1, 1)");
    database.exec("INSERT INTO p VALUES (1, 1, 1); CREATE TABLE f (r REFERENCES p(id))");
    database.exec("CREATE TABLE s (i INTEGER) STRICT");
    database.exec(
      "CREATE TRIGGER g BEFORE INSERT ON p WHEN new.n = 9 BEGIN SELECT raise(abort, 'no nine'); END",
    );
    const codes = [
      "INSERT INTO p VALUES (1, 2, 1) RETURNING id",
      "INSERT INTO p VALUES (2, 1, 1) RETURNING id",
      "INSERT INTO two VALUES (1, 1) RETURNING a",
      "INSERT INTO p VALUES (2, 2, NULL) RETURNING id",
      "INSERT INTO p VALUES (2, 2, 0) RETURNING id",
      "INSERT INTO f VALUES (7) RETURNING r",
      "INSERT INTO s VALUES ('x') RETURNING i",
      "INSERT INTO p VALUES (2, 2, 9) RETURNING id",
      "SELECT json_extract('{', '$')",
      "SELECT abs(-9223372036854775808)",
    ].map((sql) => {
      const all = failure(() => rows(sql)).extendedName;
      const stepped = failure(() => [...database.prepare(sql).iterate()]).extendedName;
      return all === stepped ? all : `${all}, but ${stepped}`;
    });
    expect(codes).toEqual([
      "SQLITE_CONSTRAINT_PRIMARYKEY",
      "SQLITE_CONSTRAINT_UNIQUE",
      "SQLITE_CONSTRAINT_PRIMARYKEY",
      "SQLITE_CONSTRAINT_NOTNULL",
      "SQLITE_CONSTRAINT_CHECK",
      "SQLITE_CONSTRAINT_FOREIGNKEY",
      "SQLITE_CONSTRAINT_DATATYPE",
      "SQLITE_CONSTRAINT_TRIGGER",
      "SQLITE_ERROR",
      "SQLITE_ERROR",
    ]);
  });

  test.each(["run", "get", "all", "iterate"] as const)(
    "a statement that failed by %s works the next time",
    (how) => {
      database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, e TEXT UNIQUE)");
      const insert = database.prepare("INSERT INTO t (e) VALUES (?) RETURNING e");
      const outcomes = ["a", "b", "a", "c", "c", "d"].map((value) => {
        try {
          const result = insert[how](value);
          if (how === "iterate") return [...(result as Iterable<SqlValue[]>)].length;
          return 1;
        } catch (error) {
          return (error as SqliteError).resultCode;
        }
      });
      expect(outcomes).toEqual([1, 1, 2067, 1, 2067, 1]);
      expect(rows("SELECT e FROM t ORDER BY id").flat()).toEqual(["a", "b", "c", "d"]);
    },
  );

  test("has what production's SQLite has: math, JSON, FTS5, R-trees, double-quoted strings", () => {
    expect(rows("SELECT sqrt(4), json_extract('{\"a\":1}', '$.a'), \"text\"")).toEqual([
      [2, 1, "text"],
    ]);
    database.exec("CREATE VIRTUAL TABLE ft USING fts5(x); INSERT INTO ft VALUES ('some words')");
    database.exec("CREATE VIRTUAL TABLE rt USING rtree(id, a, b)");
    expect(rows("SELECT x FROM ft WHERE ft MATCH ?", "words")).toEqual([["some words"]]);
  });

  test("asks the authorizer about everything but statements of the system", () => {
    const asked: string[] = [];
    database.authorize((action, first) => {
      asked.push(`${action} ${first}`);
      return first === "secret" ? Verdict.deny : Verdict.allow;
    });
    const error = failure(() => database.exec("CREATE TABLE secret (x)"));
    expect([error.message, error.primaryName]).toEqual(["not authorized", "SQLITE_AUTH"]);
    expect(asked).toContain("2 secret");
    database.asSystem(() => database.exec("CREATE TABLE secret (x)"));
    database.authorize(undefined);
    expect(rows("SELECT count(*) FROM secret")).toEqual([[0]]);
  });

  test("what the authorizer throws is what the statement throws", () => {
    database.authorize(() => {
      throw new Error("Use the API.");
    });
    expect(() => database.prepare("SELECT 1")).toThrow(new Error("Use the API."));
    database.authorize(undefined);
    expect(rows("SELECT 1")).toEqual([[1]]);
  });

  test("refuses functions by name, and loads no extension", () => {
    database.authorize((action) => (action === 31 ? Verdict.deny : Verdict.allow));
    expect(failure(() => rows("SELECT abs(1)")).message).toBe(
      "not authorized to use function: abs",
    );
    database.authorize(undefined);
    expect(failure(() => rows("SELECT load_extension('x')")).message).toBe("not authorized");
  });

  test("holds to limits", () => {
    const limits = { variableNumber: 3, column: 4, compoundSelect: 2, exprDepth: 10, length: 5000 };
    database.limit({ ...limits, likePatternLength: 5, functionArg: 4, attach: 0 });
    const text = (sql: string) => failure(() => rows(sql)).message;
    expect(text("SELECT ?,?,?,?")).toBe("too many SQL variables");
    expect(text("CREATE TABLE w (a,b,c,d,e)")).toBe("too many columns on w");
    expect(text("SELECT 1 UNION SELECT 2 UNION SELECT 3")).toBe(
      "too many terms in compound SELECT",
    );
    expect(text(`SELECT ${"-(".repeat(20)}1${")".repeat(20)}`)).toBe(
      "Expression tree is too large (maximum depth 10)",
    );
    expect(text("SELECT 'a' LIKE '123456'")).toBe("LIKE or GLOB pattern too complex");
    expect(text("SELECT max(1,2,3,4,5)")).toBe("too many arguments on function max");
    const error = failure(() => rows("SELECT zeroblob(6000)"));
    expect([error.message, error.primaryName]).toEqual(["string or blob too big", "SQLITE_TOOBIG"]);
  });

  test("counts the rows that changed, whichever way they did", () => {
    const totals: number[] = [];
    const count = (run: () => unknown) => {
      const before = database.totalChanges();
      run();
      totals.push(database.totalChanges() - before);
    };
    database.exec(
      "CREATE TABLE a (x); CREATE TABLE b (x); CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (1); END",
    );
    const insert = database.prepare("INSERT INTO a VALUES (?)");
    const returning = database.prepare("INSERT INTO b VALUES (1), (2) RETURNING x");
    const select = database.prepare("SELECT x FROM a");
    count(() => insert.run(1));
    count(() => database.exec("INSERT INTO b VALUES (1)"));
    count(() => returning.all());
    count(() => returning.get());
    count(() => [...returning.iterate()]);
    count(() => select.all());
    count(() => [...select.iterate()]);
    count(() => database.prepare("WITH c AS (SELECT 1) INSERT INTO b SELECT * FROM c").run());
    count(() => database.asSystem(() => database.exec("UPDATE b SET x = 2")));
    expect(totals).toEqual([2, 1, 2, 2, 2, 0, 0, 1, 9]);
  });

  test("commits and rolls back, and tells what changed", () => {
    database.exec("CREATE TABLE c (id INTEGER PRIMARY KEY); INSERT INTO c VALUES (7)");
    expect([database.totalChanges(), database.lastInsertRowid()]).toEqual([1, 7]);
    expect(database.inTransaction).toBe(false);
    database.exec("BEGIN IMMEDIATE; INSERT INTO c VALUES (8)");
    expect(database.inTransaction).toBe(true);
    database.exec("ROLLBACK");
    expect(rows("SELECT id FROM c")).toEqual([[7]]);
  });

  test("two connections share a file; the second sees what the first committed", () => {
    database.exec("CREATE TABLE shared (x)");
    const other = open();
    other.exec("INSERT INTO shared VALUES (1)");
    expect(rows("SELECT x FROM shared")).toEqual([[1]]);
    other.close();
    expect(other.isOpen).toBe(false);
    other.close();
  });

  test("closing moves what was written to the file, whoever still holds statements", () => {
    const path = join(folder, "deep/er/a.sqlite");
    database.exec("CREATE TABLE moved (x)");
    const insert = database.prepare("INSERT INTO moved VALUES (?)");
    insert.run(1);
    database.close();
    expect(existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0).toBe(0);
    mkdirSync(join(folder, "copy"));
    copyFileSync(path, join(folder, "copy/a.sqlite"));
    const copy = open("copy/a.sqlite");
    expect(copy.prepare("SELECT x FROM moved").all()).toEqual([[1]]);
    copy.close();
  });

  test("opens a log that somebody left behind", () => {
    database.exec("CREATE TABLE w (x); INSERT INTO w VALUES (1)");
    expect(existsSync(join(folder, "deep/er/a.sqlite-wal"))).toBe(true);
    const reader = open();
    expect(reader.prepare("SELECT x FROM w").all()).toEqual([[1]]);
    reader.close();
  });
}
