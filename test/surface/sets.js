/** The worlds that a Worker can find, as in spec/workerd-surface.json: two dates, without and with Node. */
export const SETS = [
  { name: "2026-01-01", date: "2026-01-01", flags: [] },
  { name: "2026-01-01 nodejs_compat", date: "2026-01-01", flags: ["nodejs_compat"] },
  { name: "2026-11-17", date: "2026-11-17", flags: [] },
  { name: "2026-11-17 nodejs_compat", date: "2026-11-17", flags: ["nodejs_compat"] },
];

/**
 * One list out of what each set shows: by name its texts, each with the sets that show it.
 *
 * @param {readonly Readonly<Record<string, string>>[]} found in the order of SETS
 * @returns {Record<string, Record<string, number[]>>}
 */
export function merge(found) {
  /** @type {Record<string, Record<string, number[]>>} */
  const merged = {};
  for (const [index, texts] of found.entries()) {
    for (const [name, text] of Object.entries(texts)) {
      merged[name] ??= {};
      merged[name][text] ??= [];
      merged[name][text].push(index);
    }
  }
  return merged;
}

/**
 * What one set shows, out of the list.
 *
 * @param {Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>} merged
 * @param {number} index in SETS
 * @returns {Record<string, string>}
 */
export function pick(merged, index) {
  /** @type {Record<string, string>} */
  const texts = {};
  for (const [name, variants] of Object.entries(merged)) {
    const text = Object.keys(variants).find((key) => variants[key]?.includes(index));
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
