/** Groups of cases of test/state/workers, in the order in which they run. */
export const GROUPS = ["kv"];
