/** Probes that run inside of an object: `ctx.storage.sql`. */
import { show, steps } from "./tools.js";

export const sqlProbes = {
  sqlBasics({ storage: { sql } }) {
    return steps([
      () =>
        sql.exec("create table t (id integer primary key, name text, n real, b blob)").toArray(),
      () =>
        sql
          .exec("insert into t (name, n, b) values (?, ?, ?)", "a", 5, new Uint8Array([1]))
          .toArray(),
      () => show(sql.exec("select * from t").toArray()),
      () => show(sql.exec("insert into t (name) values ('b'), ('c') returning id, name").toArray()),
      () => sql.exec("select id, name from t order by id").raw().toArray(),
      () => sql.exec("select id, name as n from t").columnNames,
      () => sql.exec("select count(*) from t").one(),
      () => sql.exec("select * from t where id = 99").one(),
      () => sql.exec("select id from t").one(),
      () => {
        const cursor = sql.exec("select id from t order by id");
        const first = cursor.next();
        const rest = [...cursor];
        return [
          first,
          rest,
          cursor.next(),
          cursor.toArray(),
          JSON.stringify(cursor),
          String(cursor),
        ];
      },
      () => [...sql.exec("select id from t order by id").raw()],
      () => sql.exec("select 1 as a, 2 as a").toArray(),
      () => sql.exec("select 1 as a, 2 as a").raw().toArray(),
      () => sql.exec("select 1 + 1").toArray(),
      () => sql.exec("update t set n = 1").toArray(),
      () => sql.exec("select 1; select 2 as two").toArray(),
      () => sql.exec("select :a, @b, $c", 1, 2, 3).raw().toArray(),
      () => sql.exec("select ?2, ?1", 1, 2).raw().toArray(),
      () => sql.exec("  select 1  ;  ").raw().toArray(),
    ]);
  },
  sqlTypes({ storage: { sql } }) {
    const types = (value) =>
      show(sql.exec("select typeof(?) as type, ? as value", value, value).one());
    return steps([
      () => types(5),
      () => types(1.5),
      () => types(Number.NaN),
      () => types(Number.POSITIVE_INFINITY),
      () => types(-0),
      () => types("text"),
      () => types(null),
      () => types(undefined),
      () => types(true),
      () => types(new Uint8Array([1, 2])),
      () => types(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)),
      () => types(new Uint16Array([1])),
      () => types(new ArrayBuffer(2)),
      () => types([1, 2]),
      () => types({}),
      () => types(() => 1).type,
      () => types(10n),
      () => types(Symbol("s")),
      () => show(sql.exec("select 9007199254740993 as big, x'0102' as blob").one()),
      () => {
        sql.exec("create table i (n integer, t text)");
        sql.exec("insert into i values (?, ?)", 5, 5);
        return sql.exec("select n, typeof(n) as tn, t, typeof(t) as tt from i").one();
      },
    ]);
  },
  sqlRefused({ storage: { sql } }) {
    const list = [
      "BEGIN",
      "COMMIT",
      "ROLLBACK",
      "SAVEPOINT a",
      "RELEASE a",
      "END",
      "ATTACH ':memory:' AS x",
      "DETACH main",
      "VACUUM",
      "CREATE TEMP TABLE x (a)",
      "CREATE TABLE temp.x (a)",
      "CREATE TABLE _cf_x (a)",
      "CREATE TABLE _CF_X (a)",
      "CREATE INDEX _cf_i ON sqlite_master (name)",
      "SELECT * FROM _cf_KV",
      "PRAGMA journal_mode",
      "PRAGMA journal_mode = DELETE",
      "PRAGMA page_count",
      "PRAGMA foreign_keys",
      "PRAGMA foreign_keys = maybe",
      "PRAGMA user_version",
      "CREATE VIRTUAL TABLE f USING fts4(a)",
      "CREATE VIRTUAL TABLE f USING fts5(a)",
      "SELECT log10(1)",
      "SELECT sqlite_version()",
      "SELECT load_extension('x')",
      "SELECT json_pretty('1')",
      "SELECT pow(2, 3)",
      "SELECT unixepoch('1970-01-02')",
      "SELECT 'zz' = \"zz\"",
      "selec 1",
      "SELECT * FROM nope",
      "SELECT nope",
      "SELECT nope()",
      "SELECT 'abc",
      "SELECT",
      "",
      ";",
      "-- comment",
      "select 1;;",
      "select 1; -- comment",
      "INSERT INTO sqlite_master VALUES (1)",
      "SELECT abs()",
      "SELECT json('{')",
    ];
    return steps([
      async () => "start",
      ...list.map((text) => () => show(sql.exec(text).raw().toArray())),
      () => sql.exec(),
      () => sql.exec("select ?"),
      () => sql.exec("select 1", 1),
      () => sql.exec("select ?; select ?", 1),
    ]).then((outcomes) =>
      [...list.entries()]
        .map(([index, text]) => [text, outcomes[index + 1]])
        .concat(outcomes.slice(list.length + 1)),
    );
  },
  sqlConstraints({ storage: { sql } }) {
    return steps([
      () =>
        sql
          .exec(
            "create table p (id integer primary key); create table t (id integer primary key, u text unique, n text not null, c integer check (c > 0), f integer references p(id)); create table s (a integer) strict",
          )
          .toArray(),
      () => sql.exec("insert into t values (1, 'a', 'n', 1, null)").rowsWritten,
      () => sql.exec("insert into t values (1, 'b', 'n', 1, null)"),
      () => sql.exec("insert into t values (2, 'a', 'n', 1, null)"),
      () => sql.exec("insert into t values (2, 'b', null, 1, null)"),
      () => sql.exec("insert into t values (2, 'b', 'n', 0, null)"),
      () => sql.exec("insert into t values (2, 'b', 'n', 1, 9)"),
      () => sql.exec("insert into s values ('x')"),
      () => sql.exec("insert into p values ('x')"),
      () =>
        sql
          .exec("create trigger g before delete on t begin select raise(abort, 'custom msg'); end")
          .toArray(),
      () => sql.exec("delete from t"),
      () => sql.exec("select count(*) as n from t").one(),
      () => sql.exec("insert into p values (1), (1)"),
      () => sql.exec("select count(*) as n from p").one(),
    ]);
  },
  sqlLimits({ storage: { sql } }) {
    const many = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join(", ");
    return steps([
      () => sql.exec(`create table c100 (${many(100, (i) => `c${i}`)})`).toArray(),
      () => sql.exec(`create table c101 (${many(101, (i) => `c${i}`)})`),
      () =>
        sql
          .exec(`select ${many(100, () => "?")}`, ...Array(100).fill(1))
          .raw()
          .toArray()[0].length,
      () => sql.exec(`select ${many(101, () => "?")}`, ...Array(101).fill(1)),
      () => sql.exec(`select 'a' like '${"a".repeat(51)}'`),
      () => sql.exec(`select ${"1+".repeat(101)}1`),
      () => sql.exec(`${"select 1 union ".repeat(5)} select 1`),
      () => sql.exec(`select '${"x".repeat(100_000)}'`),
    ]);
  },
  /** Each limit: what is at it, and one more. */
  sqlLimitsAtAndBeyond({ storage: { sql } }) {
    const list = (count, text) => Array.from({ length: count }, (_, i) => text(i));
    const run =
      (text, ...bindings) =>
      () =>
        show(
          sql
            .exec(text, ...bindings)
            .raw()
            .toArray(),
        );
    const length = (text) => () => sql.exec(text).raw().toArray().length;
    const both = (at, make) => [make(at), make(at + 1)];
    return steps([
      ...both(100, (n) => run(`create table t${n} (${list(n, (i) => `c${i}`).join()})`)),
      ...both(100, (n) => length(`select ${list(n, (i) => i).join()}`)),
      ...both(50, (n) => run(`select 'a' like '${"a".repeat(n)}', 'b' glob 'b'`)),
      ...both(50, (n) => run(`select 'a' glob '${"a".repeat(n)}'`)),
      ...both(5, (n) => length(list(n, (i) => `select ${i}`).join(" union "))),
      ...both(500, (n) => run(`select count(*) from (values ${list(n, (i) => `(${i})`).join()})`)),
      ...both(99, (n) => run(`select ${"1+".repeat(n)}1`)),
      ...both(100_000, (n) => length(`select '${"x".repeat(n - 9)}'`)),
    ]);
  },
  sqlTriggerDepth({ storage: { sql } }) {
    const rows = () => sql.exec("select count(*) as n from r").one();
    return steps([
      () => {
        sql.exec("create table r (n integer, last integer)");
        sql.exec(
          "create trigger next after insert on r when new.n < new.last begin insert into r values (new.n + 1, new.last); end",
        );
      },
      // A trigger does not set itself off unless it is said to.
      () => sql.exec("insert into r values (1, 20)").rowsWritten > 0,
      rows,
      () => sql.exec("pragma recursive_triggers = on").toArray(),
    ]).then(async (before) => [
      ...before,
      ...(await steps([
        rows,
        () => sql.exec("delete from r").toArray(),
        () => sql.exec("insert into r values (1, 10)").toArray(),
        rows,
        () => sql.exec("delete from r").toArray(),
        () => sql.exec("insert into r values (1, 11)").toArray(),
        rows,
        () => sql.exec("insert into r values (12, 12)").toArray(),
        rows,
      ])),
    ]);
  },
  /** Each comparison takes three operations of SQLite's machine. */
  sqlProgramLength({ storage: { sql } }) {
    const compare = (count) => () =>
      sql
        .exec(`select a in (${Array(count).fill("a").join()}) from v`)
        .raw()
        .toArray();
    return steps([
      () => sql.exec("create table v (a); insert into v values (1)").toArray(),
      compare(8000),
      compare(49_000),
      () => sql.exec("select count(*) from v").raw().toArray(),
    ]);
  },
  cursors({ storage }) {
    const { sql } = storage;
    return steps([
      () =>
        sql
          .exec("create table t (id integer primary key); insert into t values (1), (2), (3)")
          .toArray(),
      () => {
        const cursor = sql.exec("select id from t order by id");
        cursor.next();
        sql.exec("insert into t values (4)");
        return cursor.toArray();
      },
      async () => {
        const cursor = sql.exec("select id from t order by id");
        cursor.next();
        await scheduler.wait(1);
        return cursor.toArray();
      },
      () => {
        const one = sql.exec("select id from t order by id");
        const two = sql.exec("select id from t order by id");
        return [one.next().value, two.next().value, one.next().value, two.next().value];
      },
      () => {
        const cursor = sql.exec("select id from t");
        cursor.next();
        sql.exec("drop table t");
      },
      async () => {
        const cursor = sql.exec("select 1 as a union select 2");
        cursor.next();
        await storage.deleteAll();
        return cursor.next();
      },
    ]);
  },
};
