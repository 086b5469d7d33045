/** Groups of cases, each with its real runtime's answers in recorded/; `date`s that it runs at. */
export const GROUPS = [
  "fs",
  "fs-names",
  "fs-paths",
  "fs-async",
  "fs-streams",
  "crypto",
  "pure",
  "stubs",
  "console",
  "hooks",
  "network",
  "scope",
  "servers",
  "streams",
];

export const DATE = "2026-11-17";
