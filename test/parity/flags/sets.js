const NEWEST = "2026-11-17";
const OLD = "2021-11-09";

/** Dates around each change, and flags that no date switches on. */
export const SETS = {
  newest: { date: NEWEST, flags: [] },
  "exponent as a buffer": { date: "2023-11-30", flags: [] },
  "exponent as it was given": { date: "2023-11-30", flags: ["crypto_preserve_public_exponent"] },
  "thenables are no promises": { date: "2024-03-31", flags: [] },
  "thenables are promises": { date: "2024-04-01", flags: [] },
  "other protocols are http": { date: OLD, flags: ["streams_enable_constructors"] },
  "other protocols are http, by flag": {
    date: NEWEST,
    flags: ["fetch_treats_unknown_protocols_as_http"],
  },
  ...Object.fromEntries(
    [
      "immutable_api_prototypes",
      "no_resizable_array_buffer_in_blob",
      "pedantic_wpt",
      "env_module_nullable_support",
      "global_fetch_strictly_public",
      "precise_timers",
      "remove_nodejs_compat_eol_v24",
    ].map((flag) => [flag, { date: NEWEST, flags: [flag] }]),
  ),
};
