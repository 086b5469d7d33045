import { expect, test } from "vitest";
import { type FinishedRequest, RequestPacker } from "../../../src/host/request-packer.ts";
import { unpackRequests } from "../../../src/session/unpack-requests.ts";

const usual: FinishedRequest = {
  worker: "api",
  method: "GET",
  path: "/a",
  status: 200,
  statusText: "OK",
  durationMs: 1.25,
  aborted: false,
  cut: false,
  note: undefined,
  idPrefix: undefined,
  number: 7,
  traceSeed: undefined,
  traceparent: "",
};
const seed = "0123456789abcdef01234567";

/** As it travels: what is shared is in it once. */
function travel(...requests: readonly FinishedRequest[]) {
  const packer = new RequestPacker();
  for (const request of requests) packer.add(request);
  return { pack: packer.pack, entries: unpackRequests(structuredClone(packer.pack)) };
}

test("a request without ids has none", () => {
  const { entries } = travel(usual);
  expect(entries).toStrictEqual([
    {
      worker: "api",
      method: "GET",
      path: "/a",
      status: 200,
      statusText: "OK",
      durationMs: 1.25,
      aborted: false,
      cut: false,
    },
  ]);
});

test("requests keep their order and what differs", () => {
  const { pack, entries } = travel(
    { ...usual, idPrefix: "api-1-", traceSeed: seed },
    { ...usual, path: "/b", aborted: true, number: 8, durationMs: 3, note: "" },
    {
      ...usual,
      worker: "web",
      method: "POST",
      status: 500,
      statusText: "",
      cut: true,
      note: "(x)",
    },
  );
  expect(entries).toMatchObject([
    { path: "/a", requestId: "api-1-7", traceId: `${seed}00000007`, aborted: false },
    { path: "/b", aborted: true, cut: false, note: "", durationMs: 3 },
    { worker: "web", method: "POST", status: 500, statusText: "", cut: true, note: "(x)" },
  ]);
  expect(pack.texts).toEqual([...new Set(pack.texts)]);
});

test("a client's trace id is the request's", () => {
  const given = "4bf92f3577b34da6a3ce929d0e0e4736";
  const ids = { ...usual, idPrefix: "api-1-", traceSeed: seed };
  const { entries } = travel(
    { ...ids, traceparent: `00-${given.toUpperCase()}-00f067aa0ba902b7-01` },
    { ...ids, number: 8, traceparent: "nonsense" },
    { ...ids, traceSeed: undefined, number: 9 },
  );
  expect(entries.map(({ traceId }) => traceId)).toEqual([given, `${seed}00000008`, undefined]);
});
