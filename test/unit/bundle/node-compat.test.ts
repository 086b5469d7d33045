import { expect, test } from "vitest";
import { nodeCompatMode } from "../../../src/bundle/node/mode.ts";

test.each([
  ["2024-09-23", ["nodejs_compat"], "v2"],
  ["2024-09-22", ["nodejs_compat"], "v1"],
  ["2023-01-01", ["nodejs_compat_v2"], "v2"],
  ["2025-01-01", ["nodejs_compat", "no_nodejs_compat_v2"], "v1"],
  ["2026-08-03", [], "none"],
  ["2026-08-04", [], "v2"],
  ["2026-08-04", ["no_nodejs_compat"], "v2"],
  ["2026-08-04", ["no_nodejs_compat", "no_nodejs_compat_v2"], "none"],
  ["2025-01-01", ["nodejs_als"], "als"],
])("date %s with %j is %s", (date, flags, mode) => {
  expect(nodeCompatMode(date, flags)).toBe(mode);
});
