import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { codeAnswer } from "../../../src/host/answer-coding.ts";
import { BODY_STREAM } from "../../../src/protocol/http.ts";

const text = { status: 200, statusText: "", headers: "content-type\ntext/plain", length: -1 };
const plain = { ...text, body: "x".repeat(100) };
const stream = { ...text, body: BODY_STREAM, length: 100 } as const;
const codedAs = (coding: string) => ({
  ...stream,
  headers: `content-type\ntext/plain\ncontent-encoding\n${coding}\ncontent-length\n9`,
});

/** Coding of the answer, "" for none, "415". */
function codingOf(answer: typeof plain | typeof stream, acceptEncoding: string): string {
  const coded = codeAnswer(answer, acceptEncoding, false).answer;
  if (coded.status === 415) return "415";
  return /\ncontent-encoding\n([^\n]*)/i.exec(`\n${coded.headers}`)?.[1] ?? "";
}

/** As wrangler 4.164 answers. */
describe("what a client accepts decides", () => {
  test.each([
    ["", "", "gzip", "br"],
    ["gzip", "gzip", "gzip", "gzip"],
    ["br", "br", "br", "br"],
    ["gzip, br", "gzip", "gzip", "gzip"],
    ["br, gzip", "br", "br", "br"],
    ["gzip, deflate, br, zstd", "gzip", "gzip", "gzip"],
    ["gzip;q=0.5, br;q=1", "br", "br", "br"],
    ["br;q=0.1, gzip;q=0.1", "br", "br", "br"],
    ["identity, gzip", "", "", ""],
    ["gzip, identity", "gzip", "gzip", "gzip"],
    ["identity, gzip;q=0.5", "", "", ""],
    ["deflate", "", "", ""],
    ["identity", "", "", ""],
    ["*", "", "", ""],
    ["GZIP", "", "", ""],
    ["x-gzip", "", "", ""],
    ["gzip;q=0", "", "", ""],
    ["gzip, identity;q=0", "gzip", "gzip", "gzip"],
    ["identity;q=0", "415", "415", "415"],
    ["*;q=0", "415", "415", "415"],
    ["gzip;q=abc", "", "", ""],
    ["br; q=0.9,gzip;Q=1", "br", "br", "br"],
  ])("%j: plain text %j, gzip %j, br %j", (accept, ofPlain, ofGzip, ofBrotli) => {
    expect(codingOf(plain, accept)).toBe(ofPlain);
    expect(codingOf(stream, accept)).toBe(ofPlain);
    expect(codingOf(codedAs("gzip"), accept)).toBe(ofGzip);
    expect(codingOf(codedAs("br"), accept)).toBe(ofBrotli);
  });

  test.each(["zstd", "deflate", "identity", "GZIP"])("%s is opaque bytes", (coding) => {
    expect(codeAnswer(codedAs(coding), "gzip", false).answer).toEqual(codedAs(coding));
    expect(codeAnswer(codedAs(coding), "identity", false).answer).toEqual(codedAs(coding));
  });
});

test.each([
  ["application/json", true],
  ["TEXT/HTML; charset=utf-8", true],
  ["image/svg+xml", true],
  ["application/wasm", true],
  ["image/png", false],
  ["text/event-stream", false],
  ["text/csv", false],
  ["application/octet-stream", false],
])("%s is compressed: %s", (type, isCompressed) => {
  const answer = { ...plain, headers: `content-type\n${type}` };
  expect(codingOf(answer, "gzip")).toBe(isCompressed ? "gzip" : "");
});

test("bytes of an unknown type are compressed", () => {
  expect(codingOf({ ...plain, headers: "" }, "gzip")).toBe("gzip");
});

test.each([
  ["no body", { ...plain, body: null }],
  ["a part of one", { ...plain, status: 206 }],
])("an answer with %s stays as it is", (_what, answer) => {
  expect(codeAnswer(answer, "gzip", false)).toEqual({
    answer,
    recoding: undefined,
    whole: undefined,
  });
});

test("a small body is encoded at once, a large one on its way, that of HEAD not at all", () => {
  const small = codeAnswer(plain, "gzip", false);
  expect(gunzipSync(small.answer.body as Uint8Array).toString()).toBe(plain.body);
  const large = codeAnswer({ ...plain, body: "x".repeat(20_000) }, "gzip", false);
  expect(large).toMatchObject({
    answer: { body: BODY_STREAM, length: -1 },
    recoding: { encode: "gzip" },
  });
  expect(large.whole).toHaveLength(20_000);
  const head = codeAnswer(plain, "gzip", true);
  expect(head).toMatchObject({ answer: { body: BODY_STREAM, length: -1 }, whole: undefined });
});
