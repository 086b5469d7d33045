import { describe, expect, test } from "vitest";
import { formatColumns } from "../../../src/cli/ui/columns.ts";

const HEADINGS = ["Worker", "Process", "Folder"];
const ROWS = [
  ["api", "1234", "/home/me/projects/api"],
  ["authentication", "5", ""],
];

describe("tables", () => {
  test("stand in columns where there is room, and in files", () => {
    const wide = [
      "Worker          Process  Folder",
      "api             1234     /home/me/projects/api",
      "authentication  5",
    ].join("\n");
    expect(formatColumns(HEADINGS, ROWS)).toBe(wide);
    expect(formatColumns(HEADINGS, ROWS, 46)).toBe(wide);
    // Too narrow for anything.
    expect(formatColumns(HEADINGS, ROWS, 20)).toBe(wide);
  });

  test("put what does not fit below, in columns of its own; what is longer than a line stays whole", () => {
    expect(formatColumns(HEADINGS, ROWS, 45)).toBe(
      [
        "Worker          Process",
        "  Folder",
        "api             1234",
        "  /home/me/projects/api",
        "authentication  5",
      ].join("\n"),
    );
    const long = "x".repeat(60);
    expect(formatColumns(["A", "B", "C"], [[long, "b", "c"]], 40)).toBe(
      ["A", "  B  C", long, "  b  c"].join("\n"),
    );
  });
});
