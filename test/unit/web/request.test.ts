import { describe, expect, test } from "vitest";
import { AbortController, AbortSignal } from "../../../src/web/events/abort-signal.ts";
import {
  abortRequest,
  Request,
  requestFromWire,
  requestState,
} from "../../../src/web/http/request.ts";
import { streamOf } from "./streams-of.ts";

const wire = {
  method: "POST",
  url: "http://host/path?a=b",
  headers: "Content-Type\ntext/x\nX-A\n1",
  body: "body",
  cf: '{"colo":"TST"}',
};

describe("from the wire", () => {
  test("shows everything, headers immutable", async () => {
    const request = requestFromWire(wire);
    expect(request.method).toBe("POST");
    expect(request.url).toBe("http://host/path?a=b");
    expect(request.headers.get("x-a")).toBe("1");
    expect(request.headers).toBe(request.headers);
    expect(request.cf).toEqual({ colo: "TST" });
    expect(request.cf).toBe(request.cf);
    expect(() => request.headers.set("a", "b")).toThrow("Can't modify immutable headers.");
    expect(await request.text()).toBe("body");
  });

  test("the signal aborts when the client goes, before or after it was looked at", () => {
    const early = requestFromWire(wire);
    const { signal } = early;
    expect(signal.aborted).toBe(false);
    expect(abortRequest(early)).toBe(true);
    expect(signal.reason).toMatchObject({
      name: "AbortError",
      message: "The client has disconnected",
      retryable: true,
    });

    const late = requestFromWire(wire);
    expect(abortRequest(late)).toBe(false);
    const { reason } = late.signal;
    expect(reason).toMatchObject({ name: "AbortError" });
    abortRequest(late);
    expect(late.signal.reason).toBe(reason);
  });

  test("a copy and a clone follow the signal of the original", () => {
    const request = requestFromWire({ ...wire, body: null, method: "GET" });
    const copy = new Request(request);
    const clone = request.clone();
    abortRequest(request);
    expect([copy.signal.aborted, clone.signal.aborted]).toEqual([true, true]);
    expect(requestState(copy).signal).toBeUndefined();
  });
});

describe("construction", () => {
  test("normalizes URL and method", () => {
    const request = new Request("http://X.com/a b#c", { method: "patch" });
    expect([request.url, request.method]).toEqual(["http://x.com/a%20b#c", "PATCH"]);
    expect(new Request(new URL("http://x.com")).url).toBe("http://x.com/");
  });

  test("has production's defaults", () => {
    const request = new Request("http://x");
    expect({
      redirect: request.redirect,
      integrity: request.integrity,
      keepalive: request.keepalive,
      fetcher: request.fetcher,
      cf: request.cf,
      cache: request.cache,
    }).toEqual({
      redirect: "follow",
      integrity: "",
      keepalive: false,
      fetcher: null,
      cf: undefined,
      cache: undefined,
    });
    expect(request.signal).toBeInstanceOf(AbortSignal);
  });

  test("takes the body of another request over, which is then used", async () => {
    const first = new Request("http://x", { method: "POST", body: "x", headers: { a: "b" } });
    const second = new Request(first);
    expect([first.bodyUsed, second.bodyUsed]).toEqual([true, false]);
    expect(second.headers.get("a")).toBe("b");
    expect(await second.text()).toBe("x");
    expect(() => new Request(first)).toThrow(
      new TypeError("Cannot reconstruct a Request with a used body."),
    );
    expect(await new Request(first, { body: "y" }).text()).toBe("y");
  });

  test("takes a request as its options too", async () => {
    const first = new Request("http://x", { method: "POST", body: "x", headers: { a: "b" } });
    const second = new Request("http://y/", first as never);
    expect([second.url, second.method, second.headers.get("a")]).toEqual([
      "http://y/",
      "POST",
      "b",
    ]);
    expect(await second.text()).toBe("x");
  });

  test("headers of the options replace the others", () => {
    const first = new Request("http://x", { headers: { a: "b" } });
    expect([...new Request(first, { headers: { c: "d" } }).headers]).toEqual([["c", "d"]]);
  });

  test("an incoming request can be copied with headers that can be changed", () => {
    const copy = new Request(requestFromWire(wire));
    copy.headers.set("x-a", "2");
    expect(copy.headers.get("x-a")).toBe("2");
    expect(copy.cf).toEqual({ colo: "TST" });
  });

  test("a stream body passes through untouched", async () => {
    const request = new Request("http://x", { method: "PUT", body: streamOf("a", "b") });
    expect(await request.text()).toBe("ab");
  });

  test("shows the very signal that it was given", () => {
    const controller = new AbortController();
    const request = new Request("http://x", { signal: controller.signal });
    expect(request.signal).toBe(controller.signal);
    expect(new Request(request).signal).toBe(controller.signal);
    expect(new Request(request, { signal: null }).signal.aborted).toBe(false);
  });
});

const REDIRECT =
  'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make sense at the edge; use "manual" and check the response status code).';

describe("refusals, with production's texts", () => {
  test.each([
    ["foo", {}, "Invalid URL: foo"],
    ["http://x", { method: "a b" }, "Invalid HTTP method string: a b"],
    ["http://x", { method: "FOO" }, "Invalid HTTP method string: FOO"],
    ["http://x", { body: "x" }, "Request with a GET or HEAD method cannot have a body."],
    ["http://x", { redirect: "error" }, REDIRECT],
    ["http://x", { cache: "default" }, "Unsupported cache mode: default"],
    [
      "http://x",
      { integrity: "x" },
      "Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.",
    ],
    [
      "http://x",
      { signal: 5 },
      "Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'.",
    ],
    [
      "http://x",
      5,
      "Failed to construct 'Request': constructor parameter 2 is not of type 'RequestInitializerDict or Request'.",
    ],
  ])("new Request(%j, %j)", (url, init, text) => {
    expect(() => new Request(url, init as never)).toThrow(new TypeError(text));
  });
});
