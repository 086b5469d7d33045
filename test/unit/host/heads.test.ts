import { describe, expect, test } from "vitest";
import { readRequestHead } from "../../../src/host/request-head.ts";
import { readResponseHead } from "../../../src/host/response-head.ts";

const lines = (headers: string): string[] => headers.split("\n");

describe("readRequestHead", () => {
  test("joins headers in order and replaces what the client accepts", () => {
    const head = readRequestHead(
      ["Host", "a:1", "X-A", "1", "Accept-Encoding", "zstd", "x-a", "2"],
      "10.0.0.1",
    );
    expect(lines(head.headers)).toEqual([
      ...["Host", "a:1", "X-A", "1", "x-a", "2"],
      ...["CF-Connecting-IP", "10.0.0.1", "Accept-Encoding", "br, gzip"],
    ]);
    expect(head).toMatchObject({ host: "a:1", acceptEncoding: "zstd", hasBody: false });
  });

  test("keeps the client's own CF-Connecting-IP", () => {
    const head = readRequestHead(["cf-connecting-ip", "1.2.3.4"], "10.0.0.1");
    expect(head.headers).toBe("cf-connecting-ip\n1.2.3.4\nAccept-Encoding\nbr, gzip");
  });

  test("hides headers of the connection and drover's own", () => {
    const raw = ["TE", "x", "Expect", "x", "Keep-Alive", "x", "Transfer-Encoding", "chunked"];
    const own = ["Connection", "keep-alive, X-Foo", "MF-Route-Override", "b"];
    const head = readRequestHead([...raw, ...own], "::1");
    expect(lines(head.headers)).toEqual([
      ...["CF-Connecting-IP", "::1"],
      ...["Accept-Encoding", "br, gzip"],
    ]);
    expect(head.override).toBe("b");
  });

  test("shows of a WebSocket's connection what production shows", () => {
    const raw = ["Connection", "keep-alive, Upgrade", "Upgrade", "websocket"];
    const head = readRequestHead(raw, "::1", true);
    expect(lines(head.headers).slice(0, 4)).toEqual([
      "Connection",
      "Upgrade",
      "Upgrade",
      "websocket",
    ]);
  });

  test("hides the wish for another protocol", () => {
    const raw = ["Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AA"];
    expect(lines(readRequestHead(raw, "::1").headers)[0]).toBe("CF-Connecting-IP");
  });

  test.each([
    [["Content-Length", "5"], true],
    [["Content-Length", "0"], false],
    [["transfer-encoding", "chunked"], true],
    [[], false],
  ])("%j has a body: %s", (raw, hasBody) => {
    expect(readRequestHead(raw, "").hasBody).toBe(hasBody);
  });

  test("reads values as UTF-8, which Node hands over as Latin-1", () => {
    const value = Buffer.from("žluť").toString("latin1");
    expect(lines(readRequestHead(["x", value], "").headers)[1]).toBe("žluť");
  });
});

describe("readResponseHead", () => {
  test("drops framing headers and keeps repeated ones", () => {
    const headers =
      "set-cookie\na\nContent-Length\n9\nset-cookie\nb\nconnection\nclose\nTransfer-Encoding\nx\nkeep-alive\ny\nx-14-character\nz";
    expect(readResponseHead(headers)).toEqual({
      fields: ["set-cookie", "a", "set-cookie", "b", "x-14-character", "z"],
      contentLength: "9",
      note: "",
    });
  });

  test("what is for the log line is none of the client's business", () => {
    expect(readResponseHead("X-Mf-Additional-Response-Log\ncache: hit\na\nb")).toEqual({
      fields: ["a", "b"],
      contentLength: "",
      note: "cache: hit",
    });
  });

  test("takes no headers at all", () => {
    expect(readResponseHead("").fields).toEqual([]);
  });

  test("writes other than ASCII as UTF-8 bytes", () => {
    expect(readResponseHead("x\nž").fields[1]).toBe(Buffer.from("ž").toString("latin1"));
  });
});
