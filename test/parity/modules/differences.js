/** What drover answers instead of what was recorded, by set, and why. */
import { SETS } from "./sets.js";

const ALL = Object.keys(SETS);

/** Before 2024-12-02 (`disable_top_level_await_in_require`) production runs microtasks within `require`. */
const BEFORE_DECEMBER = ALL.filter((set) => set < "2024-12-02");
const NOT_PERMITTED = "Error: Top-level await in module is not permitted at this time.";
const AWAIT = "No microtask can run within a call: such a module is never waited for.";

/** V8 of Node 20 has other texts, and still knows `assert`. */
const isOldEngine = Number.parseInt(process.versions.node, 10) < 22;
const ENGINE = "The engine's own, which differs by its version.";

/** `answers.json`. */
export const DIFFERENCES = [
  ...["require ./tla.mjs", "require ./tla-pending-2.mjs"].map((name) => ({
    name,
    sets: BEFORE_DECEMBER,
    answer: { throws: NOT_PERMITTED },
    why: AWAIT,
  })),
  ...(isOldEngine
    ? [
        {
          name: "attributes: not an object",
          sets: ALL,
          answer: { error: "TypeError: The 'assert' option must be an object" },
          why: ENGINE,
        },
        {
          name: "attributes: not a string",
          sets: ALL,
          answer: { error: "TypeError: Import assertion value must be a string" },
          why: ENGINE,
        },
        {
          name: "attributes: options without with",
          sets: ALL.filter((set) => /newer rules|2026-11-16/.test(set)),
          answer: { error: "Error: Unrecognized import attributes specified" },
          why: ENGINE,
        },
        {
          name: "attributes: options without with",
          sets: ["2026-11-17"],
          answer: { error: 'TypeError: Module "./note.txt" is not of type "json"' },
          why: ENGINE,
        },
      ]
    : []),
];

/** `started.json`. */
export const START_DIFFERENCES = [
  ...["a require of a pending module", "a require of a module that imports a waiting one"].map(
    (name) => ({ name, sets: BEFORE_DECEMBER, outcome: { fails: NOT_PERMITTED }, why: AWAIT }),
  ),
  {
    name: "a throw of a string",
    sets: ALL,
    outcome: { fails: "a string" },
    why: "Shown as it was thrown.",
  },
  ...(isOldEngine
    ? ["broken JSON", "broken JSON that nobody imports"].map((name) => ({
        name,
        sets: ALL.filter((set) => set !== "2026-11-17" || name === "broken JSON"),
        outcome: { fails: "SyntaxError: Expected property name or '}' in JSON at position 2" },
        why: ENGINE,
      }))
    : []),
];
