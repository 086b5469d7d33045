import { describe, expect, test } from "vitest";
import { HostMap } from "../../../src/host/host-map.ts";

/** As wrangler 4.164 maps them with `--host example.com`. */
const map = new HostMap(
  { protocol: "http:", host: "localhost:8787" },
  { protocol: "http:", host: "example.com" },
);

describe("request headers", () => {
  test.each([
    ["Host", "localhost:8787", "example.com"],
    ["Origin", "http://localhost:8787", "http://example.com"],
    ["Origin", "https://localhost:8787", "http://example.com"],
    ["Origin", "http://evil.test", "http://evil.test"],
    ["Origin", "http://localhost:1", "http://localhost:1"],
    ["Origin", "null", "null"],
    [
      "Referer",
      "http://localhost:8787/page?x=http://localhost:8787",
      "http://example.com/page?x=http://localhost:8787",
    ],
    ["X-Other", "http://localhost:8787", "http://example.com"],
    ["X-Other", "localhost:8787", "localhost:8787"],
    ["X-Other", "http://localhost:8787.evil.test/", "http://localhost:8787.evil.test/"],
  ])("%s: %s", (name, value, expected) => {
    expect(map.toWorker(`${name}\n${value}\nA\nb`)).toBe(`${name}\n${expected}\nA\nb`);
  });
});

describe("response headers", () => {
  test.each([
    [
      "Location",
      "http://example.com/x?r=http://example.com/y",
      "http://localhost:8787/x?r=http://example.com/y",
    ],
    ["Location", "https://example.com/x", "http://localhost:8787/x"],
    ["Location", "http://example.com", "http://localhost:8787"],
    ["Location", "http://example.com:80/q", "http://localhost:8787/q"],
    ["Location", "//example.com/x", "//example.com/x"],
    ["Location", "/rel", "/rel"],
    ["Location", "http://sub.example.com/x", "http://sub.example.com/x"],
    ["Location", "http://example.com.evil.test/q", "http://example.com.evil.test/q"],
    [
      "Link",
      "<http://example.com/a>, <http://example.com/b>",
      "<http://localhost:8787/a>, <http://localhost:8787/b>",
    ],
    ["Refresh", "0;url=http://example.com", "0;url=http://localhost:8787"],
    ["Access-Control-Allow-Origin", "http://example.com", "http://localhost:8787"],
    ["Set-Cookie", "a=b; Domain=example.com; Path=/", "a=b; Domain=localhost; Path=/"],
    ["Set-Cookie", "a=b; domain=Example.com", "a=b; domain=localhost"],
    // Means the same; wrangler leaves it, and the browser then drops the cookie.
    ["Set-Cookie", "a=b; Domain=.example.com", "a=b; Domain=localhost"],
    ["Set-Cookie", "a=b; Domain=other.com", "a=b; Domain=other.com"],
    [
      "Set-Cookie",
      "a=example.com; Domain=sub.example.com",
      "a=example.com; Domain=sub.example.com",
    ],
    ["Set-Cookie", "a=http://example.com/; Secure", "a=http://example.com/; Secure"],
  ])("%s: %s", (name, value, expected) => {
    expect(map.toClient(`${name}\n${value}\nA\nb`)).toBe(`${name}\n${expected}\nA\nb`);
  });

  test("a host with a port is compared with it", () => {
    const other = new HostMap(
      { protocol: "https:", host: "127.0.0.1:1" },
      { protocol: "https:", host: "example.com:8443" },
    );
    const headers = "Location\nhttps://example.com:8443/a\nX\nhttps://example.com/b";
    expect(other.toClient(headers)).toBe(
      "Location\nhttps://127.0.0.1:1/a\nX\nhttps://example.com/b",
    );
  });
});
