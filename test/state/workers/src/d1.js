/** Cases of spec/resources.md 6.1 to 6.5. Each makes the tables that it needs. */
import { fresh } from "./fresh.js";
import { outcomes } from "./outcome.js";

/** Without what differs from run to run. */
function meta({
  duration,
  timings,
  size_after: size,
  rows_read: _read,
  rows_written: _written,
  ...rest
}) {
  return {
    ...rest,
    duration: typeof duration,
    timings: Object.keys(timings ?? {}),
    size: size > 0 && size % 4096 === 0,
  };
}

const result = ({ meta: data, ...rest }) => ({ ...rest, meta: meta(data) });
const results = (list) => list.map(result);

export const cases = {
  "shape of the binding": async ({ DB }) => {
    const statement = DB.prepare("SELECT 1");
    const session = DB.withSession();
    const members = (object) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(object))
        .filter((name) => !name.startsWith("_"))
        .sort();
    return {
      name: DB.constructor.name,
      own: Object.keys(DB),
      methods: members(DB),
      statement: [statement.constructor.name, Object.keys(statement).sort(), members(statement)],
      session: [session.constructor.name, Object.keys(session).length, members(session)],
      text: JSON.stringify(statement),
    };
  },

  "types of parameters": async ({ DB }) => {
    const values = {
      integer: 5,
      float: 1.5,
      big: 2 ** 53,
      negativeZero: -0,
      nan: NaN,
      infinity: Infinity,
      string: "é\u0000x",
      lone: "\uD800",
      true: true,
      false: false,
      null: null,
      buffer: new Uint8Array([1, 255]).buffer,
      view: new Uint8Array([1, 2, 3]).subarray(1),
      words: new Uint16Array([300, 2]),
      dataView: new DataView(new ArrayBuffer(2)),
      array: [0, 255],
      empty: [],
      emptyView: new Uint8Array(0),
    };
    const found = {};
    for (const [name, value] of Object.entries(values)) {
      const [row] = await DB.prepare("SELECT typeof(?1), hex(CAST(?1 AS BLOB)), length(?1)")
        .bind(value)
        .raw();
      found[name] = row;
    }
    return found;
  },

  "parameters that are refused": ({ DB }) =>
    outcomes(
      ...[
        undefined,
        1n,
        {},
        new Date(0),
        () => 1,
        ["a"],
        [256],
        [1.5],
        [-1],
        Symbol("x"),
        new Map(),
        [null],
      ].map((value) => () => DB.prepare("SELECT ?").bind(value).raw()),
    ),

  "number of parameters": ({ DB }) =>
    outcomes(
      () => DB.prepare("SELECT ?").all(),
      () => DB.prepare("SELECT ?").bind(1, 2).all(),
      () => DB.prepare("SELECT 1").bind(1).all(),
      () => DB.prepare("SELECT ?3 AS c").bind(1, 2, 3).first(),
      () => DB.prepare("SELECT ?3").bind(1).first(),
      () => DB.prepare("SELECT :b AS b, @a AS a, :b AS c").bind(1, 2).first(),
      () => DB.prepare("SELECT ? AS a").bind(1).bind(2).first(),
      () => DB.prepare("SELECT '?' AS a -- ?").bind().first(),
    ),

  "values that come out": async ({ DB }) => {
    const rows = await DB.prepare(
      "SELECT 1 AS i, 1.5 AS r, 9007199254740993 AS big, 'a' AS t, x'00ff' AS b, NULL AS n, 9e999 AS inf, -9e999 AS ninf, x'' AS e",
    ).all();
    return rows.results;
  },

  affinity: async ({ DB }) => {
    await fresh(DB, "CREATE TABLE aff (i INTEGER, r REAL, t TEXT, n)");
    await DB.prepare("INSERT INTO aff VALUES (?1, ?1, ?1, ?1)").bind(5).run();
    return DB.prepare("SELECT typeof(i), typeof(r), t, typeof(n) FROM aff WHERE t = '5.0'").raw();
  },

  "all, run, first, raw": async ({ DB }) => {
    await fresh(
      DB,
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a)",
      "INSERT INTO t VALUES (1, 'x'), (2, NULL)",
    );
    return outcomes(
      () => DB.prepare("SELECT * FROM t").all().then(result),
      () => DB.prepare("SELECT * FROM t").run().then(result),
      () =>
        DB.prepare("SELECT id AS a, a FROM t")
          .all()
          .then(({ results: rows }) => rows),
      () => DB.prepare("SELECT id AS a, a FROM t").raw(),
      () => DB.prepare("SELECT * FROM t").raw({ columnNames: true }),
      () => DB.prepare("SELECT * FROM t WHERE 0").raw({ columnNames: true }),
      () => DB.prepare("SELECT * FROM t WHERE 0").raw(),
      () => DB.prepare("SELECT * FROM t").first(),
      () => DB.prepare("SELECT * FROM t").first("a"),
      () => DB.prepare("SELECT * FROM t WHERE id = 2").first("a"),
      () => DB.prepare("SELECT * FROM t WHERE 0").first(),
      () => DB.prepare("SELECT * FROM t WHERE 0").first("a"),
      () => DB.prepare("SELECT * FROM t").first("z"),
      () => DB.prepare("SELECT 1 + 1").first(),
      () => DB.prepare("INSERT INTO t VALUES (3, 'y')").first(),
      () => DB.prepare("INSERT INTO t VALUES (4, 'y')").raw(),
      () => DB.prepare("INSERT INTO t VALUES (5, 'y') RETURNING id").all().then(result),
    );
  },

  meta: async ({ DB }) => {
    await fresh(DB, "CREATE TABLE m (id INTEGER PRIMARY KEY, a)");
    const keys = Object.keys((await DB.prepare("SELECT 1").all()).meta);
    const of = async (sql) => {
      return meta((await DB.prepare(sql).run()).meta);
    };
    return [
      keys,
      await of("INSERT INTO m VALUES (7, 1)"),
      await of("INSERT INTO m (a) VALUES (1), (2)"),
      await of("SELECT * FROM m"),
      await of("UPDATE m SET a = 3 WHERE id > 7"),
      await of("UPDATE m SET a = 3 WHERE id > 70"),
      await of("DELETE FROM m"),
      await of("CREATE TABLE m2 (a)"),
      await of("DROP TABLE m2"),
    ];
  },

  "rows read and written": async ({ DB }) => {
    await fresh(DB, "CREATE TABLE c (id INTEGER PRIMARY KEY, a)");
    const of = async (sql) => {
      const { rows_read, rows_written } = (await DB.prepare(sql).run()).meta;
      return [rows_read, rows_written];
    };
    return [
      await of("INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)"),
      await of("SELECT * FROM c"),
      await of("SELECT * FROM c WHERE id = 2"),
      await of("UPDATE c SET a = 5"),
      await of("DELETE FROM c WHERE id = 1"),
    ];
  },

  "several statements in one text": async ({ DB }) => {
    await fresh(DB, "CREATE TABLE s (a)");
    return outcomes(
      () =>
        DB.prepare("INSERT INTO s VALUES (1); INSERT INTO s VALUES (2); SELECT a FROM s")
          .all()
          .then(result),
      () => DB.prepare("SELECT 1 AS a; INSERT INTO s VALUES (?)").bind(3).run().then(result),
      () => DB.prepare("INSERT INTO s VALUES (?); SELECT ? AS x").bind(4).all(),
      () => DB.prepare("INSERT INTO s VALUES (9); SELECT nope").all(),
      () => DB.prepare("SELECT a FROM s").raw(),
      () => DB.prepare("SELECT 1;").first(),
      () => DB.prepare("SELECT 1; -- end").first(),
      () => DB.prepare("SELECT 1;;").first(),
      () => DB.prepare("").all(),
      () => DB.prepare("  ").all(),
      () => DB.prepare("-- x").all(),
      () => DB.prepare(";").all(),
      () => DB.prepare("/* */").all(),
    );
  },

  batch: async ({ DB }) => {
    await fresh(DB, "CREATE TABLE b (id INTEGER PRIMARY KEY)");
    const insert = DB.prepare("INSERT INTO b VALUES (?)");
    return outcomes(
      () =>
        DB.batch([insert.bind(1), insert.bind(2), DB.prepare("SELECT id FROM b")]).then(results),
      () => DB.batch([insert.bind(3), insert.bind(4), insert.bind(1)]),
      () => DB.prepare("SELECT id FROM b").raw(),
      () => DB.batch([insert.bind(5), DB.prepare("selec")]),
      () => DB.batch([insert.bind(5), DB.prepare("-- nothing")]).then(results),
      () => DB.batch([]),
      () => DB.batch([DB.prepare("-- x")]),
      () => DB.batch(),
      () => DB.batch("x"),
      () => DB.prepare("SELECT id FROM b").raw(),
      () =>
        DB.batch([
          DB.prepare("PRAGMA defer_foreign_keys = on"),
          DB.prepare("PRAGMA defer_foreign_keys"),
        ]).then(results),
    );
  },

  exec: async ({ DB }) => {
    await fresh(DB);
    const run = async (sql) => {
      const { count, duration, ...rest } = await DB.exec(sql);
      return { count, duration: typeof duration, ...rest };
    };
    return outcomes(
      () =>
        run(
          "CREATE TABLE e (a)\nINSERT INTO e VALUES (1)\n\n-- comment\nINSERT INTO e VALUES (2); INSERT INTO e VALUES (3)",
        ),
      () => DB.prepare("SELECT a FROM e").raw(),
      () => run("SELECT\n1"),
      () => run("INSERT INTO e VALUES (4)\nINSERT INTO nope VALUES (1)"),
      () => DB.prepare("SELECT count(*) AS n FROM e").first("n"),
      () => run(""),
      () => run("  \n "),
      () => run("-- x"),
      () => run("INSERT INTO e VALUES (?)"),
      () => DB.exec(5),
      () => DB.exec(),
    );
  },

  sessions: async ({ DB }) => {
    const shape = (bookmark) => bookmark?.replace(/[0-9a-f]/g, "0");
    const session = DB.withSession();
    const before = session.getBookmark();
    await session.prepare("SELECT 1").all();
    const first = session.getBookmark();
    await session.batch([session.prepare("SELECT 1")]);
    const second = session.getBookmark();
    const given = DB.withSession("ffffffff-ffffffff-ffffffff-ffffffffffffffffffffffffffffffff");
    const older = DB.withSession("00000000-00000000-00000000-00000000000000000000000000000000");
    await older.prepare("SELECT 1").all();
    await given.prepare("SELECT 1").all();
    return [
      before,
      shape(first),
      first < second,
      given.getBookmark(),
      older.getBookmark() > second,
      ...(await outcomes(
        () => DB.withSession("first-primary").prepare("SELECT 1 AS a").first(),
        () => DB.withSession(" first-unconstrained ").getBookmark(),
        () => DB.withSession("").getBookmark(),
        () => DB.withSession(null).getBookmark(),
        () => DB.withSession("nonsense").getBookmark(),
        () => DB.withSession("nonsense").prepare("SELECT 1 AS a").first(),
        () => DB.withSession(5),
        () => DB.withSession({}),
        () => session.exec("SELECT 1"),
        () => session.prepare("SELECT nope").all(),
      )),
    ];
  },

  others: ({ DB }) =>
    outcomes(
      () => DB.dump(),
      () => DB.query("SELECT 1"),
      () => structuredClone(DB),
      () => {
        const { prepare } = DB;
        return prepare("SELECT 1");
      },
      () => {
        const { all } = DB.prepare("SELECT 1");
        return all();
      },
      () => new DB.constructor(),
    ),
};
