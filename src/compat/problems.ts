/** What the runtime, or wrangler before it, refuses about a date or a list of flags, in their words. */
import { DEFAULT_SINCE } from "./dates.ts";
import { OFF_SWITCHES } from "./off-switches.ts";

/** Every name that may stand in `compatibility_flags`. */
export function knownFlags(): readonly string[] {
  return [...Object.keys(DEFAULT_SINCE), ...Object.keys(OFF_SWITCHES)];
}

export interface FlagProblem {
  readonly message: string;
  /** Which of the flags it is about. */
  readonly index: number;
  /** No flag of this name exists. */
  readonly unknown?: string;
}

/** In order of the list. Texts asked of wrangler 4.164 (spec/node.md 1.1). */
export function findFlagProblems(flags: readonly string[]): readonly FlagProblem[] {
  const problems: FlagProblem[] = [];
  for (const [index, name] of flags.entries()) {
    const before = flags.slice(0, index);
    const flag = OFF_SWITCHES[name] ?? name;
    const other = before.find(
      (earlier) => earlier !== name && (OFF_SWITCHES[earlier] ?? earlier) === flag,
    );
    if (name === "experimental:nodejs_compat_v2") {
      problems.push({
        message:
          "The `experimental:` prefix on `nodejs_compat_v2` is no longer valid. Please remove it and try again.",
        index,
      });
    } else if (!Object.hasOwn(DEFAULT_SINCE, flag)) {
      problems.push({ message: `No such compatibility flag: ${name}`, index, unknown: name });
    } else if (before.includes(name)) {
      problems.push({ message: `Compatibility flag specified multiple times: ${name}`, index });
    } else if (other !== undefined) {
      const off = flag === name ? other : name;
      problems.push({
        message: `Compatibility flags are mutually contradictory: ${flag} vs ${off}`,
        index,
      });
    } else if (isNodeCompat(name) && before.some(isNodeCompat)) {
      problems.push({
        message:
          "The `nodejs_compat` and `nodejs_compat_v2` compatibility flags cannot be used in together. Please select just one.",
        index,
      });
    }
  }
  return problems;
}

/** @param today YYYY-MM-DD in UTC */
export function describeFutureDate(date: string, today: string): string | undefined {
  return date > today ? `Compatibility date "${date}" is in the future and unsupported` : undefined;
}

function isNodeCompat(name: string): boolean {
  return name === "nodejs_compat" || name === "nodejs_compat_v2";
}
