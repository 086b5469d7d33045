import { describe, expect, test } from "vitest";
import { parametersOf, splitStatements } from "../../../src/storage/sql/statements.ts";
import { nameOf, tokenize } from "../../../src/storage/sql/tokens.ts";

const texts = (sql: string): string[] => splitStatements(sql).map(({ text }) => text);

describe("splitting SQL into statements", () => {
  test("ends a statement at each semicolon outside of quotes and comments", () => {
    expect(texts(`SELECT ';', "a;b", [c;d], \`e;f\` -- ;\n; /* ; */ SELECT 2;SELECT 3 `)).toEqual([
      `SELECT ';', "a;b", [c;d], \`e;f\` -- ;\n;`,
      "SELECT 2;",
      "SELECT 3",
    ]);
  });

  test("leaves out comments and empty statements", () => {
    expect(texts("; -- x\n;; /* y */ ; SELECT 1 ;;")).toEqual(["SELECT 1 ;"]);
    expect(texts(" /* open")).toEqual([]);
    expect(texts("")).toEqual([]);
  });

  test("keeps a trigger's body together, whatever it holds", () => {
    const trigger =
      "CREATE TEMP TRIGGER IF NOT EXISTS t AFTER INSERT ON x BEGIN UPDATE x SET a = CASE WHEN 1 THEN 2 END; SELECT 'end'; END;";
    expect(texts(`${trigger} SELECT 1; EXPLAIN ${trigger}`)).toEqual([
      trigger,
      "SELECT 1;",
      `EXPLAIN ${trigger}`,
    ]);
    expect(
      texts("CREATE TABLE trigger_log (a); BEGIN; END; CREATE TABLE b (trigger)"),
    ).toHaveLength(4);
  });

  test("knows where each begins, in UTF-16 units, and takes the rest of a broken text as one", () => {
    expect(
      splitStatements(" /* 😀 */ SELECT '😀'; SELECT 'open; x").map(({ start }) => start),
    ).toEqual([10, 23]);
    expect(texts("SELECT 'open; x; y")).toEqual(["SELECT 'open; x; y"]);
  });

  test("takes megabytes in one string or comment", () => {
    const long = "x''".repeat(2_000_000);
    expect(texts(`SELECT '${long}'; SELECT /*${"*".repeat(4_000_000)}*/ 2`)).toHaveLength(2);
  });

  test("names the first word", () => {
    const keywords = splitStatements('select 1; /* x */ Begin; "x"').map(({ keyword }) => keyword);
    expect(keywords).toEqual(["SELECT", "BEGIN", ""]);
  });
});

describe("parameters", () => {
  const parameters = (sql: string) => parametersOf(splitStatements(sql)[0] as never);

  test("count by SQLite's rules", () => {
    expect(parameters("SELECT ?, ?, '?', \"?\" /* ? */").count).toBe(2);
    expect(parameters("SELECT ?3, ?").count).toBe(4);
    expect(parameters("SELECT ?5, ?2").count).toBe(5);
    expect(parameters("SELECT :a, @b, $c::d(e), :a, ?")).toEqual({
      count: 4,
      names: [":a", "@b", "$c::d(e)", null],
    });
    expect(parameters("SELECT a->>'$.x', b[1], 0x1F, 1e5").count).toBe(0);
  });
});

test("names are read out of every kind of quotes", () => {
  const sql = `a "b""c" \`d\`\`e\` [f g] 'h''i'`;
  expect(tokenize(sql).map((token) => nameOf(sql, token))).toEqual([
    "a",
    'b"c',
    "d`e",
    "f g",
    "h'i",
  ]);
});
