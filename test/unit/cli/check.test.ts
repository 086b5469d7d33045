import { describe, expect, test } from "vitest";
import { findMissing, judge, parseCheck } from "../../../src/cli/smoke/check.ts";

describe("a check", () => {
  test.each([
    ["/", { method: "GET", worker: undefined, target: "/", status: [{ from: 100, to: 499 }] }],
    ["GET /a?b=c 200", { method: "GET", target: "/a?b=c", status: [{ from: 200, to: 200 }] }],
    ["get / 404", { method: "GET", target: "/", status: [{ from: 404, to: 404 }] }],
    ["POST api:/items 2xx", { method: "POST", worker: "api", status: [{ from: 200, to: 299 }] }],
    ["GET https://x.test/y <400", { target: "https://x.test/y", status: [{ from: 100, to: 399 }] }],
    [
      "GET / 200 contains:a contains:b",
      {
        bodyRules: [
          { type: "contains", value: "a" },
          { type: "contains", value: "b" },
        ],
      },
    ],
    [
      'GET / contains:"two words" 200'.replace(" 200", ""),
      { bodyRules: [{ type: "contains", value: "two words" }] },
    ],
    ["GET / contains:it's", { bodyRules: [{ type: "contains", value: "it's" }] }],
    [`POST / 201 body:'{"id": 1}'`, { body: '{"id": 1}' }],
    [
      "GET / header:content-type=text/html header:x-id",
      {
        headers: [
          { name: "content-type", value: "text/html" },
          { name: "x-id", value: undefined },
        ],
      },
    ],
    ['GET / send:authorization="Bearer a=b"', { send: { authorization: "Bearer a=b" } }],
  ])("%s", (text, expected) => {
    expect(parseCheck(text)).toMatchObject(expected);
  });

  test.each([
    ["", "expected a path"],
    ["GET", "expected a path"],
    ["GET users", "expected a path"],
    ["GET / 99", '"99" is no status'],
    ["GET / includes:x", '"includes:x" is no status and no rule'],
    ['GET / contains:"open', "a quote is not closed"],
    ["GET / send:x", '"send:x" is no status and no rule'],
  ])("%j is refused with exit code 2", (text, problem) => {
    let thrown: unknown;
    try {
      parseCheck(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "CHECK_SYNTAX", exitCode: 2 });
    expect((thrown as Error).message).toContain(problem);
  });
});

describe("a response", () => {
  const response = (status: number, body: string, headers: Record<string, string> = {}) => ({
    status,
    body,
    headers: new Headers(headers),
    ms: 1,
  });

  test.each([
    ["/", response(404, ""), undefined],
    ["/", response(500, "boom"), "status 500, expected 100 to 499: boom"],
    ["/ 200", response(204, ""), "status 204, expected 200: (empty body)"],
    ["/ contains:Ada", response(200, "Hi Ada"), undefined],
    ["/ contains:Bob", response(200, "Hi\n Ada"), 'no "Bob" in: Hi Ada'],
    ["/ header:x-id", response(200, ""), 'no header "x-id"'],
    ["/ header:x-id=1", response(200, "", { "X-Id": "2" }), 'header "x-id" is "2", expected "1"'],
    ["/ header:x-id=1", response(200, "", { "X-Id": "1" }), undefined],
  ])("to %s", (check, answer, failure) => {
    expect(judge(parseCheck(check), answer)).toBe(failure);
  });
});

test.each([
  [{ a: 1 }, { a: 1, b: 2 }, undefined],
  [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2, d: 3 }] } }, undefined],
  [{ a: { b: [1] } }, { a: { b: [1, 2] } }, '"a.b" has 2 items, expected 1'],
  [{ a: { b: [1] } }, { a: { b: [2] } }, '"a.b.0" is 2, expected 1'],
  [{ a: null }, {}, '"a" is missing, expected null'],
  [[1], { 0: 1 }, 'the JSON is {"0":1}, expected a list'],
  [{ toString: 1 }, {}, '"toString" is missing, expected 1'],
  ["x", "x", undefined],
])("JSON %j is wanted of %j: %s", (wanted, actual, failure) => {
  expect(findMissing(wanted, actual, "")).toBe(failure);
});
