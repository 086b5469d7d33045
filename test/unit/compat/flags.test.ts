import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_SINCE } from "../../../src/compat/dates.ts";
import { findBehavioursOfLaterDates, findIneffectiveFlags } from "../../../src/compat/effects.ts";
import { OFF_SWITCHES } from "../../../src/compat/off-switches.ts";
import { findFlagProblems } from "../../../src/compat/problems.ts";
import { resolveCompat } from "../../../src/compat/resolve.ts";

interface Recorded {
  /** What each off-switch switches off: the runtime calls the two contradictory. */
  readonly offSwitches: Readonly<Record<string, string>>;
  readonly dates: Readonly<
    Record<
      string,
      {
        /** Flags that are on by the date alone. */
        readonly on: readonly string[];
        /** Flags and off-switches that alone change something else than their own state. */
        readonly also: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
      }
    >
  >;
}

/** Asked of workerd 2026-11-17; flags of Python, which cannot run here, left out. */
const recorded = JSON.parse(
  readFileSync(new URL("../../data/compat-flags.json", import.meta.url), "utf8"),
) as Recorded;

const flags = Object.keys(DEFAULT_SINCE).filter((name) => !name.includes("python"));

test("every flag has the off-switches of the real runtime", () => {
  expect(OFF_SWITCHES).toEqual(recorded.offSwitches);
});

describe.each(Object.entries(recorded.dates))("at %s", (date, { on, also }) => {
  const byDate = Object.fromEntries(flags.map((flag) => [flag, on.includes(flag)]));
  const states = (...names: string[]) =>
    Object.fromEntries(
      Object.entries(resolveCompat(date, names)).filter(([name]) => !name.includes("python")),
    );

  test("flags are on by default as in production", () => {
    expect(states()).toEqual(byDate);
  });

  test("each flag and off-switch does what it does in production", () => {
    const switches = Object.entries(recorded.offSwitches);
    const named = [...flags.map((flag) => [flag, flag]), ...switches] as [string, string][];
    for (const [name, flag] of named) {
      if (name.includes("python")) continue;
      const changed = also[name] ?? { [flag]: name === flag };
      expect(states(name), name).toEqual({ ...byDate, ...changed });
    }
  });
});

test("implications end where the implying flag is off", () => {
  const none = resolveCompat("2026-11-17", ["no_nodejs_compat", "no_nodejs_compat_v2"]);
  const { nodejs_zlib, enable_nodejs_fs_module, nodejs_compat_populate_process_env } = none;
  expect([nodejs_zlib, enable_nodejs_fs_module, nodejs_compat_populate_process_env]).toEqual([
    false,
    false,
    false,
  ]);
});

test.each<[string[], string]>([
  [["nonesuch"], "No such compatibility flag: nonesuch"],
  [
    ["nodejs_als", "no_nodejs_als"],
    "Compatibility flags are mutually contradictory: nodejs_als vs no_nodejs_als",
  ],
  [
    ["url_original", "url_standard"],
    "Compatibility flags are mutually contradictory: url_standard vs url_original",
  ],
  [["nodejs_als", "nodejs_als"], "Compatibility flag specified multiple times: nodejs_als"],
  [
    ["nodejs_compat", "nodejs_compat_v2"],
    "The `nodejs_compat` and `nodejs_compat_v2` compatibility flags cannot be used in together. Please select just one.",
  ],
  [
    ["experimental:nodejs_compat_v2"],
    "The `experimental:` prefix on `nodejs_compat_v2` is no longer valid. Please remove it and try again.",
  ],
])("%j is refused", (names, message) => {
  expect(findFlagProblems(names).map((problem) => problem.message)).toEqual([message]);
});

test("flags that ask for what drover does anyway need no word, others do", () => {
  const names = ["url_standard", "no_rpc", "cots_on_external_fetch", "temporal", "nodejs_compat"];
  expect(findIneffectiveFlags(names)).toEqual([
    {
      index: 2,
      name: "cots_on_external_fetch",
      effect: "The flag has no effect: drover always behaves as with no_cots_on_external_fetch.",
    },
    { index: 3, name: "temporal", effect: "The flag has no effect: drover behaves as without it." },
  ]);
});

test("what an older date would change is named, but for what a Worker cannot see here", () => {
  expect(findBehavioursOfLaterDates("2026-11-17", [])).toEqual([]);
  expect(findBehavioursOfLaterDates("2025-07-31", [])).toEqual([]);
  expect(findBehavioursOfLaterDates("2025-01-01", [])).toEqual([]);
  expect(findBehavioursOfLaterDates("2024-06-01", [])).toContain(
    "handle_cross_request_promise_resolution",
  );
  const older = findBehavioursOfLaterDates("2022-01-01", []);
  expect(older).toContain("handle_cross_request_promise_resolution");
  const named = findBehavioursOfLaterDates("2022-01-01", [
    "no_handle_cross_request_promise_resolution",
  ]);
  expect(named).not.toContain("handle_cross_request_promise_resolution");
  expect(older.filter((name) => /^(python|queue|r2|rpc)_/.test(name))).toEqual([]);
});

test("what changes nothing in the real runtime is not named", () => {
  expect(findBehavioursOfLaterDates("2026-05-01", [])).toEqual([]);
  const without = ["no_nodejs_compat", "no_nodejs_compat_v2"];
  expect(findBehavioursOfLaterDates("2026-11-17", without)).toEqual([]);
  expect(findBehavioursOfLaterDates("2025-08-31", ["nodejs_compat"])).toEqual([]);
});
