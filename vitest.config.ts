import { defineConfig } from "vitest/config";

/*
 * Four projects, one after the other, cheapest first. unit and contract import src/ (fast, no build
 * needed); integration starts real threads and e2e spawns the real binary, both from dist/.
 * The time-outs are for hangs alone: no test passes or fails by how fast the machine is.
 */
const expectations = { poll: { timeout: 30_000, interval: 10 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/wpt/*.test.ts", "test/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: expectations,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/conformance/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: expectations,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
