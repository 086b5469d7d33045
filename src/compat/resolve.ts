/**
 * Compatibility flags of a Worker from its date and flag list. Pure; the result is also what
 * `Cloudflare.compatibilityFlags` shows.
 */
import { DEFAULT_SINCE, IMPLIED_BY } from "./dates.ts";
import { OFF_SWITCHES } from "./off-switches.ts";

export type CompatFlags = Readonly<Record<string, boolean>>;

/** A session asks several times for each of its Workers, which mostly have the same date and flags. */
const KEPT = 16;
const resolved: Map<string, CompatFlags> = new Map();

/** All flags with their state; a flag or off-switch in `flags` wins over date and implications. */
export function resolveCompat(date: string, flags: readonly string[]): CompatFlags {
  const key = [date, ...flags].join(" ");
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const result = Object.freeze(compute(date, flags));
  if (resolved.size === KEPT) resolved.clear();
  resolved.set(key, result);
  return result;
}

function compute(date: string, flags: readonly string[]): CompatFlags {
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
