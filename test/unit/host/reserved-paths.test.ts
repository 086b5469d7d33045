import { expect, test } from "vitest";
import { refuseReserved } from "../../../src/host/reserved-paths.ts";

test.each([
  ["localhost:8787", "", undefined],
  ["127.0.0.1", "", undefined],
  ["[::1]:8787", "http://localhost:3000", undefined],
  ["api.localhost:8787", "http://web.localhost", undefined],
  ["shop.example", "https://shop.example", undefined],
  ["evil.example", "", "Invalid Host header"],
  ["localhost.evil.example", "", "Invalid Host header"],
  ["192.168.1.4:8787", "", "Invalid Host header"],
  ["", "", "Invalid Host header"],
  ["localhost", "http://evil.example", "Invalid Origin header"],
  ["localhost", "null", "Invalid Origin header"],
])("host %j with origin %j: %s", (host, origin, refusal) => {
  expect(refuseReserved(host, origin, ["shop.example"])).toBe(refusal);
});
