import { describe, expect, test } from "vitest";
import { hostnameOf, portSuffixOf, routeHost } from "../../../src/host/routing.ts";

const workers = new Set(["api", "Auth", "a.b"]);

describe("routeHost", () => {
  test.each([
    ["api.localhost", "api"],
    ["api.localhost:8787", "api"],
    ["API.LOCALHOST.:1", "api"],
    ["auth.localhost", "Auth"],
    ["a.b.localhost", "a.b"],
  ])("%s names a Worker", (host, name) => {
    expect(routeHost(host, workers, "main")).toEqual({ type: "worker", name });
  });

  test.each(["localhost:8787", "127.0.0.1", "[::1]:8787", "api.example.com", "", "localhost."])(
    "%s goes to the primary",
    (host) => {
      expect(routeHost(host, workers, "main")).toEqual({ type: "worker", name: "main" });
    },
  );

  test("a name under .localhost that no Worker has is unknown", () => {
    expect(routeHost("apii.localhost", workers, "main")).toEqual({ type: "unknown", name: "apii" });
  });
});

test.each([
  ["localhost:80", "localhost", ":80"],
  ["[::1]:80", "[::1]", ":80"],
  ["[::1]", "[::1]", ""],
  ["Example.COM.", "example.com", ""],
])("splits %s into name and port", (host, name, port) => {
  expect([hostnameOf(host), portSuffixOf(host)]).toEqual([name, port]);
});
