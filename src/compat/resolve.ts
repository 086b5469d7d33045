/**
 * Compatibility flags of a Worker from its date and flag list. Pure; the result is also what
 * `Cloudflare.compatibilityFlags` shows.
 */
import { DEFAULT_SINCE, IMPLIED_BY } from "./dates.ts";
import { OFF_SWITCHES } from "./off-switches.ts";

/** All flags with their state; a flag or off-switch in `flags` wins over date and implications. */
export function resolveCompat(
  date: string,
  flags: readonly string[],
): Readonly<Record<string, boolean>> {
  const on = new Set(flags);
  const off = new Set(flags.map((name) => OFF_SWITCHES[name]));
  const isOn = (name: string): boolean => {
    if (on.has(name)) return true;
    if (off.has(name)) return false;
    const since = DEFAULT_SINCE[name];
    if (typeof since === "string" && date >= since) return true;
    const implied = IMPLIED_BY[name] ?? [];
    return implied.some(({ flag, since }) => date >= since && isOn(flag));
  };
  return Object.fromEntries(Object.keys(DEFAULT_SINCE).map((name) => [name, isOn(name)]));
}
