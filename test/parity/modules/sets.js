/** Dates and flags at which the Workers of this folder are asked: around each change of the rules. */
export const SETS = {
  "2022-10-01": { date: "2022-10-01", flags: [] },
  "2022-10-01 with newer rules": {
    date: "2022-10-01",
    flags: ["nodejs_compat", "export_commonjs_default", "throw_on_unrecognized_import_assertion"],
  },
  "2022-10-01 with newer require": {
    date: "2022-10-01",
    flags: ["require_returns_default_export"],
  },
  "2024-12-01": { date: "2024-12-01", flags: [] },
  "2025-06-15": { date: "2025-06-15", flags: [] },
  "2026-11-16": { date: "2026-11-16", flags: [] },
  "2026-11-17": { date: "2026-11-17", flags: [] },
  "2026-11-17 with older rules": {
    date: "2026-11-17",
    flags: [
      "legacy_module_registry",
      "export_commonjs_namespace",
      "ignore_unrecognized_import_assertion",
    ],
  },
};

/** The older registry compiles all files at start, and says no more than that these are wrong. */
export const isWrongFile = (name) => /^bad-/.test(name);

/** Of a set: which files of the folder `worker` there are. */
export const hasWrongFiles = (set) => set === "2026-11-17";

/** Recorded files hold of each set what differs from the one before. */
export function condense(answers) {
  let before = {};
  return Object.fromEntries(
    Object.entries(answers).map(([set, all]) => {
      const known = before;
      before = all;
      const isNew = ([name, answer]) => JSON.stringify(known[name]) !== JSON.stringify(answer);
      return [set, Object.fromEntries(Object.entries(all).filter(isNew))];
    }),
  );
}

/** The reverse of `condense`. */
export function expand(recorded) {
  let before = {};
  return Object.fromEntries(
    Object.entries(recorded).map(([set, own]) => {
      before = { ...before, ...own };
      return [set, before];
    }),
  );
}
