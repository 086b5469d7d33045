import { expect, test } from "vitest";
import { isBlank, splitText } from "../../../src/resources/d1/text.ts";

const texts = (sql: string): string[] => splitText(sql).map(({ text }) => text);

test("a text of empty lines and lines of comment is blank", () => {
  for (const sql of ["", " \n ", "-- a\n  -- b\n"]) expect(isBlank(sql), sql).toBe(true);
  for (const sql of [";", "/* */", "SELECT 1", "-- a\nSELECT 1"]) {
    expect(isBlank(sql), sql).toBe(false);
  }
});

test("statements come with what stands before them, later ones without white space", () => {
  expect(texts("  SELECT 1; \n /* c */ SELECT 2;")).toEqual(["  SELECT 1;", "/* c */ SELECT 2;"]);
  expect(texts("SELECT 1 -- at the end")).toEqual(["SELECT 1"]);
});

test.each(["", ";", "/* */", "SELECT 1;;", "SELECT 1; ; SELECT 2", "SELECT 1; -- end"])(
  "an empty statement is an error: %j",
  (sql) => {
    expect(() => splitText(sql)).toThrow(new Error("SQL code did not contain a statement."));
  },
);
