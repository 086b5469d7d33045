/** Which Worker the hotkey for reloads is to reload: one is no question, several have a key each. */
import type { Action } from "./hotkeys.ts";

/** 1 to 9, then letters without those that mean something here or end the session. */
const KEYS = "123456789bcdefghijklmnopstuvwyz";

/** Empty for a single Worker. Workers without a key are left to "all". */
export function reloadKeys(
  workers: readonly string[],
  reload: (worker: string | undefined) => void,
): readonly Action[] {
  if (workers.length < 2) return [];
  const single = workers.slice(0, KEYS.length).map((worker, index) => ({
    keys: [KEYS.charAt(index)],
    label: worker,
    run: () => reload(worker),
  }));
  return [...single, { keys: ["a", "r"], label: "all", run: () => reload(undefined) }];
}
