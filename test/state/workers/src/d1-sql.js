/** Cases of spec/resources.md 6.6 and 6.7: what SQL may do, and what is said of the rest. */
import { fresh } from "./fresh.js";
import { outcomes } from "./outcome.js";

export const cases = {
  "errors of SQLite": async ({ DB }) => {
    await fresh(
      DB,
      "CREATE TABLE p (id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL, c CHECK (c > 0))",
      "CREATE TABLE f (p REFERENCES p(id))",
      "INSERT INTO p VALUES (1, 1, 1, 1)",
      "CREATE TABLE strict (i INTEGER) STRICT",
      "CREATE TRIGGER raise BEFORE INSERT ON p WHEN new.id = 9 BEGIN SELECT raise(abort, 'custom'); END",
    );
    return outcomes(
      ...[
        "SELEC 1",
        "SELECT * FROM nope",
        "SELECT nope",
        "SELECT",
        "SELECT (1",
        "SELECT 'abc",
        "INSERT INTO p VALUES (1, 2, 1, 1)",
        "INSERT INTO p VALUES (2, 1, 1, 1)",
        "INSERT INTO p VALUES (2, 2, NULL, 1)",
        "INSERT INTO p VALUES (2, 2, 1, 0)",
        "INSERT INTO f VALUES (7)",
        "INSERT INTO p VALUES (9, 9, 9, 9)",
        "INSERT INTO p VALUES (1, 2, 1, 1) RETURNING id",
        "INSERT INTO p VALUES (2, 1, 1, 1) RETURNING id",
        "INSERT INTO p VALUES (9, 9, 9, 9) RETURNING id",
        "INSERT INTO strict VALUES ('x')",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO p (zz) VALUES (1)",
        "CREATE TABLE p (a)",
        "CREATE TABLE x (a, a)",
        "SELECT nosuch(1)",
        "SELECT abs()",
        "SELECT max()",
        "SELECT p.nope FROM p",
        "SELECT id FROM p a, p b",
        "SELECT a.b.c.d",
        "SELECT count(*) FROM p WHERE count(*)",
        "SELECT json_extract('{', '$')",
        "SELECT abs(-9223372036854775808)",
        "SELECT 1 FROM p WHERE FROM p",
        "  SELECT nope",
        "/* c */ SELECT nope",
        "SELECT 'é', nope",
        "DROP TABLE nope",
        "ALTER TABLE nope ADD a",
        "CREATE INDEX i ON nope (a)",
        "INSERT INTO nope VALUES (1)",
        "UPDATE p SET zz = 1",
        "SELECT * FROM p ORDER BY zz",
        'SELECT "nope"',
        "SELECT [nope]",
        "SELECT `nope`",
        "INSERT INTO p SELECT 1",
        "SELECT 1 UNION SELECT 1, 2",
        "VALUES (1), (1, 2)",
        "SELECT @",
        "SELECT #",
        "CREATE VIEW p AS SELECT 1",
        "CREATE TABLE y (a REFERENCES)",
        "SELECT CAST('x' AS)",
        "SELECT ?101",
        "SELECT * FROM p LIMIT 'x'",
        "INSERT INTO p(id) VALUES ('x')",
        "SELECT (SELECT 1, 2)",
        "SELECT 1 IN (SELECT 1, 2)",
        "WITH a AS (SELECT 1) SELECT * FROM b",
        "DELETE FROM p WHERE id = nope",
        "SELECT sum(sum(id)) FROM p",
        "SELECT row_number() FROM p",
        "PRAGMA nope",
        "EXPLAIN SELECT nope",
        "SELECT x'1'",
        "SELECT 1e",
        "SELECT 1.2.3",
        "SELECT 'a' 'b' 'c'",
      ].map(
        (sql) => () =>
          DB.prepare(sql)
            .all()
            .then(({ results: rows }) => rows),
      ),
    );
  },

  "what is refused": async ({ DB }) => {
    await fresh(DB, "CREATE TABLE r (a)");
    return outcomes(
      ...[
        "BEGIN",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT a",
        "RELEASE a",
        "begin transaction",
        "ATTACH ':memory:' AS x",
        "DETACH main",
        "VACUUM",
        "CREATE TEMP TABLE x (a)",
        "CREATE TABLE temp.x (a)",
        "CREATE TABLE _cf_x (a)",
        "CREATE INDEX _CF_i ON r (a)",
        "CREATE VIEW _cf_v AS SELECT 1",
        "ALTER TABLE r RENAME TO _cf_r",
        "CREATE TRIGGER _cf_g AFTER INSERT ON r BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE x USING fts4(a)",
        "CREATE VIRTUAL TABLE x USING dbstat",
        "SELECT sqlite_version()",
        "SELECT log10(1)",
        "SELECT if(1, 2, 3)",
        "SELECT json_pretty('{}')",
        "SELECT ceiling(1)",
        "SELECT power(1, 2)",
        "SELECT soundex('x')",
        "SELECT median(1)",
        "SELECT * FROM generate_series(1, 2)",
        "SELECT * FROM dbstat",
        "SELECT regexp('a', 'b')",
        "SELECT 'a' REGEXP 'b'",
        "SELECT load_extension('x')",
        "SELECT readfile('x')",
        "UPDATE sqlite_master SET sql = 1",
        "DELETE FROM sqlite_master",
        "INSERT INTO sqlite_sequence VALUES (1, 2)",
        "SELECT randomblob(4) IS NOT NULL AS r",
        "SELECT total_changes() >= 0 AS r",
        "SELECT unistr('a')",
        "SELECT subtype(1)",
        "SELECT sqlite_source_id()",
        "SELECT * FROM pragma_user_version",
        "SELECT name FROM pragma_table_info('r')",
        "SELECT iif(1, 2)",
        "SELECT concat('a', 'b') AS r",
        "SELECT mod(5, 3) AS r",
      ].map(
        (sql) => () =>
          DB.prepare(sql)
            .all()
            .then(({ results: rows }) => rows),
      ),
    );
  },

  pragmas: async ({ DB }) => {
    await fresh(
      DB,
      "CREATE TABLE r (a INTEGER PRIMARY KEY, b REFERENCES r(a))",
      "CREATE INDEX ri ON r (b)",
    );
    return outcomes(
      ...[
        "page_size",
        "page_size = 512",
        "data_version",
        "journal_mode",
        "journal_mode = delete",
        "user_version",
        "user_version = 5",
        "foreign_keys",
        "foreign_keys = OFF",
        "foreign_keys",
        "defer_foreign_keys",
        "case_sensitive_like = 1",
        "case_sensitive_like = 0",
        "legacy_alter_table",
        "recursive_triggers",
        "reverse_unordered_selects",
        "ignore_check_constraints = maybe",
        "table_info(r)",
        "table_info = r",
        "table_info",
        "table_xinfo(r)",
        "index_list(r)",
        "index_info(ri)",
        "index_xinfo('ri')",
        "foreign_key_list(r)",
        "foreign_key_check",
        "foreign_key_check(r)",
        "quick_check",
        "integrity_check",
        "optimize",
        "table_info(_cf_METADATA)",
        "cache_size",
        "synchronous",
        "busy_timeout",
        "database_list",
        "function_list",
        "compile_options",
        "encoding",
        "max_page_count",
        "wal_checkpoint",
      ].map(
        (pragma) => () =>
          DB.prepare(`PRAGMA ${pragma}`)
            .all()
            .then(({ results: rows }) => (pragma === "data_version" ? rows.length : rows)),
      ),
      () =>
        DB.prepare("PRAGMA table_list")
          .all()
          .then(({ results: rows }) => rows.filter(({ name }) => name === "r")),
    );
  },

  "foreign keys": async ({ DB }) => {
    await fresh(
      DB,
      "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
      "CREATE TABLE child (p REFERENCES parent(id) ON DELETE CASCADE)",
    );
    return outcomes(
      () => DB.prepare("INSERT INTO child VALUES (1)").run(),
      () =>
        DB.batch([
          DB.prepare("PRAGMA defer_foreign_keys = on"),
          DB.prepare("INSERT INTO child VALUES (1)"),
          DB.prepare("INSERT INTO parent VALUES (1)"),
        ]).then((list) => list.length),
      () => DB.prepare("SELECT p FROM child").raw(),
      () =>
        DB.prepare("DELETE FROM parent")
          .run()
          .then(({ meta: { changes } }) => changes),
      () => DB.prepare("SELECT p FROM child").raw(),
    );
  },

  limits: async ({ DB }) => {
    await fresh(DB, "CREATE TABLE l (a)");
    const columns = (count) => Array.from({ length: count }, (_, index) => `c${index}`).join();
    const marks = (count) => Array(count).fill("?").join();
    return outcomes(
      () =>
        DB.prepare(`SELECT ${marks(100)}`)
          .bind(...Array(100).fill(1))
          .raw()
          .then(([row]) => row.length),
      () =>
        DB.prepare(`SELECT ${marks(101)}`)
          .bind(...Array(101).fill(1))
          .raw(),
      () =>
        DB.prepare(`CREATE TABLE w100 (${columns(100)})`)
          .run()
          .then(({ success }) => success),
      () => DB.prepare(`CREATE TABLE w101 (${columns(101)})`).run(),
      () => DB.prepare(`SELECT ${"-(".repeat(101)}1${")".repeat(101)}`).all(),
      () =>
        DB.prepare(Array(5).fill("SELECT 1").join(" UNION ALL "))
          .raw()
          .then((rows) => rows.length),
      () => DB.prepare(Array(6).fill("SELECT 1").join(" UNION ALL ")).raw(),
      () => DB.prepare(`SELECT max(${Array(127).fill(1).join()}) AS m`).first("m"),
      () => DB.prepare(`SELECT max(${Array(128).fill(1).join()})`).first(),
      () => DB.prepare("SELECT 'a' LIKE ? AS m").bind("%".repeat(50)).first("m"),
      () => DB.prepare("SELECT 'a' LIKE ?").bind("%".repeat(51)).first(),
      () => DB.prepare("SELECT 'a' GLOB ?").bind("*".repeat(51)).first(),
      () =>
        DB.prepare(`SELECT '${"x".repeat(99_989)}' AS m`)
          .first("m")
          .then((m) => m.length),
      () => DB.prepare(`SELECT '${"x".repeat(100_000)}'`).first("m"),
      () => DB.prepare("SELECT length(?) AS n").bind("x".repeat(2_200_000)).first("n"),
      () =>
        DB.prepare("INSERT INTO l VALUES (?)")
          .bind(new Uint8Array(1_900_000))
          .run()
          .then(({ success }) => success),
      () => DB.prepare("SELECT length(a) AS n FROM l").first("n"),
    );
  },

  "virtual tables and triggers": async ({ DB }) => {
    const found = await outcomes(
      () =>
        DB.prepare("CREATE VIRTUAL TABLE IF NOT EXISTS ft USING fts5(x)")
          .run()
          .then(({ success }) => success),
      () =>
        DB.prepare("DELETE FROM ft")
          .run()
          .then(({ success }) => success),
      () =>
        DB.prepare("INSERT INTO ft VALUES ('some words'), ('other')")
          .run()
          .then(({ meta: { changes } }) => changes),
      () =>
        DB.prepare(
          "SELECT x, highlight(ft, 0, '<', '>') AS h FROM ft WHERE ft MATCH ? ORDER BY rank",
        )
          .bind("words")
          .all()
          .then(({ results: rows }) => rows),
      () =>
        DB.prepare("DROP TABLE ft")
          .run()
          .then(({ success }) => success),
    );
    await fresh(
      DB,
      "CREATE TABLE tt (a)",
      "CREATE TABLE log (a)",
      "CREATE TRIGGER tg AFTER INSERT ON tt BEGIN INSERT INTO log VALUES (new.a); INSERT INTO log VALUES ('end;'); END",
    );
    return [
      ...found,
      ...(await outcomes(
        () =>
          DB.prepare("INSERT INTO tt VALUES (1)")
            .run()
            .then(({ meta: { changes } }) => changes),
        () => DB.prepare("SELECT a FROM log").raw(),
      )),
    ];
  },
};
