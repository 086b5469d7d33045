import { expect, test } from "vitest";
import { RouteTable } from "../../../src/host/route-table.ts";

const table = new RouteTable({
  site: ["example.com/*", "*.example.com/*"],
  api: ["example.com/api/*", "https://secure.example.com/*", "API.example.com"],
  images: ["example.com/api/images*", "example.com/exact"],
  any: ["*example.com/any/*", "http://other.test/a"],
});

test.each([
  ["http:", "example.com", "/", "site"],
  ["http:", "example.com:8787", "/apis", "site"],
  ["http:", "EXAMPLE.com.", "/api/x?y=/z", "api"],
  ["http:", "example.com", "/api/images/1", "images"],
  ["http:", "example.com", "/api/imagesque", "images"],
  ["http:", "example.com", "/exact?a", "images"],
  ["http:", "example.com", "/exact/more", "site"],
  ["http:", "api.example.com", "/deep/path", "api"],
  ["https:", "secure.example.com", "/", "api"],
  ["http:", "secure.example.com", "/", "site"],
  ["http:", "a.b.example.com", "/x", "site"],
  ["http:", "myexample.com", "/any/1", "any"],
  ["http:", "a.example.com", "/any/1", "site"],
  ["http:", "myexample.com", "/", undefined],
  ["http:", "other.test", "/a", "any"],
  ["https:", "other.test", "/a", undefined],
  ["http:", "other.test", "/a/", undefined],
  ["http:", "example.org", "/", undefined],
])("%s//%s%s belongs to %s", (scheme, host, target, worker) => {
  expect(table.find(scheme, host, target)).toBe(worker);
});

test("of two equal routes the first Worker's wins", () => {
  const equal = new RouteTable({ b: ["x.test/*"], a: ["x.test/*"] });
  expect(equal.find("http:", "x.test", "/")).toBe("b");
});
