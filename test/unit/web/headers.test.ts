import { describe, expect, test } from "vitest";
import {
  guardHeaders,
  Headers,
  headersFromWire,
  headersToWire,
} from "../../../src/web/http/headers.ts";

describe("reading", () => {
  test("combines repeated names and keeps each Set-Cookie", () => {
    const headers = headersFromWire("A\n1\nSet-Cookie\nx=1\na\n2\nset-cookie\ny=2", "none");
    expect(headers.get("a")).toBe("1, 2");
    expect(headers.get("set-cookie")).toBe("x=1, y=2");
    expect(headers.getSetCookie()).toEqual(["x=1", "y=2"]);
    expect(headers.getAll("Set-Cookie")).toEqual(["x=1", "y=2"]);
  });

  test("iterates sorted, in lower case, with every cookie", () => {
    const headers = new Headers([
      ["X-B", "2"],
      ["Set-Cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["A", "1"],
    ]);
    expect([...headers]).toEqual([
      ["a", "1"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-b", "2"],
    ]);
    expect([...headers.keys()]).toEqual(["a", "set-cookie", "set-cookie", "x-b"]);
    expect([...headers.values()]).toEqual(["1", "a=1", "b=2", "2"]);
  });

  test("refuses getAll for anything but Set-Cookie", () => {
    expect(() => new Headers().getAll("a")).toThrow(
      'getAll() can only be used with the header name "Set-Cookie".',
    );
  });
});

describe("the wire", () => {
  test("gives the very same string back when nothing was changed", () => {
    const wire = "Host\nx\nAccept\n*/*";
    const headers = headersFromWire(wire, "immutable");
    headers.get("host");
    expect(headersToWire(headers)).toBe(wire);
  });

  test("keeps the case of names as they were written", () => {
    const headers = new Headers({ "X-Custom": "1" });
    headers.append("x-custom", "2");
    headers.append("Set-Cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    expect(headersToWire(headers)).toBe("X-Custom\n1, 2\nSet-Cookie\na=1\nSet-Cookie\nb=2");
  });

  test("a copy is independent of its source", () => {
    const source = headersFromWire("a\n1", "immutable");
    const copy = new Headers(source);
    copy.set("a", "2");
    expect([source.get("a"), copy.get("a")]).toEqual(["1", "2"]);
  });
});

describe("refusals, with production's texts", () => {
  const bad =
    "Failed to construct 'Headers': constructor parameter 1 is not of type 'Headers or Sequence or object'.";
  test.each([
    [{ "a b": "c" }, "Invalid header name."],
    [{ a: "c\nd" }, "Invalid header value."],
    [{ a: "c\0d" }, "Invalid header value."],
    [
      [["a"]],
      "To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.",
    ],
    [["ab"], "Incorrect type: the provided value is not of type 'Sequence'."],
    [5, bad],
    ["text", bad],
    [null, bad],
  ])("new Headers(%j)", (init, text) => {
    expect(() => new Headers(init as never)).toThrow(new TypeError(text));
  });

  test("a value is trimmed before it is checked", () => {
    expect(new Headers({ a: " \tx\r\n" }).get("a")).toBe("x");
  });

  test("immutable headers cannot be changed and stay as they are", () => {
    const headers = guardHeaders(new Headers({ a: "1" }), "immutable");
    for (const change of [
      () => headers.set("a", "2"),
      () => headers.append("a", "2"),
      () => headers.delete("a"),
    ]) {
      expect(change).toThrow(new TypeError("Can't modify immutable headers."));
    }
    expect(headers.get("a")).toBe("1");
  });
});

test("looks like production's interface: enumerable methods of length 0", () => {
  const get = Object.getOwnPropertyDescriptor(Headers.prototype, "get");
  expect([get?.enumerable, get?.value.length]).toEqual([true, 0]);
  expect(Object.prototype.toString.call(new Headers())).toBe("[object Headers]");
});
