/** Groups of cases of test/state/workers, in the order in which they run. */
export const GROUPS = [
  "kv",
  "d1",
  "d1-sql",
  "r2",
  "r2-list",
  "r2-more",
  "cache",
  "cache-hits",
  "small",
];
