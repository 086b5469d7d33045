/**
 * The compatibility date and flags of one Worker: what production's tools refuse is refused, what
 * drover does not act on is said.
 */
import { findBehavioursOfLaterDates, findIneffectiveFlags } from "../compat/effects.ts";
import { describeFutureDate, findFlagProblems, knownFlags } from "../compat/problems.ts";
import { nearest } from "../util/nearest.ts";
import { DEFAULT_COMPATIBILITY_DATE } from "./defaults.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { EffectiveConfig } from "./environments.ts";
import { createConfigError } from "./errors.ts";
import type { ConfigFlags } from "./flags.ts";
import { optional, strings } from "./settings.ts";
import type { UnsupportedFeature } from "./types.ts";
import { describeDateProblem } from "./validate.ts";

export interface Compatibility {
  readonly date: string;
  readonly flags: readonly string[];
  /** Flags that were named and change nothing. */
  readonly unsupported: readonly UnsupportedFeature[];
  readonly laterBehaviour: readonly string[];
}

/**
 * @param hasFile false: nobody is told to add a date to a config that is not there
 * @throws UserError FLAG_VALUE for an impossible --compatibility-date or --compatibility-flags
 */
export function chooseCompatibility(
  flags: ConfigFlags,
  config: EffectiveConfig,
  hasFile: boolean,
  diagnostics: Diagnostics,
): Compatibility {
  const date = chooseDate(flags, config, hasFile, diagnostics);
  const names = chooseFlags(flags, config, diagnostics);
  return {
    date,
    flags: names,
    unsupported: findIneffectiveFlags(names).map(({ index, name, effect }) => ({
      key: `${flags.compatibilityFlags === undefined ? "compatibility_flags" : "--compatibility-flags"} (${name})`,
      effect,
      position:
        flags.compatibilityFlags === undefined
          ? diagnostics.positionOf(config.pathOf(["compatibility_flags", index]))
          : undefined,
    })),
    laterBehaviour: findBehavioursOfLaterDates(date, names),
  };
}

function chooseDate(
  flags: ConfigFlags,
  config: EffectiveConfig,
  hasFile: boolean,
  diagnostics: Diagnostics,
): string {
  const today = new Date().toISOString().slice(0, 10);
  const { compatibilityDate } = flags;
  if (compatibilityDate !== undefined) {
    const problem =
      describeDateProblem(compatibilityDate) ?? describeFutureDate(compatibilityDate, today);
    if (problem === undefined) return compatibilityDate;
    throw createConfigError("FLAG_VALUE", `--compatibility-date: ${problem}`);
  }
  const date = optional(config.raw.compatibility_date, "string");
  if (date === undefined) {
    if (hasFile) {
      diagnostics.warn(
        `No compatibility_date was specified. Using the default compatibility date: ${DEFAULT_COMPATIBILITY_DATE}.\n` +
          `Add compatibility_date = "${DEFAULT_COMPATIBILITY_DATE}" to the configuration, or pass --compatibility-date.`,
      );
    }
    return DEFAULT_COMPATIBILITY_DATE;
  }
  const problem = describeFutureDate(date, today);
  if (problem !== undefined) {
    diagnostics.error(problem, config.pathOf(["compatibility_date"]), "value");
  }
  return date;
}

function chooseFlags(
  flags: ConfigFlags,
  config: EffectiveConfig,
  diagnostics: Diagnostics,
): readonly string[] {
  const given = flags.compatibilityFlags;
  const names = given ?? strings(config.raw.compatibility_flags);
  for (const { message, index, unknown } of findFlagProblems(names)) {
    const suggestion = unknown === undefined ? undefined : nearest(unknown, knownFlags());
    const text = suggestion === undefined ? message : `${message}. Did you mean "${suggestion}"?`;
    if (given !== undefined)
      throw createConfigError("FLAG_VALUE", `--compatibility-flags: ${text}`);
    diagnostics.error(text, config.pathOf(["compatibility_flags", index]), "value");
  }
  return names;
}
