import { expect, test } from "vitest";
import { requestLine } from "../../../src/cli/logs/json-line.ts";
import type { RequestLogEntry } from "../../../src/protocol/host.ts";

const time = Date.UTC(2026, 10, 30, 1, 2, 3, 4);
const usual: RequestLogEntry = {
  worker: "api",
  method: "GET",
  path: "/a/b",
  status: 200,
  statusText: "OK",
  durationMs: 1.26,
  aborted: false,
  cut: false,
  requestId: "api-1-7",
  traceId: "0123456789abcdef0123456700000007",
};

function expected(entry: RequestLogEntry, more: object = {}): string {
  const { worker, requestId, traceId, method, path, status } = entry;
  const message = `${method} ${path} ${status}`;
  const ids = { ...(requestId && { requestId }), ...(traceId && { traceId }) };
  const [level, type, durationMs] = ["info", "request", 1.3];
  const head = { time: "2026-11-30T01:02:03.004Z", level, type, worker, ...ids, message };
  return JSON.stringify({ ...head, method, path, status, durationMs, ...more });
}

test("a request's line has its fields in their order", () => {
  expect(requestLine(usual, time)).toBe(expected(usual));
  const { requestId: _, traceId: __, ...nameless } = usual;
  expect(requestLine(nameless, time)).toBe(expected(nameless));
  expect(requestLine({ ...usual, aborted: true, cut: true, note: "n" }, time)).toBe(
    expected(usual, { aborted: true, cut: true, note: "n" }),
  );
});

test.each(['/"', "/\\", "/\u0007", "/\u007f", "/ä", "/\u2028", "/\ud800", "/[]#! ~"])(
  "whatever a path holds, the line is JSON: %j",
  (path) => {
    const line = requestLine({ ...usual, path }, time);
    expect(line).toBe(expected({ ...usual, path }));
    expect(JSON.parse(line)).toMatchObject({ path, message: `GET ${path} 200` });
  },
);
