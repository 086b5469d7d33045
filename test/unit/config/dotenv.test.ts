import { expect, test } from "vitest";
import { parseDotEnv } from "../../../src/config/dotenv.ts";

/* Values as wrangler 4.164 gave them to a Worker from the same .dev.vars file. */
const cases: [title: string, text: string, expected: Record<string, string>][] = [
  ["a comment behind a value", "A=1 # c", { A: "1" }],
  ["# in a value", "G=a#b", { G: "a" }],
  ["# in quotes", "export B='x # y'", { B: "x # y" }],
  ["a comment behind quotes", "export C = 'q' # z", { C: "q" }],
  ["a comment line", "#D=1\n  # E=1\nF=2", { F: "2" }],
  ["several lines in double quotes", 'C="l1\nl2"\nD=1', { C: "l1\nl2", D: "1" }],
  ["several lines in single quotes", "Q='multi\nline'", { Q: "multi\nline" }],
  ["several lines in backticks", "R=`m\nl`", { R: "m\nl" }],
  ["other quotes in backticks", 'D=`q"`', { D: 'q"' }],
  ["= in a value", "F=a=b", { F: "a=b" }],
  ["no value", "G=\nH=1", { G: "", H: "1" }],
  ["empty quotes", "J=\"\"\nK=''", { J: "", K: "" }],
  ["\\n in double quotes", 'H="a\\nb"', { H: "a\nb" }],
  ["\\n in single quotes", "I='a\\nb'", { I: "a\\nb" }],
  ["other escapes in double quotes", 'S="a\\r\\tb\\\\n"', { S: "a\r\\tb\\\n" }],
  ["escaped quotes", 'M="a\\"b"', { M: 'a\\"b' }],
  ["JSON in double quotes", 'K="{\\"a\\": 1}"', { K: '{\\"a\\": 1}' }],
  ["spaces around", " J = sp   ", { J: "sp" }],
  ["a colon", "K: colon", { K: "colon" }],
  ["quotes inside single quotes", "L='it''s'", { L: "it''s" }],
  ["two quoted words", 'U="a" "b"', { U: 'a" "b' }],
  ["text behind quotes", "I='x'y", { I: "'x'y" }],
  ["an unclosed quote", 'E="unclosed\nF=2', { E: '"unclosed', F: "2" }],
  ["an unclosed quote before empty ones", 'E="open\nF=2\nJ=""', { E: '"open', F: "2", J: "" }],
  ["a dollar", 'P="$"', { P: "$" }],
  ["dots, dashes and digits in names", "L.M=1\nN-O=2\n2=3", { "L.M": "1", "N-O": "2", 2: "3" }],
  ["no name", "=v\nnovalue\nA=1", { A: "1" }],
  ["CRLF", 'A=1\r\nB="x\r\ny"\r\n', { A: "1", B: "x\ny" }],
  ["a byte order mark", "\uFEFFA=1", { A: "1" }],
  ["the same name twice", "A=1\nA=2", { A: "2" }],
  ["an empty file", "", {}],
];

test.each(cases)("%s", (_title, text, expected) => {
  expect(parseDotEnv(text)).toEqual(expected);
});
